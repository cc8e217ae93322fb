with monthly as (
    select
        coalesce(sum(decision_count), 0) as decision_count,
        coalesce(sum(upheld_count), 0) as upheld_count,
        coalesce(sum(overturned_count), 0) as overturned_count,
        coalesce(sum(partially_overturned_count), 0) as partially_overturned_count,
        coalesce(sum(modified_count), 0) as modified_count
    from {{ ref('fct_outcomes_by_month') }}
),

decisions as (
    select
        count(*) as decision_count,
        count(case when outcome = 'upheld' then 1 end) as upheld_count,
        count(case when outcome = 'overturned' then 1 end) as overturned_count,
        count(case when outcome = 'partially_overturned' then 1 end) as partially_overturned_count,
        count(case when is_modified then 1 end) as modified_count
    from {{ ref('fct_decisions') }}
)

select
    monthly.decision_count as monthly_decision_count,
    decisions.decision_count,
    monthly.upheld_count as monthly_upheld_count,
    decisions.upheld_count,
    monthly.overturned_count as monthly_overturned_count,
    decisions.overturned_count,
    monthly.partially_overturned_count as monthly_partially_overturned_count,
    decisions.partially_overturned_count,
    monthly.modified_count as monthly_modified_count,
    decisions.modified_count
from monthly
cross join decisions
where
    monthly.decision_count <> decisions.decision_count
    or monthly.upheld_count <> decisions.upheld_count
    or monthly.overturned_count <> decisions.overturned_count
    or monthly.partially_overturned_count <> decisions.partially_overturned_count
    or monthly.modified_count <> decisions.modified_count
