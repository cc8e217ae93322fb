{{ config(
    materialized='incremental',
    incremental_strategy='replace_by',
    unique_key='file_sha256',
    on_schema_change='fail'
) }}

with letters as (
    select * from {{ ref('int_letters_ranked') }}
),

files as (
    select
        *,
        file_status = 'duplicate' as is_duplicate
    from {{ ref('stg_imr__files') }}
),

{# A duplicate is not a reading and ranks after the readings of the same content. #}
ranked as (
    select
        *,
        row_number() over (
            partition by file_sha256
            order by is_duplicate asc, load_number desc, loaded_at desc, seen_at desc
        ) as rank_in_content,
        row_number() over (
            partition by file_sha256, source_path
            order by is_duplicate asc, load_number desc, loaded_at desc, seen_at desc
        ) as rank_in_path
    from files
),

readings as (
    select
        file_sha256,
        file_status,
        quarantine_reason
    from ranked
    where rank_in_content = 1 and not is_duplicate
),

joined as (
    select
        ranked.*,
        letters.letter_format,
        letters.is_current,
        readings.quarantine_reason as last_reason,
        ranked.rank_in_content = 1 and not ranked.is_duplicate as is_latest_reading,
        ranked.rank_in_path = 1 as is_latest_attempt,
        coalesce(
            ranked.file_status = 'loaded'
            and letters.letter_id is null
            and readings.file_status = 'quarantined',
            false
        ) as is_withdrawn
    from ranked
    left join letters
        on ranked.file_sha256 = letters.letter_id
    left join readings
        on ranked.file_sha256 = readings.file_sha256
)

select
    file_key,
    file_sha256,
    parser_version,
    source_path,
    size_bytes,
    letter_format,
    file_status,
    is_latest_reading,
    is_latest_attempt,
    seen_at,
    seen_on,
    run_id,
    load_number,
    loaded_at,
    case when is_withdrawn then last_reason else quarantine_reason end as quarantine_reason,
    case
        when is_withdrawn then 'quarantined'
        when file_status = 'loaded' and not is_current then 'superseded'
        else file_status
    end as latest_status
from joined
