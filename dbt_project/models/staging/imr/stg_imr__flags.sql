with flags as (
    select
        *,
        row_number() over (
            partition by letter_id
            order by decision_number nulls first, code, detail
        ) as flag_number
    from {{ source('imr', 'flags') }}
)

select
    {{ joined_key(['letter_id', 'flag_number']) }} as flag_key,
    letter_id,
    decision_number,
    code as flag_code,
    detail as flag_detail,
    run_id,
    coalesce(load_number, 0) as load_number,
    loaded_at
from flags
