with rules as (
    select * from {{ ref('quantity_rules') }}
)

select
    rule_id,
    priority,
    counted_as_pattern,
    unless_pattern,
    multiplier,
    numbers_are,
    unit,
    {{ dbt.concat(["'%'", "coalesce(must_contain, '')", "'%'"]) }} as text_like,
    {{ dbt.concat([
        "replace(replace(pattern, '{n}', '" ~ number_pattern() ~ "'), '{s}', '(?:^|[ (])')",
        "'()()'",
    ]) }} as pattern,
    (length(pattern) - length(replace(pattern, '{n}', ''))) / 3 as number_count
from rules
