with determinations as (
    select
        *,
        cast({{ dbt.date_trunc('month', 'decision_date') }} as date) as decision_month
    from {{ ref('fct_determinations') }}
)

select
    {{ month_key('determinations.decision_month') }} as month_key,
    determinations.decision_month,
    {{ outcome_counts('determinations') | indent(4) }}
from determinations
group by determinations.decision_month
