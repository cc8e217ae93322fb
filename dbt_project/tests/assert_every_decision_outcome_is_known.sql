select
    letters.case_number,
    letters.letter_id,
    letters.source_name,
    decisions.decision_number,
    decisions.page_number,
    decisions.outcome
from {{ ref('stg_imr__decisions') }} as decisions
inner join {{ ref('stg_imr__letters') }} as letters
    on decisions.letter_id = letters.letter_id
where decisions.outcome not in ('upheld', 'overturned', 'partially_overturned')
