with meanings as (
    select
        'guideline_chapters' as seed,
        {{ joined_text(['source', match_text('printed_title')], ' ') }} as looked_up,
        {{ joined_text(['chapter', 'era'], ' ') }} as meaning
    from {{ ref('guideline_chapters') }}
    union all
    select
        'specialty_aliases' as seed,
        {{ match_text('printed_specialty') }} as looked_up,
        specialty as meaning
    from {{ ref('specialty_aliases') }}
)

select
    seed,
    looked_up,
    min(meaning) as one_meaning,
    max(meaning) as another_meaning
from meanings
group by seed, looked_up
having count(distinct meaning) > 1
