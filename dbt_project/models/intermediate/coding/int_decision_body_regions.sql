with requests as (
    select * from {{ ref('int_requests') }}
),

regions as (
    select * from {{ ref('int_text_body_regions') }}
),

texts_with_regions as (
    select distinct text_key from regions
),

chosen as (
    select
        requests.decision_key,
        requests.letter_id,
        requests.load_number,
        requests.loaded_at,
        case
            when texts_with_regions.text_key is not null then requests.disputed_text_key
            else requests.whole_text_key
        end as region_text_key
    from requests
    left join texts_with_regions
        on requests.disputed_text_key = texts_with_regions.text_key
)

select
    {{ joined_text(['chosen.decision_key', 'regions.body_region'], '-') }} as decision_body_region_key,
    chosen.decision_key,
    chosen.letter_id,
    chosen.load_number,
    chosen.loaded_at,
    regions.body_region
from chosen
inner join regions
    on chosen.region_text_key = regions.text_key
