{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with letters as (
    select * from {{ ref('int_letters_current') }}
),

stated as (
    select * from {{ ref('stg_imr__flags') }}
),

of_citations as (
    select * from {{ ref('int_citation_conflicts') }}
),

of_rationales as (
    select * from {{ ref('int_rationale_conflicts') }}
),

coded as (
    select
        decision_key,
        flag_kind,
        flag_detail
    from of_citations
    union all
    select
        decision_key,
        flag_kind,
        flag_detail
    from of_rationales
),

decisions as (
    select * from {{ ref('stg_imr__decisions') }}
),

flags as (
    select
        letter_id,
        decision_number,
        flag_code as flag_kind,
        flag_detail
    from stated
    union all
    select
        decisions.letter_id,
        decisions.decision_number,
        coded.flag_kind,
        coded.flag_detail
    from coded
    inner join decisions
        on coded.decision_key = decisions.decision_key
),

kinds as (
    select kind from {{ ref('contradiction_kinds') }}
),

numbered as (
    select
        flags.letter_id,
        flags.decision_number,
        flags.flag_kind,
        flags.flag_detail,
        letters.case_key,
        letters.case_number,
        letters.decision_date,
        letters.load_number,
        letters.loaded_at,
        kinds.kind is not null as is_contradiction,
        row_number() over (
            partition by flags.letter_id
            order by flags.decision_number nulls first, flags.flag_kind, flags.flag_detail
        ) as flag_number
    from flags
    inner join letters
        on flags.letter_id = letters.letter_id
    left join kinds
        on flags.flag_kind = kinds.kind
)

select
    {{ joined_key(['letter_id', 'flag_number']) }} as flag_key,
    letter_id,
    case_key,
    case_number,
    case
        when decision_number is not null then {{ joined_key(['letter_id', 'decision_number']) }}
    end as decision_key,
    decision_number,
    decision_date,
    flag_kind,
    is_contradiction,
    flag_detail,
    load_number,
    loaded_at
from numbered
