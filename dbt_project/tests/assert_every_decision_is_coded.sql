select
    decisions.case_number,
    decisions.letter_id,
    decisions.source_name,
    decisions.decision_number
from {{ ref('fct_decisions') }} as decisions
left join {{ ref('int_decisions_coded') }} as coded
    on decisions.decision_key = coded.decision_key
where
    {{ is_of_newest_load('decisions', ref('fct_decisions')) }}
    and (
        coded.decision_key is null
        or coalesce(coded.coding_rule_id, '') <> coalesce(decisions.coding_rule_id, '')
        or coded.treatment_category <> decisions.treatment_category
    )
