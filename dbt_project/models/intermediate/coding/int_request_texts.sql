{{ config(
    materialized='incremental',
    incremental_strategy='replace_by',
    unique_key='text_key',
    on_schema_change='fail'
) }}

with requests as (
    {{ rows_to_code('int_requests', 'load_number', 'first_load_number', key=none) | indent(4) }}
),

said as (
    select
        disputed_text_key as text_key,
        disputed_text as request_text,
        load_number,
        loaded_at
    from requests
    union all
    select
        whole_text_key as text_key,
        whole_text as request_text,
        load_number,
        loaded_at
    from requests
),

texts as (
    select
        text_key,
        request_text,
        min(load_number) as first_load_number
    from said
    group by text_key, request_text
)

select
    text_key,
    request_text,
    {{ request_words('request_text') }} as request_words,
    first_load_number
from texts
where {{ is_not_built('text_key') }}
