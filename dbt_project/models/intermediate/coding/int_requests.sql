with decisions as (
    select * from {{ ref('stg_imr__decisions') }}
),

portions as (
    select
        decision_key,
        letter_id,
        decision_number,
        load_number,
        loaded_at,
        treatment_requested,
        case
            when is_modified then coalesce(nullif(trim(disputed_request), ''), treatment_requested)
            else treatment_requested
        end as disputed_portion,
        case
            when is_modified then coalesce(nullif(trim(original_request), ''), treatment_requested)
            else treatment_requested
        end as whole_request
    from decisions
),

normalised as (
    select
        decision_key,
        letter_id,
        decision_number,
        load_number,
        loaded_at,
        {{ first_date('treatment_requested') }} as date_of_service,
        {{ request_text('disputed_portion') }} as disputed_text,
        {{ request_text('whole_request') }} as whole_text
    from portions
)

select
    decision_key,
    letter_id,
    decision_number,
    load_number,
    loaded_at,
    date_of_service,
    {{ dbt.hash('disputed_text') }} as disputed_text_key,
    disputed_text,
    {{ dbt.hash('whole_text') }} as whole_text_key,
    whole_text
from normalised
