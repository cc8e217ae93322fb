with texts as (
    select * from {{ ref('int_request_texts') }}
)

{{ laterality_by('texts', keys=['text_key'], words='request_words') }}
