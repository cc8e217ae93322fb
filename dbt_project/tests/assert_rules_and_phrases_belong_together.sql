select
    rules.rule_id,
    phrases.rule_id as rule_id_of_phrase,
    phrases.phrase
from {{ ref('treatment_rules') }} as rules
full outer join {{ ref('treatment_phrases') }} as phrases
    on rules.rule_id = phrases.rule_id
where rules.rule_id is null or phrases.rule_id is null
