{{ config(materialized='table') }}

with letters as (
    select
        *,
        case_number is not null as is_case_number_known,
        coalesce(case_number, {{ dbt.concat(["'letter:'", 'letter_id']) }}) as case_key
    from {{ ref('stg_imr__letters') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by case_key
            order by decision_date desc nulls last, loaded_at desc, letter_id asc
        ) as version_rank,
        count(*) over (partition by case_key) as version_count
    from letters
)

select
    letter_id,
    case_key,
    is_case_number_known,
    case_number,
    version_rank,
    version_count,
    source_name,
    letter_format,
    parser_version,
    page_count,
    date_assigned,
    date_of_injury,
    decision_date,
    ur_denial_date,
    application_received,
    priority,
    licensure_states,
    specialties,
    patient_age,
    patient_sex,
    case_outcome,
    run_id,
    loaded_at,
    version_rank = 1 as is_current
from ranked
