with loaded_files as (
    select
        files.file_sha256,
        max(files.source_path) as source_path,
        max(files.load_number) as load_number
    from {{ ref('stg_imr__files') }} as files
    where
        files.file_status = 'loaded'
        and files.file_sha256 not in (
            select settled.file_sha256
            from {{ ref('fct_intake') }} as settled
            where settled.file_status = 'loaded' and settled.latest_status = 'quarantined'
        )
        and {{ is_of_newest_load('files', ref('stg_imr__files')) }}
    group by files.file_sha256
),

letters as (
    select known.*
    from {{ ref('stg_imr__letters') }} as known
    where {{ is_of_newest_load('known', ref('stg_imr__files')) }}
)

select
    letters.case_number,
    coalesce(letters.letter_id, loaded_files.file_sha256) as letter_id,
    coalesce(letters.source_name, loaded_files.source_path) as source_name,
    case
        when letters.letter_id is null then 'loaded file without a letter'
        else 'letter without a loaded file'
    end as finding
from loaded_files
full outer join letters
    on loaded_files.file_sha256 = letters.letter_id
where loaded_files.file_sha256 is null or letters.letter_id is null
