with decisions as (
    select
        *,
        coalesce(drug_class, 'Not recognised') as any_drug_class,
        cast({{ dbt.date_trunc('month', 'decision_date') }} as date) as decision_month
    from {{ ref('fct_decisions') }}
    where treatment_category = 'Pharmaceuticals'
)

select
    {{ joined_key(['decisions.any_drug_class', month_key('decisions.decision_month')]) }} as outcome_key,
    decisions.any_drug_class as drug_class,
    {{ month_key('decisions.decision_month') }} as month_key,
    decisions.decision_month,
    {{ decision_outcome_counts('decisions') | indent(4) }}
from decisions
group by decisions.any_drug_class, decisions.decision_month
