with new_texts as (
    select * from {{ ref('int_request_texts') }}
),

texts as (
    select
        text_key,
        {{ split_text(quantity_text('request_text'), ' ') }} as token_list
    from new_texts
),

number_words as (
    select * from {{ ref('number_words') }}
),

tokens as (
    {{ unnest_with_position('texts', 'text_key', 'token_list', 'token', 'position') | indent(4) }}
),

named as (
    select
        *,
        {{ replace_pattern('token', '[^a-z]+', '') }} as token_word
    from tokens
),

numbered as (
    select
        named.text_key,
        named.position,
        named.token,
        named.token_word,
        number_words.number,
        lag(number_words.number) over (partition by named.text_key order by named.position) as number_before,
        lag(named.token) over (partition by named.text_key order by named.position) as token_before,
        lead(number_words.number) over (partition by named.text_key order by named.position) as number_behind
    from named
    left join number_words
        on named.token_word = number_words.word
),

spelled as (
    select
        text_key,
        position,
        case
            when number is null then token
            when number between 1 and 9 and number_before >= 20 and token_before like '%-' then ''
            when number >= 20 and number_behind between 1 and 9 and token like '%-'
                then cast(number + number_behind as {{ dbt.type_string() }})
            else replace(token, token_word, cast(number as {{ dbt.type_string() }}))
        end as token
    from numbered
),

rejoined as (
    select
        text_key,
        {{ joined_in_order('token', ' ', 'position') }} as quantity_text
    from spelled
    group by text_key
)

select
    new_texts.text_key,
    {{ squeeze_spaces('rejoined.quantity_text') }} as quantity_text
from new_texts
inner join rejoined
    on new_texts.text_key = rejoined.text_key
