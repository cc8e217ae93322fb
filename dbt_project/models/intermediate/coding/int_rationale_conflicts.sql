with decisions as (
    select * from {{ ref('stg_imr__decisions') }}
),

coded as (
    select * from {{ ref('int_decisions_coded') }}
),

parts as (
    select * from {{ ref('int_decision_parts') }}
),

{# A quoted request does not show what the rationale is about. #}
texts as (
    select
        decision_key,
        letter_id,
        load_number,
        loaded_at,
        replace(
            replace({{ request_words('rationale') }}, {{ request_words('treatment_requested') }}, ' '),
            {{ request_words("coalesce(disputed_request, treatment_requested)") }},
            ' '
        ) as rationale_words
    from decisions
    where rationale is not null
),

vocabulary as (
    select
        kind,
        treatment as topic,
        phrase,
        is_specific
    from {{ ref('treatment_words') }}
    union all
    select
        'part' as kind,
        body_region as topic,
        phrase,
        phrase <> 'back' as is_specific
    from {{ ref('body_regions') }}
    where body_region not in ('general', 'psyche')
),

phrases as (
    select
        kind,
        topic,
        is_specific,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like
    from vocabulary
),

topics as (
    select distinct
        kind,
        topic
    from vocabulary
),

of_limbs as (
    select distinct decision_key
    from parts
    where part in ('upper limb', 'lower limb')
),

{# What accompanies an operation is decided with it. #}
independent as (
    select
        decision_key,
        drug_class,
        procedure
    from coded
    where coalesce(treatment_subcategory, '') <> 'Adjunct Surgical Services'
),

requested as (
    select
        decision_key,
        case when drug_class is null then 'procedure' else 'drug_class' end as kind,
        coalesce(drug_class, procedure) as topic
    from independent
    union all
    select
        parts.decision_key,
        'part' as kind,
        parts.part as topic
    from parts
    inner join independent
        on parts.decision_key = independent.decision_key
    left join of_limbs
        on parts.decision_key = of_limbs.decision_key
    where of_limbs.decision_key is null
),

judged as (
    select
        requested.decision_key,
        requested.kind,
        requested.topic
    from requested
    inner join topics
        on
            requested.kind = topics.kind
            and requested.topic = topics.topic
),

argued as (
    select distinct
        judged.decision_key,
        judged.kind
    from judged
    inner join texts
        on judged.decision_key = texts.decision_key
    inner join phrases
        on
            judged.kind = phrases.kind
            and judged.topic = phrases.topic
            and texts.rationale_words like phrases.words_like
),

missing as (
    select
        judged.decision_key,
        judged.kind,
        min(judged.topic) as topic
    from judged
    left join argued
        on
            judged.decision_key = argued.decision_key
            and judged.kind = argued.kind
    where argued.decision_key is null
    group by judged.decision_key, judged.kind
),

replaced as (
    select
        missing.decision_key,
        missing.kind,
        missing.topic,
        texts.letter_id,
        texts.load_number,
        texts.loaded_at,
        min(phrases.topic) as other_topic
    from missing
    inner join texts
        on missing.decision_key = texts.decision_key
    inner join phrases
        on
            missing.kind = phrases.kind
            and phrases.is_specific
            and texts.rationale_words like phrases.words_like
    group by
        missing.decision_key,
        missing.kind,
        missing.topic,
        texts.letter_id,
        texts.load_number,
        texts.loaded_at
)

select
    {{ joined_text(['decision_key', 'kind'], '-') }} as conflict_key,
    decision_key,
    letter_id,
    case when kind = 'part' then 'body_part' else 'treatment' end as flag_kind,
    {{ dbt.concat([
        "'requested: '",
        'topic',
        "', the rationale is about: '",
        'other_topic',
    ]) }} as flag_detail,
    load_number,
    loaded_at
from replaced
