with letters as (
    select * from {{ ref('int_letters_current') }}
),

chapters as (
    select distinct
        source,
        chapter,
        era,
        {{ match_text('printed_title') }} as match_text
    from {{ ref('guideline_chapters') }}
),

citations as (
    select
        stated.citation_key,
        stated.decision_key,
        stated.letter_id,
        letters.case_key,
        stated.citation_number,
        stated.cited_by,
        stated.cited_source,
        stated.title,
        stated.edition_year as cited_year,
        stated.sections,
        stated.pages,
        stated.edition,
        stated.citation_text,
        letters.load_number,
        letters.loaded_at,
        {{ list_size('stated.sections') }} > 0 as has_sections
    from {{ ref('stg_imr__citations') }} as stated
    inner join letters
        on stated.letter_id = letters.letter_id
),

{# There are far fewer titles than citations, and matching them is the expensive part. #}
titles as (
    select distinct
        cited_source,
        title
    from citations
    where title is not null
),

known_titles as (
    select
        titles.cited_source,
        titles.title,
        chapters.chapter,
        chapters.era,
        nullif({{ squeeze_spaces('titles.title') }}, '') as printed_title
    from titles
    left join chapters
        on
            titles.cited_source = chapters.source
            and {{ match_text('titles.title') }} = chapters.match_text
),

{# Only the schedule has editions; the year of other guidelines is that of an update or article. #}
named as (
    select
        citations.citation_key,
        citations.decision_key,
        citations.letter_id,
        citations.case_key,
        citations.citation_number,
        citations.cited_by,
        citations.cited_source,
        citations.cited_year,
        citations.has_sections,
        citations.sections,
        citations.pages,
        citations.edition,
        citations.citation_text,
        citations.load_number,
        citations.loaded_at,
        known_titles.printed_title,
        known_titles.era,
        known_titles.chapter is not null as is_chapter_known,
        case
            when known_titles.chapter is not null then known_titles.chapter
            when known_titles.printed_title is null then 'Not stated'
            else 'Not in the list'
        end as chapter,
        case
            when
                citations.cited_source = 'MTUS' and known_titles.chapter is not null
                then citations.cited_year
        end as edition_year
    from citations
    left join known_titles
        on
            citations.cited_source = known_titles.cited_source
            and citations.title = known_titles.title
)

select
    citation_key,
    decision_key,
    letter_id,
    case_key,
    citation_number,
    cited_by,
    {{ guideline_key('cited_source', 'chapter', 'edition_year') }} as guideline_key,
    cited_source,
    chapter,
    edition_year,
    cited_year,
    era,
    printed_title,
    is_chapter_known,
    has_sections,
    sections,
    pages,
    edition,
    citation_text,
    load_number,
    loaded_at
from named
