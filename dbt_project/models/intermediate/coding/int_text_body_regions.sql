with phrases as (
    select * from {{ ref('int_text_region_phrases') }}
)

select
    {{ joined_text(['text_key', 'body_region'], '-') }} as text_body_region_key,
    text_key,
    body_region
from phrases
where unless_pattern is null or not {{ matches_pattern('part_words', 'unless_pattern') }}
group by text_key, body_region
