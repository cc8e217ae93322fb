select
    reason,
    finding,
    reason_name
from {{ ref('reasons') }}
