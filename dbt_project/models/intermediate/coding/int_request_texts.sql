with requests as (
    select * from {{ ref('int_requests') }}
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
        request_text
    from said
    group by text_key, request_text
)

select
    text_key,
    request_text,
    {{ request_words('request_text') }} as request_words
from texts
