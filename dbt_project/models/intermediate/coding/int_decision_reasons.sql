{{ config(
    materialized='incremental',
    incremental_strategy='replace_letters',
    on_schema_change='fail'
) }}

{% set citation = "'[(][A-Za-z ,.&]*(19|20)[0-9][0-9][a-z]?[)]|ICD'" %}

with decisions as (
    {{ letters_to_code('stg_imr__decisions') | indent(4) }}
),

rationales as (
    select
        decision_key,
        {{ split_text(replace_pattern('rationale', '[.!?]["”)]*\\s+', '~~'), '~~') }} as sentence_list
    from decisions
    where rationale is not null
),

printed as (
    {{ unnest_with_position(
        'rationales',
        'decision_key',
        'sentence_list',
        'sentence',
        'sentence_number',
    ) | indent(4) }}
),

sentences as (
    select
        decision_key,
        sentence_number,
        sentence,
        {{ request_words('sentence') }} as sentence_words
    from printed
),

markers as (
    select
        sentence_kind,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like,
        {{ dbt.concat(["' '", dbt.split_part('phrase', "'%'", 1)]) }} as first_words
    from {{ ref('sentence_markers') }}
),

kinds as (
    select
        sentences.decision_key,
        sentences.sentence_number,
        max(case when markers.sentence_kind = 'lack' then 1 else 0 end) as is_lack,
        max(case when markers.sentence_kind = 'stock' then 1 else 0 end) as is_stock,
        max(case when markers.sentence_kind = 'conclusion' then 1 else 0 end) as is_conclusion,
        max(case when markers.sentence_kind = 'guideline' then 1 else 0 end) as is_guideline,
        max(case when markers.sentence_kind = 'argument' then 1 else 0 end) as is_argument
    from sentences
    inner join markers
        on
            {{ text_position('sentences.sentence_words', 'markers.first_words') }} > 0
            and sentences.sentence_words like markers.words_like
    group by sentences.decision_key, sentences.sentence_number
),

described as (
    select
        sentences.*,
        case when decisions.outcome = 'overturned' then 'necessary' else 'not_necessary' end as finding,
        decisions.letter_id,
        decisions.load_number,
        decisions.loaded_at,
        coalesce(kinds.is_lack = 1 and kinds.is_stock = 0 and kinds.is_conclusion = 0, false) as is_lack,
        coalesce(kinds.is_argument = 1, false) as is_argument,
        coalesce(kinds.is_guideline = 1 and kinds.is_argument = 0, false) as is_guideline,
        coalesce(kinds.is_argument, 0) = 0
        and {{ matches_pattern('sentences.sentence', citation) }} as is_citation
    from sentences
    inner join decisions
        on sentences.decision_key = decisions.decision_key
    left join kinds
        on
            sentences.decision_key = kinds.decision_key
            and sentences.sentence_number = kinds.sentence_number
),

quoted as (
    select
        *,
        coalesce(
            max(case when is_citation then sentence_number end) over (partition by decision_key), 0
        ) as last_citation
    from described
),

marked as (
    select
        *,
        coalesce(
            min(case when is_argument and sentence_number > last_citation then sentence_number end)
                over (partition by decision_key),
            last_citation + 1
        ) as first_argument
    from quoted
),

rules as (
    select
        *,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like,
        {{ dbt.concat(["' '", dbt.split_part('phrase', "'%'", 1)]) }} as first_words
    from {{ ref('reason_rules') }}
),

{# The window keeps the engine from trying patterns on pairs whose words do not match. #}
found as (
    select
        marked.*,
        rules.rule_id,
        rules.reason,
        rules.priority,
        rules.phrase,
        rules.unless_pattern,
        {{ text_position('marked.sentence_words', 'rules.first_words') }} as phrase_position,
        (rules.priority >= 20 and marked.is_guideline)
        or (
            rules.priority >= 18
            and marked.sentence_number
            < case
                when rules.sentence_kind = 'any' then marked.first_argument
                else marked.last_citation + 1
            end
        ) as is_outside_argument,
        count(*) over (partition by marked.decision_key) as match_count
    from marked
    inner join rules
        on
            marked.finding = rules.finding
            and (rules.sentence_kind = 'any' or marked.is_lack)
            and {{ text_position('marked.sentence_words', 'rules.first_words') }} > 0
            and marked.sentence_words like rules.words_like
),

matched as (
    select
        *,
        min(priority) over (partition by decision_key, sentence_number) as sentence_priority
    from found
    where
        match_count > 0
        and case
            when unless_pattern is null then true
            else not {{ matches_pattern('sentence_words', 'unless_pattern') }}
        end
),

tiered as (
    select
        *,
        case
            when priority >= 90 then 200
            when is_outside_argument then 10 + floor(priority / 10)
            when priority < 20 then 0
            when priority < 40 then 1
            when priority < 50 then 2
            else 3
        end as tier
    from matched
    where not (priority between 30 and 39 and priority > sentence_priority)
),

named as (
    select
        *,
        min(tier) over (partition by decision_key) as best_tier,
        row_number() over (
            partition by decision_key, reason
            order by tier asc, sentence_number asc, phrase_position asc, priority asc, rule_id asc
        ) as mention
    from tiered
),

ranked as (
    select
        *,
        row_number() over (
            partition by decision_key
            order by tier asc, sentence_number asc, phrase_position asc, priority asc, rule_id asc
        ) as reason_order
    from named
    where mention = 1 and tier <= greatest(best_tier, 2)
)

select
    {{ joined_text(['decision_key', 'reason'], '-') }} as decision_reason_key,
    decision_key,
    letter_id,
    reason,
    cast(reason_order as {{ dbt.type_bigint() }}) as reason_order,
    rule_id as reason_rule_id,
    case when phrase <> '%' then sentence end as sentence,
    load_number,
    loaded_at
from ranked
where reason_order <= 3
