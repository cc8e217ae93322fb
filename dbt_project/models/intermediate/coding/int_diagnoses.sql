with letters as (
    select * from {{ ref('int_letters_ranked') }}
),

diagnoses as (
    {{ unnest_with_position(
        'letters',
        'letter_id',
        'diagnoses',
        'stated_text',
        'text_number',
    ) | indent(4) }}
),

complaints as (
    {{ unnest_with_position(
        'letters',
        'letter_id',
        'complaints',
        'stated_text',
        'text_number',
    ) | indent(4) }}
),

stated as (
    select
        letter_id,
        'diagnosis' as text_kind,
        stated_text,
        text_number
    from diagnoses
    union all
    select
        letter_id,
        'complaint' as text_kind,
        stated_text,
        text_number
    from complaints
),

described as (
    select
        stated.*,
        letters.load_number,
        letters.loaded_at,
        {{ joined_key(['stated.letter_id', 'stated.text_kind', 'stated.text_number']) }} as diagnosis_key,
        {{ request_words('stated.stated_text') }} as text_words
    from stated
    inner join letters
        on stated.letter_id = letters.letter_id
),

texts as (
    select distinct text_words
    from described
    where text_kind = 'diagnosis'
),

sides as (
    {{ laterality_by('texts', keys=['text_words'], words='text_words') | indent(4) }}
)

select
    described.diagnosis_key,
    described.letter_id,
    described.text_kind,
    cast(described.text_number as {{ dbt.type_bigint() }}) as text_number,
    described.stated_text,
    described.text_words,
    sides.laterality,
    described.load_number,
    described.loaded_at
from described
left join sides
    on described.text_words = sides.text_words
