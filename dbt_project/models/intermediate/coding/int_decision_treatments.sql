{% set keeps_its_category = "'Surgery', 'Pharmaceuticals', 'Injection'" %}

with requests as (
    select * from {{ ref('int_requests') }}
),

texts as (
    select * from {{ ref('int_request_texts') }}
),

treatments as (
    select * from {{ ref('int_text_treatments') }}
),

regions as (
    select * from {{ ref('int_decision_body_regions') }}
),

rules as (
    select
        *,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like
    from {{ ref('surgical_context_rules') }}
),

chosen as (
    select
        requests.decision_key,
        requests.letter_id,
        requests.decision_number,
        requests.load_number,
        requests.loaded_at,
        requests.date_of_service,
        requests.disputed_text_key,
        requests.whole_text_key,
        case
            when disputed.text_key is not null then requests.disputed_text_key
            else requests.whole_text_key
        end as treatment_text_key
    from requests
    left join treatments as disputed
        on requests.disputed_text_key = disputed.text_key
),

coded as (
    select
        chosen.*,
        texts.request_words,
        treatments.coding_rule_id,
        treatments.treatment_category,
        treatments.treatment_subcategory,
        treatments.drug_class,
        treatments.counted_as
    from chosen
    inner join texts
        on chosen.treatment_text_key = texts.text_key
    left join treatments
        on chosen.treatment_text_key = treatments.text_key
),

surgical_letters as (
    select distinct letter_id
    from coded
    where treatment_category = 'Surgery'
),

operations as (
    select
        decision_key,
        letter_id
    from coded
    where treatment_subcategory in ('Arthroscopic', 'Non-arthroscopic', 'Spine')
),

operated_letters as (
    select distinct letter_id from operations
),

operated_parts as (
    select distinct
        operations.letter_id,
        regions.body_region
    from operations
    inner join regions
        on operations.decision_key = regions.decision_key
),

treated_parts as (
    select
        regions.decision_key,
        count(operated_parts.body_region) as operated_part_count
    from regions
    left join operated_parts
        on
            regions.letter_id = operated_parts.letter_id
            and regions.body_region = operated_parts.body_region
    group by regions.decision_key
),

context as (
    select
        coded.decision_key,
        min(rules.rule_id) as context_rule_id
    from coded
    inner join surgical_letters
        on coded.letter_id = surgical_letters.letter_id
    inner join rules
        on coded.request_words like rules.words_like
    left join operated_letters
        on coded.letter_id = operated_letters.letter_id
    left join treated_parts
        on coded.decision_key = treated_parts.decision_key
    where
        (coded.treatment_category is null or coded.treatment_category not in ({{ keeps_its_category }}))
        and (
            rules.needs = 'surgery'
            or (operated_letters.letter_id is not null and coalesce(treated_parts.operated_part_count, 1) > 0)
        )
    group by coded.decision_key
)

select
    coded.decision_key,
    coded.letter_id,
    coded.decision_number,
    coded.load_number,
    coded.loaded_at,
    coded.date_of_service,
    coded.disputed_text_key,
    coded.whole_text_key,
    coded.treatment_text_key,
    coalesce(coded.counted_as, 'item') as counted_as,
    coalesce(context.context_rule_id, coded.coding_rule_id) as coding_rule_id,
    case
        when context.context_rule_id is not null then 'Surgery'
        else coalesce(coded.treatment_category, 'uncategorised')
    end as treatment_category,
    case
        when context.context_rule_id is not null then 'Adjunct Surgical Services'
        else coded.treatment_subcategory
    end as treatment_subcategory,
    case when context.context_rule_id is null then coded.drug_class end as drug_class
from coded
left join context
    on coded.decision_key = context.decision_key
