{{ config(
    materialized='incremental',
    incremental_strategy='replace_by',
    unique_key='text_key',
    on_schema_change='fail'
) }}

with texts as (
    {{ rows_to_code('int_request_texts', 'first_loaded_at') | indent(4) }}
),

set_asides as (
    select
        *,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like
    from {{ ref('region_set_asides') }}
),

to_set_aside as (
    select
        texts.text_key,
        {{ joined_rows('set_asides.pattern', '|') }} as pattern
    from texts
    inner join set_asides
        on texts.request_words like set_asides.words_like
    group by texts.text_key
)

select
    texts.text_key,
    texts.first_loaded_at,
    case
        when to_set_aside.pattern is null then texts.request_words
        else {{ replace_pattern_of_column('texts.request_words', 'to_set_aside.pattern', ' ') }}
    end as part_words
from texts
left join to_set_aside
    on texts.text_key = to_set_aside.text_key
