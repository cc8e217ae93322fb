select
    letters.case_number,
    letters.letter_id,
    letters.source_name,
    ranked.loaded_at as ranked_loaded_at,
    determinations.loaded_at as mart_loaded_at,
    letters.loaded_at
from {{ ref('stg_imr__letters') }} as letters
left join {{ ref('int_letters_ranked') }} as ranked
    on letters.letter_id = ranked.letter_id
left join {{ ref('fct_determinations') }} as determinations
    on letters.letter_id = determinations.letter_id
where
    ranked.letter_id is null
    or ranked.loaded_at <> letters.loaded_at
    or (ranked.is_current and determinations.letter_id is null)
    or (not ranked.is_current and determinations.letter_id is not null)
    or determinations.loaded_at <> letters.loaded_at
