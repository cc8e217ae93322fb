{% set citation = "'[(][A-Za-z ,.&]*(19|20)[0-9][0-9][a-z]?[)]|ICD'" %}
{% set concession = "(?:although|while|though) [^,]*, " %}
{% set markers = marker_patterns() %}

with decisions as (
    select * from {{ ref('stg_imr__decisions') }}
),

rationales as (
    select
        decision_key,
        {{ split_sentences('rationale') }} as sentence_list
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

worded as (
    select
        *,
        {{ plain_words('sentence') }} as printed_words,
        {{ plain_words(replace_pattern('lower(sentence)', concession, '')) }} as argued_words
    from printed
),

marked as (
    select
        *,
        {{ replace_pattern('argued_words', words_pattern(markers['conclusion']), ' ') }} as sentence_words,
        {{ has_words('printed_words', markers['start']) }}
        and printed_words not like '%medically necessary%' as is_start,
        {{ has_words('printed_words', markers['stock']) }} as is_stock,
        {{ matches_pattern('sentence', citation) }} as has_citation,
        case
            when {{ has_words('printed_words', markers['stock']) }} then null
            when
                {{ has_words('printed_words', markers['condition']) }}
                and not {{ has_words('printed_words', markers['start']) }}
                then 'quotation'
            when {{ has_words('printed_words', markers['argument']) }} then 'argument'
            when {{ matches_pattern('sentence', citation) }} then 'quotation'
            when {{ has_words('printed_words', markers['quote']) }} then 'quotation'
            when {{ has_words('printed_words', markers['worker']) }} then 'argument'
            when {{ has_words('printed_words', markers['guideline']) }} then 'quotation'
            when {{ has_words('printed_words', markers['turn']) }} then 'argument'
        end as part
    from worded
),

{# A sentence without a marker belongs to the part of the sentence before it. #}
preceded as (
    select
        *,
        max(case when part = 'argument' then sentence_number end) over (
            partition by decision_key
            order by sentence_number
            rows between unbounded preceding and current row
        ) as argument_number,
        max(case when part = 'quotation' then sentence_number end) over (
            partition by decision_key
            order by sentence_number
            rows between unbounded preceding and current row
        ) as quotation_number,
        max(case when part = 'quotation' then 1 else 0 end) over (partition by decision_key) as has_quotation,
        coalesce(
            max(case when part = 'quotation' and has_citation then sentence_number end)
                over (partition by decision_key),
            0
        ) as last_citation
    from marked
),

parted as (
    select
        *,
        sentence_number > last_citation
        and case
            when argument_number is null and quotation_number is null then has_quotation = 0
            else coalesce(argument_number, 0) > coalesce(quotation_number, 0)
        end as is_argument
    from preceded
),

sentences as (
    select
        parted.decision_key,
        decisions.letter_id,
        decisions.load_number,
        decisions.loaded_at,
        parted.sentence_number,
        parted.sentence,
        parted.printed_words,
        parted.sentence_words,
        parted.is_stock,
        parted.is_argument,
        case when decisions.outcome = 'overturned' then 'necessary' else 'not_necessary' end as finding,
        {{ has_words('parted.sentence_words', markers['lack']) }} as is_lack,
        min(case when parted.is_start and parted.is_argument then parted.sentence_number end)
            over (partition by parted.decision_key) as start_number
    from parted
    inner join decisions
        on parted.decision_key = decisions.decision_key
),

matched as (
    {{ matched_reasons('sentences', ['any', 'lack', 'plain', 'whole']) | indent(4) }}
),

compared as (
    select
        *,
        min(priority) over (partition by decision_key, sentence_number) as sentence_priority
    from matched
    where not is_stock or priority >= 90
),

tiered as (
    select
        *,
        case
            when priority >= 90 then 200
            when priority < 18 then 0
            when
                not is_argument
                or ((sentence_kind = 'plain' or finding = 'necessary') and sentence_number < start_number)
                then 10 + floor(priority / 10)
            when priority < 20 then 0
            when priority < 40 then 1
            when priority < 50 then 2
            else 3
        end as tier
    from compared
    where not (priority between 30 and 39 and priority > sentence_priority)
),

named as (
    select
        *,
        min(tier) over (partition by decision_key) as best_tier,
        row_number() over (
            partition by decision_key, reason
            order by tier asc, sentence_number asc, words_position asc, priority asc, rule_id asc
        ) as mention
    from tiered
),

ranked as (
    select
        *,
        row_number() over (
            partition by decision_key
            order by tier asc, sentence_number asc, words_position asc, priority asc, rule_id asc
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
    case when priority < 90 then sentence end as sentence,
    load_number,
    loaded_at
from ranked
where reason_order <= 3
