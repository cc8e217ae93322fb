with files as (
    select * from {{ ref('fct_intake') }}
)

select
    {{ joined_key(['seen_on', 'letter_format', 'latest_status', 'quarantine_reason']) }} as intake_key,
    seen_on,
    letter_format,
    latest_status,
    quarantine_reason,
    count(*) as file_count,
    cast(sum(size_bytes) as {{ dbt.type_bigint() }}) as total_bytes
from files
group by seen_on, letter_format, latest_status, quarantine_reason
