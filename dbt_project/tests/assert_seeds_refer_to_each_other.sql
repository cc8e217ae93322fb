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
