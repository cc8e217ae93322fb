with substances as (
    select * from {{ ref('int_drug_substances') }}
),

drugs as (
    select * from {{ ref('drugs') }}
)

select
    substances.drug_key,
    substances.substance as drug,
    coalesce(max(alone.drug_class), min(drugs.drug_class)) as drug_class,
    coalesce(max(alone.topical_class), max(alone.drug_class), min(drugs.drug_class)) as topical_class,
    cast(count(distinct drugs.name) as {{ dbt.type_int() }}) as name_count
from substances
inner join drugs
    on substances.drug_name = drugs.name
left join drugs as alone
    on substances.substance = alone.name
group by substances.drug_key, substances.substance
