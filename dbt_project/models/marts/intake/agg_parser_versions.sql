with letters as (
    select * from {{ ref('dim_letters') }}
)

select
    {{ joined_key(['parser_version', 'letter_format', 'extractor']) }} as parser_key,
    parser_version,
    letter_format,
    extractor,
    count(*) as letter_count,
    count(case when is_current then 1 end) as current_letter_count,
    min(loaded_at) as first_loaded_at,
    max(loaded_at) as last_loaded_at
from letters
group by parser_version, letter_format, extractor
