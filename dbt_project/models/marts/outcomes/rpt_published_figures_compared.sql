with published as (
    select * from {{ ref('published_figures') }}
),

definitions as (
    select * from {{ ref('figure_definitions') }}
),

counts as (
    select * from {{ ref('int_counts_by_month') }}
),

defined as (
    select
        published.*,
        definitions.numerator_subject,
        definitions.numerator_counted,
        definitions.denominator_subject,
        definitions.denominator_counted,
        definitions.why_not_reproducible
    from published
    left join definitions
        on published.figure = definitions.figure
),

own as (
    select
        defined.figure,
        defined.publisher,
        defined.basis,
        defined.period_start,
        defined.period_end,
        sum(
            case
                when
                    counts.subject = defined.numerator_subject
                    and counts.counted = defined.numerator_counted
                    then counts.amount
            end
        ) as numerator,
        sum(
            case
                when
                    counts.subject = defined.denominator_subject
                    and counts.counted = defined.denominator_counted
                    then counts.amount
            end
        ) as denominator,
        sum(
            case
                when counts.subject = 'all' and counts.counted = 'determinations' then counts.amount
            end
        ) as determination_count
    from defined
    inner join counts
        on counts.decision_month between defined.period_start and defined.period_end
    group by
        defined.figure,
        defined.publisher,
        defined.basis,
        defined.period_start,
        defined.period_end
),

{# Letters do not state which decision is on a primary service, so that basis is not reproducible. #}
beside as (
    select
        defined.*,
        cast(coalesce(own.determination_count, 0) as {{ dbt.type_bigint() }}) as determination_count,
        case
            when defined.why_not_reproducible is not null then defined.why_not_reproducible
            when defined.basis = 'primary service decisions'
                then 'letters do not distinguish primary services'
        end as why_null,
        case
            when defined.denominator_subject is null then 1e0 * own.numerator
            else {{ safe_divide('coalesce(own.numerator, 0)', 'own.denominator') }}
        end as nearest_value
    from defined
    left join own
        on
            defined.figure = own.figure
            and defined.publisher = own.publisher
            and defined.basis = own.basis
            and defined.period_start = own.period_start
            and defined.period_end = own.period_end
),

valued as (
    select
        *,
        case when why_null is null then nearest_value end as warehouse_value
    from beside
)

select
    {{ joined_key(['year', 'period', 'publisher', 'figure', 'basis']) }} as figure_key,
    year as figure_year,
    period,
    publisher,
    figure,
    unit,
    basis,
    value as published_value,
    is_approximate,
    note,
    cast(warehouse_value as {{ type_double() }}) as warehouse_value,
    cast(warehouse_value - value as {{ type_double() }}) as difference,
    cast(
        case when why_not_reproducible is null then nearest_value end as {{ type_double() }}
    ) as nearest_value,
    determination_count,
    why_null as why_not_reproduced
from valued
