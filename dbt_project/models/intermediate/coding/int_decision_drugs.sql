with requests as (
    select * from {{ ref('int_requests') }}
),

drugs as (
    select * from {{ ref('int_text_drugs') }}
),

substances as (
    select * from {{ ref('int_drug_substances') }}
),

texts_with_drugs as (
    select distinct text_key from drugs
),

chosen as (
    select
        requests.decision_key,
        requests.letter_id,
        requests.load_number,
        requests.loaded_at,
        case
            when texts_with_drugs.text_key is not null then requests.disputed_text_key
            else requests.whole_text_key
        end as drug_text_key
    from requests
    left join texts_with_drugs
        on requests.disputed_text_key = texts_with_drugs.text_key
)

select
    {{ joined_text(['chosen.decision_key', 'substances.drug_key'], '-') }} as decision_drug_key,
    chosen.decision_key,
    chosen.letter_id,
    chosen.load_number,
    chosen.loaded_at,
    substances.drug_key,
    substances.substance,
    min(drugs.word_position) as word_position
from chosen
inner join drugs
    on chosen.drug_text_key = drugs.text_key
inner join substances
    on drugs.drug_name = substances.drug_name
group by
    chosen.decision_key,
    chosen.letter_id,
    chosen.load_number,
    chosen.loaded_at,
    substances.drug_key,
    substances.substance
