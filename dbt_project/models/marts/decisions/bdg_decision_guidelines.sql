{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with letters as (
    select * from {{ ref('int_letters_current') }}
),

evidence as (
    select known.*
    from {{ ref('int_decision_evidence') }} as known
    inner join letters
        on known.letter_id = letters.letter_id
),

citations as (
    select cited.*
    from {{ ref('int_citations_normalised') }} as cited
    inner join letters
        on cited.letter_id = letters.letter_id
),

cited as (
    select
        decision_key,
        letter_id,
        cited_by,
        guideline_key,
        load_number,
        loaded_at,
        count(*) as citation_count,
        count(case when has_sections then 1 end) > 0 as has_sections
    from citations
    group by decision_key, letter_id, cited_by, guideline_key, load_number, loaded_at
),

uncited as (
    select
        decision_key,
        letter_id,
        'claims_admin' as cited_by,
        load_number,
        loaded_at
    from evidence
    where claims_admin_citation_count = 0
    union all
    select
        decision_key,
        letter_id,
        'reviewer' as cited_by,
        load_number,
        loaded_at
    from evidence
    where reviewer_citation_count = 0
),

every_side as (
    select
        decision_key,
        letter_id,
        cited_by,
        guideline_key,
        citation_count,
        has_sections,
        load_number,
        loaded_at
    from cited
    union all
    select
        decision_key,
        letter_id,
        cited_by,
        {{ guideline_key("'NONE'", "'None cited'", 'null') }} as guideline_key,
        0 as citation_count,
        false as has_sections,
        load_number,
        loaded_at
    from uncited
)

select
    {{ dbt.hash(joined_key(['decision_key', 'cited_by', 'guideline_key'])) }} as decision_guideline_key,
    decision_key,
    letter_id,
    cited_by,
    guideline_key,
    citation_count,
    has_sections,
    row_number() over (
        partition by letter_id, cited_by, guideline_key
        order by decision_key
    ) = 1 as is_first_in_letter,
    load_number,
    loaded_at
from every_side
