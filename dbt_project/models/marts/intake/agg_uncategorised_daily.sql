with decisions as (
    select
        *,
        cast(loaded_at as date) as loaded_on
    from {{ ref('fct_decisions') }}
)

select
    loaded_on,
    count(*) as decision_count,
    count(case when treatment_category = 'uncategorised' then 1 end) as uncategorised_count,
    {{ safe_divide(
        "count(case when treatment_category = 'uncategorised' then 1 end)",
        'count(*)',
    ) }} as uncategorised_share
from decisions
group by loaded_on
