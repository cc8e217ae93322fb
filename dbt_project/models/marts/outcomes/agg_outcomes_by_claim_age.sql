with determinations as (
    select
        *,
        case
            when days_injury_to_decision < 0 or days_injury_to_decision is null then 7
            when days_injury_to_decision <= 182 then 1
            when days_injury_to_decision <= 365 then 2
            when days_injury_to_decision <= 730 then 3
            when days_injury_to_decision <= 1826 then 4
            when days_injury_to_decision <= 3652 then 5
            else 6
        end as band_number
    from {{ ref('fct_determinations') }}
),

bands as (
    select
        *,
        case band_number
            when 1 then 'up to 6 months'
            when 2 then 'up to 1 year'
            when 3 then 'up to 2 years'
            when 4 then 'up to 5 years'
            when 5 then 'up to 10 years'
            when 6 then 'over 10 years'
            else 'not stated'
        end as claim_age_band
    from determinations
)

{{ outcomes_by(['band_number', 'claim_age_band'], of='determinations', facts='bands') }}
