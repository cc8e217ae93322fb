with files as (
    select * from {{ ref('stg_imr__files') }}
),

letters as (
    select * from {{ ref('int_letters_ranked') }}
)

select
    files.file_key,
    files.file_sha256,
    files.parser_version,
    files.source_path,
    files.size_bytes,
    letters.letter_format,
    files.file_status,
    files.quarantine_reason,
    files.seen_at,
    files.seen_on,
    files.run_id,
    files.loaded_at,
    case
        when files.file_status = 'loaded' and not letters.is_current then 'superseded'
        else files.file_status
    end as end_status
from files
left join letters
    on files.file_sha256 = letters.letter_id
