with letters as (
    select * from {{ ref('int_letters_current') }}
),

decisions as (
    select
        stated.decision_key,
        stated.letter_id,
        letters.case_key,
        letters.load_number,
        letters.loaded_at
    from {{ ref('stg_imr__decisions') }} as stated
    inner join letters
        on stated.letter_id = letters.letter_id
),

citations as (
    select cited.*
    from {{ ref('int_citations_normalised') }} as cited
    inner join letters
        on cited.letter_id = letters.letter_id
),

sides as (
    select
        decision_key,
        count(case when cited_by = 'claims_admin' then 1 end) as claims_admin_citation_count,
        count(case when cited_by = 'reviewer' then 1 end) as reviewer_citation_count,
        count(
            case when cited_by = 'claims_admin' and cited_source = 'MTUS' then 1 end
        ) as claims_admin_mtus_count,
        count(case when cited_by = 'reviewer' and cited_source = 'MTUS' then 1 end) as reviewer_mtus_count
    from citations
    group by decision_key
),

sources as (
    select
        decision_key,
        cited_source,
        min(cited_by) as one_side,
        max(cited_by) as other_side
    from citations
    group by decision_key, cited_source
),

shared_sources as (
    select distinct decision_key
    from sources
    where one_side <> other_side
),

chapters as (
    select
        decision_key,
        cited_source,
        chapter,
        min(cited_by) as one_side,
        max(cited_by) as other_side
    from citations
    where is_chapter_known
    group by decision_key, cited_source, chapter
),

shared_chapters as (
    select distinct decision_key
    from chapters
    where one_side <> other_side
),

counted as (
    select
        decisions.decision_key,
        decisions.letter_id,
        decisions.case_key,
        decisions.load_number,
        decisions.loaded_at,
        shared_sources.decision_key is not null as has_shared_source,
        shared_chapters.decision_key is not null as has_shared_chapter,
        coalesce(sides.claims_admin_citation_count, 0) as claims_admin_citation_count,
        coalesce(sides.reviewer_citation_count, 0) as reviewer_citation_count,
        coalesce(sides.claims_admin_mtus_count, 0) as claims_admin_mtus_count,
        coalesce(sides.reviewer_mtus_count, 0) as reviewer_mtus_count
    from decisions
    left join sides
        on decisions.decision_key = sides.decision_key
    left join shared_sources
        on decisions.decision_key = shared_sources.decision_key
    left join shared_chapters
        on decisions.decision_key = shared_chapters.decision_key
)

select
    decision_key,
    letter_id,
    case_key,
    claims_admin_citation_count,
    reviewer_citation_count,
    {{ evidence_shape(
        'claims_admin_citation_count',
        'claims_admin_mtus_count',
    ) | indent(4) }} as claims_admin_evidence,
    {{ evidence_shape(
        'reviewer_citation_count',
        'reviewer_mtus_count',
    ) | indent(4) }} as reviewer_evidence,
    case
        when claims_admin_citation_count > 0 and reviewer_citation_count > 0 then has_shared_source
    end as cites_same_source,
    case
        when claims_admin_citation_count > 0 and reviewer_citation_count > 0 then has_shared_chapter
    end as cites_same_chapter,
    load_number,
    loaded_at
from counted
