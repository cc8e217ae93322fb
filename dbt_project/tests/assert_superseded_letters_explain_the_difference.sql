with counted as (
    select
        (select count(*) from {{ ref('dim_letters') }}) as letter_count,
        (
            select count(distinct file_sha256)
            from {{ ref('fct_intake') }}
            where latest_status = 'superseded'
        ) as superseded_count,
        (select count(*) from {{ ref('fct_determinations') }}) as case_count
)

select
    letter_count,
    superseded_count,
    case_count
from counted
where letter_count - superseded_count <> case_count
