with months as (
    select * from {{ ref('agg_outcomes_by_month') }}
),

categories as (
    select
        decision_month,
        decision_count,
        upheld_count,
        overturned_count,
        {{ joined_text(["'category'", 'treatment_category'], ' ') }} as subject
    from {{ ref('agg_outcomes_by_category_month') }}
),

drug_classes as (
    select
        decision_month,
        decision_count,
        upheld_count,
        overturned_count,
        {{ joined_text(["'drug class'", 'drug_class'], ' ') }} as subject
    from {{ ref('agg_outcomes_by_drug_class_month') }}
),

several as (
    select
        decision_month,
        count(*) as determination_count
    from {{ ref('fct_determinations') }}
    where decision_count > 1 and not is_outcome_inferred
    group by decision_month
),

subjects as (
    select
        decision_month,
        'all' as subject,
        decision_count,
        upheld_count,
        overturned_count
    from months
    union all
    select
        decision_month,
        subject,
        decision_count,
        upheld_count,
        overturned_count
    from categories
    union all
    select
        decision_month,
        subject,
        decision_count,
        upheld_count,
        overturned_count
    from drug_classes
),

counts as (
    select
        decision_month,
        subject,
        'decisions' as counted,
        decision_count as amount
    from subjects
    union all
    select
        decision_month,
        subject,
        'upheld' as counted,
        upheld_count as amount
    from subjects
    union all
    select
        decision_month,
        subject,
        'overturned' as counted,
        overturned_count as amount
    from subjects
    union all
    select
        decision_month,
        'all' as subject,
        'determinations' as counted,
        determination_count as amount
    from months
    union all
    select
        decision_month,
        'all' as subject,
        'determinations of several decisions' as counted,
        determination_count as amount
    from several
)

select
    {{ joined_key([month_key('decision_month'), 'subject', 'counted']) }} as count_key,
    decision_month,
    subject,
    counted,
    amount
from counts
