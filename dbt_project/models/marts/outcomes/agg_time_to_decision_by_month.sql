{{ config(
    materialized='incremental',
    incremental_strategy='replace_months',
    on_schema_change='fail'
) }}

with determinations as (
    select *
    from {{ ref('fct_determinations') }} as facts
    where {{ is_of_refreshed_month('facts') }}
),

intervals as (
    select
        month_key,
        decision_month,
        'application_to_decision' as time_interval,
        days_application_to_decision as interval_days
    from determinations
    union all
    select
        month_key,
        decision_month,
        'assigned_to_decision' as time_interval,
        days_assigned_to_decision as interval_days
    from determinations
),

{# Dates out of order give no duration. #}
measured as (
    select
        month_key,
        decision_month,
        time_interval,
        case when interval_days >= 0 then interval_days end as measured_days
    from intervals
)

select
    {{ joined_key(['time_interval', 'month_key']) }} as time_key,
    time_interval,
    month_key,
    decision_month,
    count(*) as determination_count,
    count(measured_days) as measured_count,
    cast({{ percentile('measured_days', 0.5) }} as {{ type_double() }}) as median_days,
    cast({{ percentile('measured_days', 0.9) }} as {{ type_double() }}) as p90_days,
    count(case when measured_days > 30 then 1 end) as over_30_days_count,
    count(case when measured_days > 45 then 1 end) as over_45_days_count,
    {{ safe_divide(
        'count(case when measured_days > 30 then 1 end)',
        'count(measured_days)',
    ) }} as over_30_days_share,
    {{ safe_divide(
        'count(case when measured_days > 45 then 1 end)',
        'count(measured_days)',
    ) }} as over_45_days_share
from measured
group by time_interval, month_key, decision_month
