with letters as (
    select * from {{ source('imr', 'letters') }}
)

select
    letter_id,
    source_name,
    format as letter_format,
    parser_version,
    extractor,
    page_count,
    date_assigned,
    date_of_injury,
    decision_date,
    ur_denial_date,
    application_received,
    licensure_states,
    specialties,
    patient_age,
    patient_sex,
    rfa_date,
    diagnoses,
    complaints,
    case_outcome,
    run_id,
    loaded_at,
    coalesce(load_number, 0) as load_number,
    nullif(trim(case_number), '') as case_number,
    trim(priority) as priority,
    nullif(trim(clinical_case_summary), '') as clinical_case_summary
from letters
