{#
    Parquet tables have no not_null constraint, so the contract's not_null is checked after the rows are written. A null in
    such a column stops the build, as in DuckDB.
#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- set conditions = [] -%}
    {%- for column in model.columns.values() if model.config.contract.enforced -%}
        {%- for constraint in column.constraints if constraint.type == 'not_null' -%}
            {%- do conditions.append(column.name ~ ' is null') -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if conditions -%}
        {%- set found = run_query('select * from ' ~ relation ~ ' where ' ~ conditions | join(' or ') ~ ' limit 1') -%}
        {%- if found.rows | length > 0 -%}
            {%- do exceptions.raise_compiler_error(
                model.name ~ ': a not_null column of its contract holds a null, in the row '
                ~ found.rows[0].values() | list
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
