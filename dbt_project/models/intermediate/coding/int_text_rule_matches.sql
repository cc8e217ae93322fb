with said as (
    select * from {{ ref('int_text_rule_phrases') }}
),

rules as (
    select * from {{ ref('treatment_rules') }}
),

drugs as (
    select * from {{ ref('int_text_drug_classes') }}
)

select
    said.text_rule_key,
    said.text_key,
    said.rule_id,
    rules.priority,
    said.phrase_position,
    rules.category,
    rules.subcategory,
    rules.counted_as,
    case
        when rules.category = 'Pharmaceuticals' then coalesce(drugs.drug_class, rules.drug_class)
    end as drug_class
from said
inner join rules
    on said.rule_id = rules.rule_id
left join drugs
    on said.text_key = drugs.text_key
where
    case
        when rules.needs_drug and drugs.text_key is null then false
        when
            rules.pattern is not null
            and not {{ matches_pattern('said.request_words', 'rules.pattern') }}
            then false
        when
            rules.unless_pattern is not null
            and {{ matches_pattern('said.request_words', 'rules.unless_pattern') }}
            then false
        when
            rules.not_after_pattern is not null
            and {{ matches_pattern('said.words_before', 'rules.not_after_pattern') }}
            then false
        else true
    end
