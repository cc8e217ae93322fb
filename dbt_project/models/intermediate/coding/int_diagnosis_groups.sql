with diagnoses as (
    select * from {{ ref('int_diagnoses') }}
),

texts as (
    select distinct text_words
    from diagnoses
    where text_kind = 'diagnosis'
),

rules as (
    {{ phrase_rules('diagnosis_group_rules') | indent(4) }}
),

{# The window keeps the engine from trying patterns on pairs whose words do not match. #}
found as (
    select
        texts.text_words,
        rules.rule_id,
        rules.priority,
        rules.diagnosis_group,
        rules.unless_pattern,
        {{ text_position('texts.text_words', 'rules.first_words') }} as phrase_position,
        count(*) over (partition by texts.text_words) as match_count
    from texts
    inner join rules
        on
            {{ text_position('texts.text_words', 'rules.first_words') }} > 0
            and texts.text_words like rules.words_like
),

matched as (
    select
        *,
        floor(priority / 10) as tier,
        min(floor(priority / 10)) over (partition by text_words) as best_tier
    from found
    where
        match_count > 0
        and case
            when unless_pattern is null then true
            else not {{ matches_pattern('text_words', 'unless_pattern') }}
        end
),

ranked as (
    select
        *,
        row_number() over (
            partition by text_words, diagnosis_group
            order by priority asc, phrase_position asc, rule_id asc
        ) as rule_rank
    from matched
    where tier = best_tier
),

winners as (
    select
        text_words,
        diagnosis_group,
        rule_id,
        row_number() over (
            partition by text_words
            order by priority asc, phrase_position asc, rule_id asc
        ) as group_order
    from ranked
    where rule_rank = 1
)

select
    {{ joined_key(['diagnoses.diagnosis_key', 'winners.diagnosis_group']) }} as diagnosis_group_key,
    diagnoses.diagnosis_key,
    diagnoses.letter_id,
    winners.diagnosis_group,
    cast(winners.group_order as {{ dbt.type_bigint() }}) as group_order,
    winners.rule_id as diagnosis_group_rule_id,
    diagnoses.load_number,
    diagnoses.loaded_at
from diagnoses
inner join winners
    on diagnoses.text_words = winners.text_words
where diagnoses.text_kind = 'diagnosis'
