{{ config(
    materialized='incremental',
    incremental_strategy='replace_by',
    unique_key='text_key',
    on_schema_change='fail'
) }}

with texts as (
    {{ rows_to_code('int_request_texts', 'first_load_number') | indent(4) }}
)

{{ laterality_by('texts', keys=['text_key', 'first_load_number'], words='request_words') }}
