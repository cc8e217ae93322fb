with summed as (
    select
        'agg_outcomes_by_month' as mart,
        coalesce(sum(decision_count), 0) as decision_count,
        coalesce(sum(upheld_count), 0) as upheld_count,
        coalesce(sum(overturned_count), 0) as overturned_count,
        coalesce(sum(partially_overturned_count), 0) as partially_overturned_count,
        coalesce(sum(modified_count), 0) as modified_count
    from {{ ref('agg_outcomes_by_month') }}
    union all
    select
        'agg_outcomes_by_category_month' as mart,
        coalesce(sum(decision_count), 0) as decision_count,
        coalesce(sum(upheld_count), 0) as upheld_count,
        coalesce(sum(overturned_count), 0) as overturned_count,
        coalesce(sum(partially_overturned_count), 0) as partially_overturned_count,
        coalesce(sum(modified_count), 0) as modified_count
    from {{ ref('agg_outcomes_by_category_month') }}
    union all
    select
        'agg_outcomes_by_claim_age' as mart,
        coalesce(sum(decision_count), 0) as decision_count,
        coalesce(sum(upheld_count), 0) as upheld_count,
        coalesce(sum(overturned_count), 0) as overturned_count,
        coalesce(sum(partially_overturned_count), 0) as partially_overturned_count,
        coalesce(sum(modified_count), 0) as modified_count
    from {{ ref('agg_outcomes_by_claim_age') }}
    union all
    select
        'agg_outcomes_by_request_kind' as mart,
        coalesce(sum(decision_count), 0) as decision_count,
        coalesce(sum(upheld_count), 0) as upheld_count,
        coalesce(sum(overturned_count), 0) as overturned_count,
        coalesce(sum(partially_overturned_count), 0) as partially_overturned_count,
        coalesce(sum(modified_count), 0) as modified_count
    from {{ ref('agg_outcomes_by_request_kind') }}
    union all
    select
        'agg_outcomes_by_evidence' as mart,
        coalesce(sum(decision_count), 0) as decision_count,
        coalesce(sum(upheld_count), 0) as upheld_count,
        coalesce(sum(overturned_count), 0) as overturned_count,
        coalesce(sum(partially_overturned_count), 0) as partially_overturned_count,
        coalesce(sum(modified_count), 0) as modified_count
    from {{ ref('agg_outcomes_by_evidence') }}
    union all
    select
        'agg_outcomes_by_drug_class_month' as mart,
        coalesce(sum(decision_count), 0) as decision_count,
        coalesce(sum(upheld_count), 0) as upheld_count,
        coalesce(sum(overturned_count), 0) as overturned_count,
        coalesce(sum(partially_overturned_count), 0) as partially_overturned_count,
        coalesce(sum(modified_count), 0) as modified_count
    from {{ ref('agg_outcomes_by_drug_class_month') }}
),

decisions as (
    select
        'all' as subject,
        count(*) as decision_count,
        count(case when outcome = 'upheld' then 1 end) as upheld_count,
        count(case when outcome = 'overturned' then 1 end) as overturned_count,
        count(case when outcome = 'partially_overturned' then 1 end) as partially_overturned_count,
        count(case when is_modified then 1 end) as modified_count
    from {{ ref('fct_decisions') }}
    union all
    select
        'pharmaceuticals' as subject,
        count(*) as decision_count,
        count(case when outcome = 'upheld' then 1 end) as upheld_count,
        count(case when outcome = 'overturned' then 1 end) as overturned_count,
        count(case when outcome = 'partially_overturned' then 1 end) as partially_overturned_count,
        count(case when is_modified then 1 end) as modified_count
    from {{ ref('fct_decisions') }}
    where treatment_category = 'Pharmaceuticals'
)

select
    summed.mart,
    summed.decision_count as mart_decision_count,
    decisions.decision_count,
    summed.upheld_count as mart_upheld_count,
    decisions.upheld_count,
    summed.overturned_count as mart_overturned_count,
    decisions.overturned_count,
    summed.partially_overturned_count as mart_partially_overturned_count,
    decisions.partially_overturned_count,
    summed.modified_count as mart_modified_count,
    decisions.modified_count
from summed
inner join decisions
    on
        case
            when summed.mart = 'agg_outcomes_by_drug_class_month' then 'pharmaceuticals'
            else 'all'
        end = decisions.subject
where
    summed.decision_count <> decisions.decision_count
    or summed.upheld_count <> decisions.upheld_count
    or summed.overturned_count <> decisions.overturned_count
    or summed.partially_overturned_count <> decisions.partially_overturned_count
    or summed.modified_count <> decisions.modified_count
