select
    {{ treatment_key('category', 'subcategory') }} as treatment_key,
    category as treatment_category,
    subcategory as treatment_subcategory,
    category <> 'uncategorised' as is_categorised
from {{ ref('treatment_categories') }}
