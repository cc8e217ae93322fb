{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

with letters as (
    select * from {{ ref('int_letters_ranked') }}
)

select
    letter_id,
    case_key,
    case_number,
    source_name,
    letter_format,
    parser_version,
    extractor,
    decision_date,
    is_current,
    is_rejected,
    load_number,
    loaded_at,
    cast(version_rank as {{ dbt.type_int() }}) as version_rank
from letters
