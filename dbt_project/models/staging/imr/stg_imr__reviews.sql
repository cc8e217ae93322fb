with reviews as (
    select * from {{ source('imr', 'reviews') }}
)

select
    {{ dbt.hash(joined_key(['sha256', 'decided_at'])) }} as review_key,
    sha256 as file_sha256,
    verdict,
    decided_by,
    decided_at,
    run_id,
    coalesce(load_number, 0) as load_number,
    loaded_at
from reviews
