with citations as (
    select * from {{ source('imr', 'citations') }}
)

select
    {{ joined_key(['letter_id', 'decision_number', 'citation_number']) }} as citation_key,
    {{ joined_key(['letter_id', 'decision_number']) }} as decision_key,
    letter_id,
    decision_number,
    citation_number,
    cited_by,
    source as cited_source,
    trim(title) as title,
    year as edition_year,
    sections,
    pages,
    edition,
    raw as citation_text,
    run_id,
    coalesce(load_number, 0) as load_number,
    loaded_at
from citations
