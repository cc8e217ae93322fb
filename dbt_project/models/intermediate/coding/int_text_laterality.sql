{{ config(
    materialized='incremental',
    incremental_strategy='replace_by',
    unique_key='text_key',
    on_schema_change='fail'
) }}

with texts as (
    {{ rows_to_code('int_request_texts', 'first_load_number') | indent(4) }}
),

rules as (
    select
        *,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like
    from {{ ref('laterality_rules') }}
),

sides as (
    select distinct
        texts.text_key,
        texts.first_load_number,
        rules.laterality
    from texts
    inner join rules
        on texts.request_words like rules.words_like
),

counted as (
    select
        text_key,
        first_load_number,
        count(*) as side_count,
        max(laterality) as laterality,
        max(case when laterality = 'left and right' then 1 else 0 end) = 1 as names_both_sides
    from sides
    group by text_key, first_load_number
)

select
    text_key,
    first_load_number,
    case
        when names_both_sides then 'bilateral'
        when side_count = 1 then laterality
    end as laterality
from counted
