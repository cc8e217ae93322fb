with texts as (
    select * from {{ ref('int_request_texts') }}
),

phrases as (
    select
        rule_id,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like,
        {{ dbt.concat(["' '", dbt.split_part('phrase', "'%'", 1)]) }} as first_words
    from {{ ref('treatment_phrases') }}
),

said as (
    select
        texts.text_key,
        texts.request_words,
        phrases.rule_id,
        phrases.first_words
    from texts
    inner join phrases
        on
            {{ text_position('texts.request_words', 'phrases.first_words') }} > 0
            and texts.request_words like phrases.words_like
),

first_said as (
    select
        text_key,
        rule_id,
        request_words,
        min({{ text_position('request_words', 'first_words') }}) as phrase_position
    from said
    group by text_key, rule_id, request_words
)

select
    {{ joined_text(['text_key', 'rule_id'], '-') }} as text_rule_key,
    text_key,
    rule_id,
    request_words,
    phrase_position,
    substring(request_words, 1, phrase_position) as words_before
from first_said
