with by_treatment as (
    select
        treatments.treatment_category,
        count(*) as decision_count
    from {{ ref('fct_decisions') }} as decisions
    inner join {{ ref('dim_treatments') }} as treatments
        on decisions.treatment_key = treatments.treatment_key
    group by treatments.treatment_category
),

counted as (
    select
        (select coalesce(sum(decision_count), 0) from by_treatment) as category_sum,
        (select count(*) from {{ ref('fct_decisions') }}) as decision_count,
        (select count(*) from {{ ref('rpt_coding') }}) as coding_count
)

select
    category_sum,
    decision_count,
    coding_count
from counted
where category_sum <> decision_count or coding_count <> decision_count
