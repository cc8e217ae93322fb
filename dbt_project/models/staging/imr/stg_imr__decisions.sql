with decisions as (
    select * from {{ source('imr', 'decisions') }}
)

select
    {{ joined_key(['letter_id', 'decision_number']) }} as decision_key,
    letter_id,
    decision_number,
    trim(treatment_requested) as treatment_requested,
    outcome,
    is_modified,
    original_request,
    authorized_request,
    disputed_request,
    rationale,
    rationale_finding,
    page as page_number,
    run_id,
    coalesce(load_number, 0) as load_number,
    loaded_at
from decisions
