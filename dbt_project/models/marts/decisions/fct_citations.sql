{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with citations as (
    select * from {{ ref('int_citations_normalised') }}
),

listed as (
    {{ unnest_with_position(
        'citations',
        'citation_key',
        'sections',
        'section',
        'section_number',
    ) | indent(4) }}
),

joined as (
    select
        citation_key,
        {{ joined_in_order('section', '; ', 'section_number') }} as sections
    from listed
    group by citation_key
)

select
    citations.citation_key,
    citations.decision_key,
    citations.letter_id,
    citations.citation_number,
    citations.cited_by,
    citations.guideline_key,
    citations.cited_source,
    citations.chapter,
    citations.is_chapter_known,
    citations.edition_year,
    citations.era,
    citations.printed_title,
    citations.cited_year,
    joined.sections,
    citations.pages,
    citations.edition,
    citations.citation_text,
    citations.load_number,
    citations.loaded_at
from citations
left join joined
    on citations.citation_key = joined.citation_key
