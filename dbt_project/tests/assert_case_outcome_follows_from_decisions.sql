select
    letters.case_number,
    letters.letter_id,
    letters.source_name,
    letters.case_outcome as outcome_of_letter,
    determinations.outcome as outcome_of_decisions
from {{ ref('int_letters_current') }} as letters
inner join {{ ref('fct_determinations') }} as determinations
    on letters.case_key = determinations.case_key
where letters.case_outcome <> determinations.outcome
