{{ config(
    materialized='incremental',
    incremental_strategy='replace_by',
    unique_key='text_key',
    on_schema_change='fail'
) }}

with phrases as (
    {{ rows_to_code('int_text_region_phrases', 'first_load_number') | indent(4) }}
)

select
    {{ joined_text(['text_key', 'body_region'], '-') }} as text_body_region_key,
    text_key,
    body_region,
    first_load_number
from phrases
where unless_pattern is null or not {{ matches_pattern('part_words', 'unless_pattern') }}
group by text_key, body_region, first_load_number
