{# A hundred years of days, reduced to the years of the data. #}
with numbers as (
    {{ dbt.generate_series(36525) | indent(4) }}
),

bounds as (
    select
        cast({{ dbt.date_trunc('year', 'min(decision_date)') }} as date) as first_day,
        cast({{ dbt.last_day('max(decision_date)', 'year') }} as date) as last_day
    from {{ ref('fct_determinations') }}
),

days as (
    select
        bounds.last_day,
        cast({{ dbt.dateadd('day', 'numbers.generated_number - 1', 'bounds.first_day') }} as date) as date_day
    from bounds
    cross join numbers
),

weekdays as (
    select
        date_day,
        -- The first of January 2001 was a Monday, and no decision is older.
        mod({{ dbt.datediff("cast('2001-01-01' as date)", 'date_day', 'day') }}, 7) + 1 as weekday_number
    from days
    where date_day <= last_day
),

thursdays as (
    select
        date_day,
        weekday_number,
        -- An ISO week belongs to the year of its Thursday.
        cast({{ dbt.dateadd('day', '4 - weekday_number', 'date_day') }} as date) as thursday
    from weekdays
)

select
    date_day,
    cast(extract(year from date_day) as {{ dbt.type_int() }}) as year_number,
    cast(extract(quarter from date_day) as {{ dbt.type_int() }}) as quarter_number,
    cast(extract(month from date_day) as {{ dbt.type_int() }}) as month_number,
    cast({{ dbt.date_trunc('month', 'date_day') }} as date) as month_start,
    cast(extract(year from thursday) as {{ dbt.type_int() }}) as iso_year,
    cast(
        floor({{ dbt.datediff(dbt.date_trunc('year', 'thursday'), 'thursday', 'day') }} / 7) + 1
        as {{ dbt.type_int() }}
    ) as iso_week,
    cast(weekday_number as {{ dbt.type_int() }}) as weekday_number,
    case weekday_number
        when 1 then 'Monday'
        when 2 then 'Tuesday'
        when 3 then 'Wednesday'
        when 4 then 'Thursday'
        when 5 then 'Friday'
        when 6 then 'Saturday'
        when 7 then 'Sunday'
    end as weekday_name,
    weekday_number >= 6 as is_weekend
from thursdays
