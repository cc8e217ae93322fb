with diagnoses as (
    select * from {{ ref('int_diagnoses') }}
),

texts as (
    select distinct text_words
    from diagnoses
),

part_rules as (
    {{ phrase_rules('body_regions') | indent(4) }}
),

diagnosis_rules as (
    {{ phrase_rules('diagnosis_region_rules') | indent(4) }}
),

rules as (
    select
        rule_id,
        body_region,
        instead_of,
        unless_pattern,
        words_like,
        first_words,
        1 as precedence
    from diagnosis_rules
    union all
    select
        rule_id,
        body_region,
        null as instead_of,
        unless_pattern,
        words_like,
        first_words,
        2 as precedence
    from part_rules
),

{# The window keeps the engine from trying patterns on pairs whose words do not match. #}
found as (
    select
        texts.text_words,
        rules.rule_id,
        rules.body_region,
        rules.instead_of,
        rules.unless_pattern,
        rules.precedence,
        count(*) over (partition by texts.text_words) as match_count
    from texts
    inner join rules
        on
            {{ text_position('texts.text_words', 'rules.first_words') }} > 0
            and texts.text_words like rules.words_like
),

matched as (
    select *
    from found
    where
        match_count > 0
        and case
            when unless_pattern is null then true
            else not {{ matches_pattern('text_words', 'unless_pattern') }}
        end
),

dropped as (
    select
        text_words,
        {{ joined_rows('instead_of', ';') }} as regions
    from matched
    where instead_of is not null
    group by text_words
),

ranked as (
    select
        matched.text_words,
        matched.body_region,
        matched.rule_id,
        row_number() over (
            partition by matched.text_words, matched.body_region
            order by matched.precedence asc, matched.rule_id asc
        ) as rule_rank
    from matched
    left join dropped
        on matched.text_words = dropped.text_words
    where
        matched.precedence = 1
        or dropped.regions is null
        or {{ dbt.concat(["';'", 'dropped.regions', "';'"]) }}
        not like {{ dbt.concat(["'%;'", 'matched.body_region', "';%'"]) }}
)

{# Of the two kinds, diagnosis is the greater text. #}
select
    {{ joined_key(['diagnoses.diagnosis_key', 'ranked.body_region']) }} as diagnosis_region_key,
    diagnoses.diagnosis_key,
    diagnoses.letter_id,
    ranked.body_region,
    ranked.rule_id as body_region_rule_id,
    diagnoses.text_kind
    = max(diagnoses.text_kind) over (partition by diagnoses.letter_id) as is_injury_region,
    diagnoses.load_number,
    diagnoses.loaded_at
from diagnoses
inner join ranked
    on diagnoses.text_words = ranked.text_words
where ranked.rule_rank = 1
