with new_texts as (
    select * from {{ ref('int_request_texts') }}
),

texts as (
    select
        text_key,
        {{ split_text('trim(request_words)', ' ') }} as word_list
    from new_texts
),

words as (
    {{ unnest_with_position('texts', 'text_key', 'word_list', 'word', 'word_position') | indent(4) }}
),

runs as (
    select
        text_key,
        word_position,
        word,
        lead(word, 1) over (partition by text_key order by word_position) as second_word,
        lead(word, 2) over (partition by text_key order by word_position) as third_word,
        lead(word, 3) over (partition by text_key order by word_position) as fourth_word
    from words
),

phrases as (
    select
        text_key,
        word_position,
        1 as word_count,
        word as phrase
    from runs
    union all
    select
        text_key,
        word_position,
        2 as word_count,
        {{ dbt.concat(['word', "' '", 'second_word']) }} as phrase
    from runs
    where second_word is not null
    union all
    select
        text_key,
        word_position,
        3 as word_count,
        {{ dbt.concat(['word', "' '", 'second_word', "' '", 'third_word']) }} as phrase
    from runs
    where third_word is not null
    union all
    select
        text_key,
        word_position,
        4 as word_count,
        {{ dbt.concat(['word', "' '", 'second_word', "' '", 'third_word', "' '", 'fourth_word']) }} as phrase
    from runs
    where fourth_word is not null
),

drugs as (
    select
        *,
        trim({{ request_words('name') }}) as plain_name
    from {{ ref('drugs') }}
),

found as (
    select
        phrases.text_key,
        phrases.word_position,
        phrases.word_count,
        drugs.name as drug_name,
        drugs.generic_name,
        drugs.drug_class,
        drugs.topical_class,
        drugs.is_finished_topical,
        drugs.is_minor
    from phrases
    inner join drugs
        on phrases.phrase = drugs.plain_name
),

inside_longer as (
    select distinct
        shorter.text_key,
        shorter.word_position,
        shorter.word_count
    from found as shorter
    inner join found as longer
        on
            shorter.text_key = longer.text_key
            and shorter.word_count < longer.word_count
            and shorter.word_position >= longer.word_position
            and shorter.word_position + shorter.word_count <= longer.word_position + longer.word_count
)

select
    {{ joined_key(['found.text_key', 'found.word_position', 'found.word_count']) }} as text_drug_key,
    found.text_key,
    found.word_position,
    found.drug_name,
    found.generic_name,
    found.drug_class,
    found.topical_class,
    found.is_finished_topical,
    found.is_minor
from found
inner join new_texts
    on found.text_key = new_texts.text_key
left join inside_longer
    on
        found.text_key = inside_longer.text_key
        and found.word_position = inside_longer.word_position
        and found.word_count = inside_longer.word_count
where inside_longer.text_key is null
