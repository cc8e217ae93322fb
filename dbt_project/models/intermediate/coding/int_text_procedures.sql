with new_texts as (
    select * from {{ ref('int_request_texts') }}
),

treatments as (
    select * from {{ ref('int_text_treatments') }}
),

rules as (
    select
        *,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like,
        {{ dbt.concat(["' '", dbt.split_part('phrase', "'%'", 1)]) }} as first_words
    from {{ ref('procedure_rules') }}
),

texts as (
    select
        new_texts.text_key,
        new_texts.request_words,
        {{ joined_text(
            ["coalesce(treatments.treatment_category, 'uncategorised')", 'treatments.treatment_subcategory'],
            '/',
        ) }} as treatment
    from new_texts
    left join treatments
        on new_texts.text_key = treatments.text_key
),

kinds as (
    select distinct treatment from texts
),

rules_by_kind as (
    select
        rules.*,
        kinds.treatment
    from kinds
    inner join rules
        on
            case
                when rules.treatment_pattern is null then true
                else {{ matches_pattern('kinds.treatment', 'rules.treatment_pattern') }}
            end
),

{# The window keeps the engine from trying patterns on pairs whose words do not match. #}
found as (
    select
        texts.text_key,
        texts.request_words,
        rules_by_kind.rule_id,
        rules_by_kind.procedure,
        rules_by_kind.priority,
        rules_by_kind.unless_pattern,
        {{ text_position('texts.request_words', 'rules_by_kind.first_words') }} as phrase_position,
        count(*) over (partition by texts.text_key) as match_count
    from texts
    inner join rules_by_kind
        on
            texts.treatment = rules_by_kind.treatment
            and {{ text_position('texts.request_words', 'rules_by_kind.first_words') }} > 0
            and texts.request_words like rules_by_kind.words_like
),

matched as (
    select *
    from found
    where
        match_count > 0
        and case
            when unless_pattern is null then true
            else not {{ matches_pattern('request_words', 'unless_pattern') }}
        end
),

ranked as (
    select
        *,
        row_number() over (
            partition by text_key
            order by priority asc, phrase_position asc, rule_id asc
        ) as match_rank
    from matched
)

select
    text_key,
    rule_id as procedure_rule_id,
    procedure
from ranked
where match_rank = 1
