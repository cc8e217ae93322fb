with letters as (
    select * from {{ ref('int_letters_ranked') }}
)

select
    case_key,
    letter_id,
    is_case_number_known,
    case_number,
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
    rfa_date,
    diagnoses,
    case_outcome,
    run_id,
    load_number,
    loaded_at
from letters
where is_current
