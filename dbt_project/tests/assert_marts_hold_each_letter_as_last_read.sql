select
    letters.case_number,
    letters.letter_id,
    letters.source_name,
    ranked.load_number as ranked_load_number,
    determinations.load_number as mart_load_number,
    letters.load_number
from {{ ref('stg_imr__letters') }} as letters
left join {{ ref('int_letters_ranked') }} as ranked
    on letters.letter_id = ranked.letter_id
left join {{ ref('fct_determinations') }} as determinations
    on letters.letter_id = determinations.letter_id
where
    ranked.letter_id is null
    or ranked.load_number <> letters.load_number
    or (ranked.is_current and determinations.letter_id is null)
    or (not ranked.is_current and determinations.letter_id is not null)
    or determinations.load_number <> letters.load_number
