with reviews as (
    select
        file_sha256,
        verdict,
        load_number,
        row_number() over (
            partition by file_sha256
            order by load_number desc, decided_at desc
        ) as review_rank
    from {{ ref('stg_imr__reviews') }}
),

letters as (
    select
        letters.*,
        letters.case_number is not null as is_case_number_known,
        coalesce(letters.case_number, {{ dbt.concat(["'letter:'", 'letters.letter_id']) }}) as case_key,
        coalesce(reviews.verdict = 'reject', false) as is_rejected
    from {{ ref('stg_imr__letters') }} as letters
    left join reviews
        on
            letters.letter_id = reviews.file_sha256
            and reviews.review_rank = 1
),

ranked as (
    select
        *,
        row_number() over (
            partition by case_key
            order by
                case when is_rejected then 1 else 0 end asc,
                decision_date desc nulls last,
                load_number desc,
                loaded_at desc,
                letter_id asc
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
    extractor,
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
    complaints,
    case_outcome,
    run_id,
    load_number,
    loaded_at,
    is_rejected,
    version_rank = 1 and not is_rejected as is_current
from ranked
