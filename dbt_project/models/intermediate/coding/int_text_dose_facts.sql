with new_texts as (
    select * from {{ ref('int_quantity_texts') }}
),

treatments as (
    select * from {{ ref('int_text_treatments') }}
),

rules as (
    select
        rule_id,
        priority,
        fact,
        takes,
        multiplier,
        value,
        unless_pattern,
        coalesce(treatment_pattern, '.') as treatment_pattern,
        {{ dbt.concat(["'%'", "coalesce(must_contain, '')", "'%'"]) }} as text_like,
        {{ dbt.concat([
            "replace(replace(pattern, '{n}', '" ~ number_pattern() ~ "'), '{s}', '(?:^|[ (])')",
            "'()'",
        ]) }} as pattern
    from {{ ref('dose_rules') }}
),

texts as (
    select
        new_texts.text_key,
        new_texts.quantity_text,
        coalesce(treatments.treatment_category, 'uncategorised') as treatment_category
    from new_texts
    left join treatments
        on new_texts.text_key = treatments.text_key
),

candidates as (
    select
        rules.*,
        texts.text_key,
        texts.quantity_text,
        texts.treatment_category
    from texts
    inner join rules
        on texts.quantity_text like rules.text_like
),

matched as (
    select *
    from candidates
    where
        case
            when not {{ matches_pattern('treatment_category', 'treatment_pattern') }} then false
            when not {{ matches_pattern('quantity_text', 'pattern') }} then false
            when unless_pattern is null then true
            else not {{ matches_pattern('quantity_text', 'unless_pattern') }}
        end
),

ranked as (
    select
        *,
        row_number() over (
            partition by text_key, fact
            order by priority asc, rule_id asc
        ) as match_rank
    from matched
),

captured as (
    select
        text_key,
        fact,
        rule_id,
        case
            when takes = 'number'
                then round(multiplier * {{ captured_number('quantity_text', 'pattern', 1) }}, 1)
            when takes = 'value' and fact = 'times_per_week' then cast(value as {{ type_double() }})
        end as fact_number,
        case
            when takes = 'value' then value
            when takes = 'each_percent'
                then replace({{ joined_matches('quantity_text', '[0-9.]+ ?%', '/') }}, ' ', '')
            when takes = 'text' then replace({{ pattern_group('quantity_text', 'pattern', 1) }}, ' ', '')
        end as fact_text
    from ranked
    where match_rank = 1
)

select
    new_texts.text_key,
    max(case when captured.fact = 'strength' then captured.fact_text end) as strength,
    max(case when captured.fact = 'count' then captured.fact_number end) as drug_count,
    max(case when captured.fact = 'refills' then captured.fact_number end) as refills,
    max(case when captured.fact = 'times_per_week' then captured.fact_number end) as times_per_week,
    max(case when captured.fact = 'weeks' then captured.fact_number end) as weeks,
    max(case when captured.fact = 'months_of_supply' then captured.fact_number end) as months_of_supply,
    max(case when captured.fact = 'acquisition' then captured.fact_text end) as acquisition,
    {{ joined_rows('captured.rule_id', ';') }} as dose_rule_ids
from new_texts
inner join captured
    on new_texts.text_key = captured.text_key
group by new_texts.text_key
