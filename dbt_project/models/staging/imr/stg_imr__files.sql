with files as (
    select * from {{ source('imr', 'files') }}
)

select
    {{ dbt.hash(joined_key(['sha256', 'parser_version', 'source_path'])) }} as file_key,
    sha256 as file_sha256,
    parser_version,
    source_path,
    size_bytes,
    status as file_status,
    reason as quarantine_reason,
    field as quarantine_field,
    detail as quarantine_detail,
    page as page_number,
    seen_at,
    cast(seen_at as date) as seen_on,
    run_id,
    coalesce(load_number, 0) as load_number,
    loaded_at
from files
