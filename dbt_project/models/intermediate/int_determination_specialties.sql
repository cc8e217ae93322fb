with letters as (
    select * from {{ ref('int_letters_current') }}
),

stated as (
    {{ unnest_with_position('letters', 'case_key', 'specialties', 'specialty', 'position') | indent(4) }}
),

cleaned as (
    select
        case_key,
        {{ squeeze_spaces('specialty') }} as specialty,
        min(position) as first_position
    from stated
    where {{ squeeze_spaces('specialty') }} <> ''
    group by case_key, {{ squeeze_spaces('specialty') }}
),

every_case as (
    select
        letters.case_key,
        cleaned.specialty is not null as is_stated,
        coalesce(cleaned.specialty, 'Not stated') as specialty,
        row_number() over (
            partition by letters.case_key
            order by cleaned.first_position
        ) as specialty_position
    from letters
    left join cleaned
        on letters.case_key = cleaned.case_key
)

select
    {{ joined_key(['case_key', 'specialty_position']) }} as determination_specialty_key,
    case_key,
    {{ dbt.hash('specialty') }} as specialty_key,
    specialty,
    is_stated,
    specialty_position
from every_case
