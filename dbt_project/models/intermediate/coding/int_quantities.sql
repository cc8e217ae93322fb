with asked as (
    select distinct
        disputed_text_key as text_key,
        counted_as,
        {{ joined_text(['disputed_text_key', 'counted_as'], '-') }} as quantity_key
    from {{ ref('int_decision_treatments') }}
),

texts as (
    select * from {{ ref('int_quantity_texts') }}
),

rules as (
    select * from {{ ref('int_quantity_rules') }}
),

kinds as (
    select distinct counted_as from asked
),

rules_by_kind as (
    select
        rules.*,
        kinds.counted_as
    from kinds
    inner join rules
        on {{ matches_pattern('kinds.counted_as', 'rules.counted_as_pattern') }}
),

candidates as (
    select
        asked.quantity_key,
        texts.quantity_text,
        rules_by_kind.rule_id,
        rules_by_kind.priority,
        rules_by_kind.pattern,
        rules_by_kind.number_count,
        rules_by_kind.unless_pattern,
        rules_by_kind.multiplier,
        rules_by_kind.numbers_are,
        rules_by_kind.unit
    from asked
    inner join texts
        on asked.text_key = texts.text_key
    inner join rules_by_kind
        on
            asked.counted_as = rules_by_kind.counted_as
            and texts.quantity_text like rules_by_kind.text_like
    where {{ matches_pattern('texts.quantity_text', "'[0-9]'") }}
),

matched as (
    select *
    from candidates
    where
        case
            when not {{ matches_pattern('quantity_text', 'pattern') }} then false
            when unless_pattern is null then true
            else not {{ matches_pattern('quantity_text', 'unless_pattern') }}
        end
),

ranked as (
    select
        *,
        row_number() over (
            partition by quantity_key
            order by priority asc, rule_id asc
        ) as match_rank
    from matched
),

captured as (
    select
        quantity_key,
        rule_id,
        multiplier,
        numbers_are,
        unit,
        {{ captured_number('quantity_text', 'pattern', 1) }} as first_number,
        case
            when number_count >= 2 then {{ captured_number('quantity_text', 'pattern', 2) }}
        end as second_number,
        case
            when number_count >= 3 then {{ captured_number('quantity_text', 'pattern', 3) }}
        end as third_number
    from ranked
    where match_rank = 1
)

select
    asked.quantity_key,
    asked.text_key,
    asked.counted_as,
    captured.rule_id as quantity_rule_id,
    case
        when captured.numbers_are = 'plus'
            then captured.multiplier * (captured.first_number + captured.second_number)
        when captured.numbers_are = 'first_supply_and_refills'
            then captured.multiplier * captured.first_number * (captured.second_number + 1)
        else
            captured.multiplier
            * captured.first_number
            * coalesce(captured.second_number, 1)
            * coalesce(captured.third_number, 1)
    end as quantity_value,
    case
        when captured.unit is null then null
        when captured.unit not in ('course', 'counted') then captured.unit
        when captured.unit = 'course' and asked.counted_as in ('visit', 'care') then 'visits'
        when captured.unit = 'course' and texts.quantity_text like '%visit%' then 'visits'
        when captured.unit = 'course' then 'sessions'
        when asked.counted_as = 'injection' and texts.quantity_text like '%injection%' then 'injections'
        when asked.counted_as in ('visit', 'care') then 'visits'
        when asked.counted_as = 'session' and texts.quantity_text like '%visit%' then 'visits'
        when asked.counted_as = 'session' then 'sessions'
        else 'units'
    end as quantity_unit
from asked
inner join texts
    on asked.text_key = texts.text_key
left join captured
    on asked.quantity_key = captured.quantity_key
