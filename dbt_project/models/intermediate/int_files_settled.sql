with files as (
    select * from {{ ref('stg_imr__files') }}
),

letters as (
    select * from {{ ref('int_letters_ranked') }}
),

readings as (
    select
        file_sha256,
        file_status,
        quarantine_reason,
        row_number() over (
            partition by file_sha256
            order by loaded_at desc, seen_at desc
        ) as reading_rank
    from files
    where file_status <> 'duplicate'
),

settled as (
    select
        files.*,
        letters.letter_format,
        letters.is_current,
        readings.quarantine_reason as last_reason,
        coalesce(
            files.file_status = 'loaded'
            and letters.letter_id is null
            and readings.file_status = 'quarantined',
            false
        ) as is_withdrawn
    from files
    left join letters
        on files.file_sha256 = letters.letter_id
    left join readings
        on
            files.file_sha256 = readings.file_sha256
            and readings.reading_rank = 1
)

select
    file_key,
    file_sha256,
    parser_version,
    source_path,
    size_bytes,
    letter_format,
    file_status,
    seen_at,
    seen_on,
    run_id,
    loaded_at,
    case when is_withdrawn then last_reason else quarantine_reason end as quarantine_reason,
    case
        when is_withdrawn then 'quarantined'
        when file_status = 'loaded' and not is_current then 'superseded'
        else file_status
    end as end_status
from settled
