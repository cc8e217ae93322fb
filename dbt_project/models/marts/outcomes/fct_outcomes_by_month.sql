with determinations as (
    select
        *,
        cast({{ dbt.date_trunc('month', 'decision_date') }} as date) as decision_month
    from {{ ref('fct_determinations') }}
)

select
    coalesce(
        substring(cast(determinations.decision_month as {{ dbt.type_string() }}), 1, 7),
        'unknown'
    ) as month_key,
    determinations.decision_month,
    {{ outcome_counts('determinations') | indent(4) }}
from determinations
group by determinations.decision_month
