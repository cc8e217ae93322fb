with requests as (
    select * from {{ ref('int_requests') }}
),

treatments as (
    select * from {{ ref('int_decision_treatments') }}
),

regions as (
    select * from {{ ref('int_decision_body_regions') }}
),

named as (
    select
        decision_key,
        letter_id,
        load_number,
        loaded_at,
        body_region as part
    from regions
    where body_region not in ('general', 'psyche')
    union all
    select
        requests.decision_key,
        requests.letter_id,
        requests.load_number,
        requests.loaded_at,
        limbs.limb as part
    from requests
    inner join {{ ref('limb_phrases') }} as limbs
        on {{ request_words('requests.whole_text') }} like {{ dbt.concat(["'% '", 'limbs.phrase', "' %'"]) }}
    union all
    select
        decision_key,
        letter_id,
        load_number,
        loaded_at,
        'equipment' as part
    from treatments
    where treatment_category = 'DMEPOS'
),

{# What accompanies an operation and names no part is for the part that is operated on. #}
operated as (
    select
        accompanying.decision_key,
        accompanying.letter_id,
        accompanying.load_number,
        accompanying.loaded_at,
        named.part
    from treatments as accompanying
    inner join treatments as operations
        on
            accompanying.letter_id = operations.letter_id
            and operations.treatment_category = 'Surgery'
            and operations.treatment_subcategory <> 'Adjunct Surgical Services'
    inner join named
        on operations.decision_key = named.decision_key
    left join named as own
        on accompanying.decision_key = own.decision_key
    where
        accompanying.treatment_subcategory = 'Adjunct Surgical Services'
        and own.decision_key is null
),

every_part as (
    select
        decision_key,
        letter_id,
        load_number,
        loaded_at,
        part
    from named
    union all
    select
        decision_key,
        letter_id,
        load_number,
        loaded_at,
        part
    from operated
)

select distinct
    {{ joined_text(['decision_key', 'part'], '-') }} as decision_part_key,
    decision_key,
    letter_id,
    part,
    load_number,
    loaded_at
from every_part
