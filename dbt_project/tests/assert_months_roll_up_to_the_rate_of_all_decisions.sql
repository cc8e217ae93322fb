with rolled_up as (
    select
        sum(decision_count) as decision_count,
        {{ safe_divide('sum(overturned_count)', 'sum(decision_count)') }} as overturn_rate
    from {{ ref('agg_outcomes_by_month') }}
),

decisions as (
    select
        count(*) as decision_count,
        {{ safe_divide("count(case when outcome = 'overturned' then 1 end)", 'count(*)') }} as overturn_rate
    from {{ ref('fct_decisions') }}
)

select
    rolled_up.overturn_rate as rate_of_months,
    decisions.overturn_rate,
    decisions.decision_count
from rolled_up
cross join decisions
where
    decisions.decision_count > 0
    and (
        rolled_up.overturn_rate is null
        or abs(rolled_up.overturn_rate - decisions.overturn_rate) > 0.000000001
    )
