with drugs as (
    select
        name,
        {{ split_text('generic_name', '/') }} as substances
    from {{ ref('drugs') }}
),

substances as (
    {{ unnest_with_position('drugs', 'name', 'substances', 'substance', 'position') | indent(4) }}
)

select
    {{ joined_text(['name', 'substance'], '|') }} as drug_substance_key,
    name as drug_name,
    substance,
    {{ dbt.hash('substance') }} as drug_key
from substances
