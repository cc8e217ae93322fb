with letters as (
    select * from {{ ref('int_letters_current') }}
),

aliases as (
    select
        specialty,
        {{ match_text('printed_specialty') }} as match_text
    from {{ ref('specialty_aliases') }}
),

names as (
    select distinct
        match_text,
        specialty
    from aliases
),

stated as (
    {{ unnest_with_position(
        'letters',
        'letter_id',
        'specialties',
        'printed_specialty',
        'position',
    ) | indent(4) }}
),

printed as (
    select distinct printed_specialty from stated
),

named as (
    select
        printed.printed_specialty,
        names.specialty is not null as is_listed,
        coalesce(names.specialty, {{ squeeze_spaces('printed.printed_specialty') }}) as specialty
    from printed
    left join names
        on {{ match_text('printed.printed_specialty') }} = names.match_text
    where {{ squeeze_spaces('printed.printed_specialty') }} <> ''
),

cleaned as (
    select
        stated.letter_id,
        stated.position,
        named.is_listed,
        named.specialty,
        {{ squeeze_spaces('stated.printed_specialty') }} as printed_specialty
    from stated
    inner join named
        on stated.printed_specialty = named.printed_specialty
),

first_mentions as (
    select
        *,
        row_number() over (
            partition by letter_id, specialty
            order by position
        ) as mention
    from cleaned
),

every_case as (
    select
        letters.case_key,
        letters.letter_id,
        letters.load_number,
        letters.loaded_at,
        first_mentions.printed_specialty,
        first_mentions.specialty is not null as is_stated,
        coalesce(first_mentions.is_listed, true) as is_listed,
        coalesce(first_mentions.specialty, 'Not stated') as specialty,
        cast(
            row_number() over (
                partition by letters.letter_id
                order by first_mentions.position
            ) as {{ dbt.type_bigint() }}
        ) as specialty_position
    from letters
    left join first_mentions
        on
            letters.letter_id = first_mentions.letter_id
            and first_mentions.mention = 1
)

select
    {{ joined_key(['case_key', 'specialty_position']) }} as determination_specialty_key,
    case_key,
    letter_id,
    {{ dbt.hash('specialty') }} as specialty_key,
    specialty,
    printed_specialty,
    is_stated,
    is_listed,
    specialty_position,
    load_number,
    loaded_at
from every_case
