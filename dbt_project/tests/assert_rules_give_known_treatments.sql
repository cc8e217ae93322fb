select
    rules.rule_id,
    rules.category,
    rules.subcategory
from {{ ref('treatment_rules') }} as rules
left join {{ ref('treatment_categories') }} as categories
    on
        rules.category = categories.category
        and coalesce(rules.subcategory, '') = coalesce(categories.subcategory, '')
where categories.category is null
