with marts as (
    select
        'agg_outcomes_by_month' as mart,
        decision_count,
        overturned_count,
        overturn_rate,
        overturn_rate_low,
        overturn_rate_high
    from {{ ref('agg_outcomes_by_month') }}
    union all
    select
        'agg_outcomes_by_category_month' as mart,
        decision_count,
        overturned_count,
        overturn_rate,
        overturn_rate_low,
        overturn_rate_high
    from {{ ref('agg_outcomes_by_category_month') }}
    union all
    select
        'agg_outcomes_by_drug_class_month' as mart,
        decision_count,
        overturned_count,
        overturn_rate,
        overturn_rate_low,
        overturn_rate_high
    from {{ ref('agg_outcomes_by_drug_class_month') }}
    union all
    select
        'agg_outcomes_by_guideline_month' as mart,
        decision_count,
        overturned_count,
        overturn_rate,
        overturn_rate_low,
        overturn_rate_high
    from {{ ref('agg_outcomes_by_guideline_month') }}
    union all
    select
        'agg_outcomes_by_specialty' as mart,
        decision_count,
        overturned_count,
        overturn_rate,
        overturn_rate_low,
        overturn_rate_high
    from {{ ref('agg_outcomes_by_specialty') }}
    union all
    select
        'agg_outcomes_by_specialty_month' as mart,
        decision_count,
        overturned_count,
        overturn_rate,
        overturn_rate_low,
        overturn_rate_high
    from {{ ref('agg_outcomes_by_specialty_month') }}
    union all
    select
        'agg_outcomes_by_claim_age' as mart,
        decision_count,
        overturned_count,
        overturn_rate,
        overturn_rate_low,
        overturn_rate_high
    from {{ ref('agg_outcomes_by_claim_age') }}
    union all
    select
        'agg_outcomes_by_request_kind' as mart,
        decision_count,
        overturned_count,
        overturn_rate,
        overturn_rate_low,
        overturn_rate_high
    from {{ ref('agg_outcomes_by_request_kind') }}
    union all
    select
        'agg_outcomes_by_evidence' as mart,
        decision_count,
        overturned_count,
        overturn_rate,
        overturn_rate_low,
        overturn_rate_high
    from {{ ref('agg_outcomes_by_evidence') }}
)

select
    mart,
    decision_count,
    overturned_count,
    overturn_rate,
    overturn_rate_low,
    overturn_rate_high
from marts
where
    (decision_count = 0 and (overturn_rate is not null or overturn_rate_low is not null))
    or (
        decision_count > 0
        and (
            overturn_rate is null
            or overturn_rate_low is null
            or overturn_rate_high is null
            or abs(overturn_rate * decision_count - overturned_count) > 0.000001
            or overturn_rate_low > overturn_rate
            or overturn_rate_high < overturn_rate
        )
    )
