with listed as (
    select
        'treatment_phrases' as seed,
        {{ joined_text(['rule_id', 'phrase'], ': ') }} as entry
    from {{ ref('treatment_phrases') }}
    union all
    select
        'treatment_categories' as seed,
        {{ joined_text(['category', 'subcategory'], ': ') }} as entry
    from {{ ref('treatment_categories') }}
    union all
    select
        'laterality_rules' as seed,
        {{ joined_text(['laterality', 'phrase'], ': ') }} as entry
    from {{ ref('laterality_rules') }}
    union all
    select
        'dosage_forms' as seed,
        {{ joined_text(['form', 'phrase'], ': ') }} as entry
    from {{ ref('dosage_forms') }}
)

select
    seed,
    entry,
    count(*) as times_listed
from listed
group by seed, entry
having count(*) > 1
