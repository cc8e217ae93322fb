with decisions as (
    select * from {{ ref('stg_imr__decisions') }}
),

letters as (
    select * from {{ ref('int_letters_current') }}
)

select
    decisions.decision_key,
    letters.case_key,
    letters.letter_id,
    letters.case_number,
    letters.source_name,
    decisions.decision_number,
    decisions.page_number,
    letters.decision_date,
    decisions.treatment_requested,
    decisions.outcome,
    decisions.is_modified,
    decisions.original_request,
    decisions.authorized_request,
    decisions.disputed_request,
    decisions.rationale_finding,
    decisions.outcome = 'overturned' as is_overturned,
    lower(decisions.treatment_requested) like '%retrospective%' as is_retrospective
from decisions
inner join letters
    on decisions.letter_id = letters.letter_id
