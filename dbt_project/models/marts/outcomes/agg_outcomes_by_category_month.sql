with decisions as (
    select
        *,
        cast({{ dbt.date_trunc('month', 'decision_date') }} as date) as decision_month
    from {{ ref('fct_decisions') }}
)

select
    {{ joined_key(['decisions.treatment_category', month_key('decisions.decision_month')]) }} as outcome_key,
    decisions.treatment_category,
    {{ month_key('decisions.decision_month') }} as month_key,
    decisions.decision_month,
    {{ decision_outcome_counts('decisions') | indent(4) }}
from decisions
group by decisions.treatment_category, decisions.decision_month
