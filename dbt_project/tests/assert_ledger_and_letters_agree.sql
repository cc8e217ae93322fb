with loaded_files as (
    select
        file_sha256,
        max(source_path) as source_path
    from {{ ref('int_files_settled') }}
    where file_status = 'loaded'
    group by file_sha256
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
full outer join {{ ref('stg_imr__letters') }} as letters
    on loaded_files.file_sha256 = letters.letter_id
where loaded_files.file_sha256 is null or letters.letter_id is null
