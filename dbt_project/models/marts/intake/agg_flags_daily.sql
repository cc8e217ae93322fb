with flags as (
    select
        letter_id,
        flag_kind as flag_code,
        cast(loaded_at as date) as loaded_on
    from {{ ref('fct_flags') }}
)

select
    {{ joined_key(['loaded_on', 'flag_code']) }} as flags_key,
    loaded_on,
    flag_code,
    count(*) as flag_count,
    count(distinct letter_id) as letter_count
from flags
group by loaded_on, flag_code
