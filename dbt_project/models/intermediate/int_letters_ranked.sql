{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='letter_id',
    on_schema_change='fail'
) }}

{# All letters of a case are ranked again if one of them arrived, was read again, reviewed or moved away. #}
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
        coalesce(reviews.verdict = 'reject', false) as is_rejected,
        greatest(letters.load_number, coalesce(reviews.load_number, 0)) as changed_load_number
    from {{ ref('stg_imr__letters') }} as letters
    left join reviews
        on
            letters.letter_id = reviews.file_sha256
            and reviews.review_rank = 1
),

{% if is_incremental() %}
    arrivals as (
        select
            letters.letter_id,
            letters.case_key,
            letters.changed_load_number
        from letters
        where letters.changed_load_number > {{ newest_load() }}
    ),

    cases as (
        select
            case_key,
            changed_load_number
        from arrivals
        union all
        select
            earlier.case_key,
            arrivals.changed_load_number
        from arrivals
        inner join {{ this }} as earlier
            on arrivals.letter_id = earlier.letter_id
    ),
{% else %}
    cases as (
        select
            case_key,
            changed_load_number
        from letters
    ),
{% endif %}

changed_cases as (
    select
        case_key,
        max(changed_load_number) as refreshed_load_number
    from cases
    group by case_key
),

to_rank as (
    select
        letters.*,
        changed_cases.refreshed_load_number
    from letters
    inner join changed_cases
        on letters.case_key = changed_cases.case_key
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
    from to_rank
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
    refreshed_load_number,
    is_rejected,
    version_rank = 1 and not is_rejected as is_current
from ranked
