select
    letters.case_number,
    letters.letter_id,
    letters.source_name
from {{ ref('stg_imr__letters') }} as letters
left join {{ ref('stg_imr__decisions') }} as decisions
    on letters.letter_id = decisions.letter_id
where
    decisions.letter_id is null
    and {{ is_of_newest_load('letters', ref('stg_imr__letters')) }}
