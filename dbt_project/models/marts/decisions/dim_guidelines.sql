with guidelines as (
    select distinct
        guideline_key,
        cited_source as guideline_source,
        chapter,
        edition_year,
        era,
        is_chapter_known
    from {{ ref('fct_citations') }}
),

editions as (
    select * from {{ ref('guideline_editions') }}
),

cited as (
    select
        guidelines.guideline_key,
        guidelines.guideline_source,
        guidelines.chapter,
        guidelines.edition_year,
        guidelines.era,
        guidelines.is_chapter_known,
        true as is_cited,
        case
            when guidelines.edition_year is not null then editions.chapter is not null
        end as is_edition_known
    from guidelines
    left join editions
        on
            guidelines.guideline_source = editions.source
            and guidelines.chapter = editions.chapter
            and guidelines.edition_year = editions.edition_year
),

none_cited as (
    select distinct
        {{ guideline_key("'NONE'", "'None cited'", 'null') }} as guideline_key,
        'NONE' as guideline_source,
        'None cited' as chapter,
        cast(null as {{ dbt.type_int() }}) as edition_year,
        cast(null as {{ dbt.type_string() }}) as era,
        true as is_chapter_known,
        false as is_cited,
        cast(null as {{ dbt.type_boolean() }}) as is_edition_known
    from {{ ref('bdg_decision_guidelines') }}
    where citation_count = 0
),

every_guideline as (
    select * from cited
    union all
    select * from none_cited
)

select
    guideline_key,
    guideline_source,
    chapter,
    edition_year,
    era,
    is_cited,
    is_chapter_known,
    is_edition_known,
    case
        when edition_year is null then chapter
        else {{ joined_text(['chapter', 'edition_year'], ' ') }}
    end as guideline
from every_guideline
