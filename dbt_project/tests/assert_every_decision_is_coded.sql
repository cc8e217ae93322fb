select
    decisions.case_number,
    decisions.letter_id,
    decisions.source_name,
    decisions.decision_number
from {{ ref('fct_decisions') }} as decisions
left join {{ ref('int_decisions_coded') }} as coded
    on decisions.decision_key = coded.decision_key
where
    decisions.letter_id in (select letters.letter_id from {{ ref('int_letters_current') }} as letters)
    and (
        coded.decision_key is null
        or coalesce(coded.coding_rule_id, '') <> coalesce(decisions.coding_rule_id, '')
        or coded.treatment_category <> decisions.treatment_category
    )
