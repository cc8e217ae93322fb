with chapters as (
    select distinct
        source,
        chapter,
        era
    from {{ ref('guideline_chapters') }}
),

editions as (
    select
        editions.source,
        editions.chapter,
        editions.edition_year,
        count(*) as row_count,
        count(chapters.chapter) as known_count
    from {{ ref('guideline_editions') }} as editions
    left join chapters
        on
            editions.source = chapters.source
            and editions.chapter = chapters.chapter
            and editions.era = chapters.era
    group by editions.source, editions.chapter, editions.edition_year
),

figures as (
    select
        published.figure,
        published.year,
        published.period,
        published.publisher,
        published.basis,
        count(*) as row_count,
        count(definitions.figure) as known_count
    from {{ ref('published_figures') }} as published
    left join {{ ref('figure_definitions') }} as definitions
        on published.figure = definitions.figure
    group by
        published.figure,
        published.year,
        published.period,
        published.publisher,
        published.basis
),

{# Of postsurgical treatment, the sections are listed behind a colon. #}
chapter_parts as (
    select
        parts.source,
        parts.chapter,
        parts.part,
        count(distinct parts.is_main) as row_count,
        count(distinct chapters.chapter) as known_count
    from {{ ref('chapter_regions') }} as parts
    left join chapters
        on
            parts.source = chapters.source
            and {{ dbt.split_part('parts.chapter', "':'", 1) }} = chapters.chapter
    group by parts.source, parts.chapter, parts.part
),

treatments as (
    select
        procedure as treatment,
        'procedure' as kind
    from {{ ref('procedures') }}
    union all
    select distinct
        drug_class as treatment,
        'drug_class' as kind
    from {{ ref('drugs') }}
),

words as (
    select
        words.kind,
        words.treatment,
        words.phrase,
        count(*) as row_count,
        count(treatments.treatment) as known_count
    from {{ ref('treatment_words') }} as words
    left join treatments
        on
            words.kind = treatments.kind
            and words.treatment = treatments.treatment
    group by words.kind, words.treatment, words.phrase
)

select
    'guideline_editions' as seed,
    {{ joined_text(['source', 'chapter', 'edition_year'], ' ') }} as listed,
    row_count,
    known_count
from editions
where row_count <> 1 or known_count <> 1
union all
select
    'published_figures' as seed,
    {{ joined_text(['figure', 'year', 'period', 'publisher', 'basis'], ' ') }} as listed,
    row_count,
    known_count
from figures
where row_count <> 1 or known_count <> 1
union all
select
    'chapter_regions' as seed,
    {{ joined_text(['source', 'chapter', 'part'], ' ') }} as listed,
    row_count,
    known_count
from chapter_parts
where row_count <> 1 or known_count <> 1
union all
select
    'treatment_words' as seed,
    {{ joined_text(['kind', 'treatment', 'phrase'], ' ') }} as listed,
    row_count,
    known_count
from words
where row_count <> 1 or known_count <> 1
