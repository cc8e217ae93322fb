with texts as (
    select * from {{ ref('int_text_body_parts') }}
),

rules as (
    select
        *,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like,
        {{ dbt.concat(["' '", dbt.split_part('phrase', "'%'", 1)]) }} as first_words
    from {{ ref('body_regions') }}
)

select
    {{ joined_text(['texts.text_key', 'rules.rule_id'], '-') }} as text_region_phrase_key,
    texts.text_key,
    rules.rule_id,
    rules.body_region,
    rules.unless_pattern,
    texts.part_words
from texts
inner join rules
    on
        {{ text_position('texts.part_words', 'rules.first_words') }} > 0
        and texts.part_words like rules.words_like
