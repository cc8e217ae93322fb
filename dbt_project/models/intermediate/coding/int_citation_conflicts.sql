with citations as (
    select * from {{ ref('int_citations_normalised') }}
),

parts as (
    select * from {{ ref('int_decision_parts') }}
),

letters as (
    select * from {{ ref('stg_imr__letters') }}
),

summaries as (
    select
        letter_id,
        {{ request_words('clinical_case_summary') }} as summary_words
    from letters
),

chapters as (
    select * from {{ ref('chapter_regions') }}
),

editions as (
    select * from {{ ref('guideline_editions') }}
),

postsurgical as (
    select
        citation_key,
        sections
    from citations
    where chapter = 'Postsurgical Treatment'
),

sections as (
    {{ unnest_with_position(
        'postsurgical',
        'citation_key',
        'sections',
        'section',
        'section_number',
    ) | indent(4) }}
),

cited as (
    select distinct
        citations.decision_key,
        citations.letter_id,
        citations.cited_by,
        citations.cited_source,
        citations.load_number,
        citations.loaded_at,
        case
            when sections.section is null then citations.chapter
            else {{ joined_text(['citations.chapter', 'sections.section'], ': ') }}
        end as chapter
    from citations
    left join sections
        on citations.citation_key = sections.citation_key
),

requested as (
    select
        decision_key,
        {{ joined_rows('part', ', ') }} as part_list
    from parts
    where part <> 'equipment'
    group by decision_key
),

judged as (
    select
        cited.decision_key,
        cited.letter_id,
        cited.cited_by,
        cited.cited_source,
        cited.chapter,
        cited.load_number,
        cited.loaded_at,
        max(case when parts.part is not null then 1 else 0 end) as fits
    from cited
    inner join chapters
        on
            cited.cited_source = chapters.source
            and cited.chapter = chapters.chapter
    left join parts
        on
            cited.decision_key = parts.decision_key
            and chapters.part = parts.part
    group by
        cited.decision_key,
        cited.letter_id,
        cited.cited_by,
        cited.cited_source,
        cited.chapter,
        cited.load_number,
        cited.loaded_at
),

doubted as (
    select
        judged.*,
        requested.part_list,
        max(judged.fits) over (
            partition by judged.decision_key, judged.cited_by, judged.cited_source
        ) as other_fits
    from judged
    left join requested
        on judged.decision_key = requested.decision_key
),

{# A part with complaints may be treated too: its chapter is wrong only if the request names another part. #}
mentioned as (
    select distinct
        doubted.letter_id,
        doubted.cited_source,
        doubted.chapter
    from doubted
    inner join summaries
        on doubted.letter_id = summaries.letter_id
    inner join chapters
        on
            doubted.cited_source = chapters.source
            and doubted.chapter = chapters.chapter
            and chapters.is_main
    inner join {{ ref('body_regions') }} as phrases
        on
            chapters.part = phrases.body_region
            and summaries.summary_words like {{ dbt.concat(["'% '", 'phrases.phrase', "' %'"]) }}
    where
        doubted.fits = 0
        and (doubted.part_list is null or doubted.other_fits = 1)
),

of_other_parts as (
    select
        doubted.decision_key,
        doubted.letter_id,
        doubted.load_number,
        doubted.loaded_at,
        'guideline_body_part' as flag_kind,
        {{ dbt.concat([
            'doubted.cited_by',
            "' cites '",
            'doubted.cited_source',
            "' '",
            'doubted.chapter',
            "', requested for: '",
            "coalesce(doubted.part_list, 'no named part')",
        ]) }} as flag_detail
    from doubted
    left join mentioned
        on
            doubted.letter_id = mentioned.letter_id
            and doubted.cited_source = mentioned.cited_source
            and doubted.chapter = mentioned.chapter
    where
        doubted.fits = 0
        and (mentioned.letter_id is null or (doubted.part_list is not null and doubted.other_fits = 0))
),

of_no_edition as (
    select distinct
        citations.decision_key,
        citations.letter_id,
        citations.load_number,
        citations.loaded_at,
        'guideline_edition' as flag_kind,
        {{ dbt.concat([
            'citations.cited_by',
            "' cites '",
            'citations.cited_source',
            "' '",
            'citations.chapter',
            "' of '",
            'cast(citations.edition_year as ' ~ dbt.type_string() ~ ')',
        ]) }} as flag_detail
    from citations
    left join editions
        on
            citations.cited_source = editions.source
            and citations.chapter = editions.chapter
            and citations.edition_year = editions.edition_year
    where
        citations.is_chapter_known
        and citations.edition_year is not null
        and editions.chapter is null
),

conflicts as (
    select * from of_other_parts
    union all
    select * from of_no_edition
)

select
    {{ dbt.hash(joined_key(['decision_key', 'flag_kind', 'flag_detail'])) }} as conflict_key,
    decision_key,
    letter_id,
    flag_kind,
    flag_detail,
    load_number,
    loaded_at
from conflicts
