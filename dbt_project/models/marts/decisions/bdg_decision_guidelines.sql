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
    {{ dbt.hash(joined_key(['every_side.decision_key', 'every_side.cited_by', 'every_side.guideline_key'])) }}
        as decision_guideline_key,
    every_side.decision_key,
    every_side.letter_id,
    every_side.cited_by,
    every_side.guideline_key,
    every_side.citation_count,
    every_side.has_sections,
    every_side.load_number,
    every_side.loaded_at,
    cast({{ dbt.date_trunc('month', 'letters.decision_date') }} as date) as decision_month,
    row_number() over (
        partition by every_side.letter_id, every_side.cited_by, every_side.guideline_key
        order by every_side.decision_key
    ) = 1 as is_first_in_letter
from every_side
inner join letters
    on every_side.letter_id = letters.letter_id
