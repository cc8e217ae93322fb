{#
    Parquet tables have no constraints, so a contract's not_null and primary_key are checked after the rows are written. A
    row that breaks one stops the build, as in DuckDB.
#}
{% macro spark__persist_constraints(relation, model) -%}
    {%- set required, keys = [], [] -%}
    {%- for column in model.columns.values() if model.config.contract.enforced -%}
        {%- for constraint in column.constraints if constraint.type in ('not_null', 'primary_key') -%}
            {%- do required.append(column.name ~ ' is null') -%}
            {%- do keys.append(column.name) if constraint.type == 'primary_key' -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if required -%}
        {%- do stop_at_row(
            'select * from ' ~ relation ~ ' where ' ~ required | join(' or '),
            model.name ~ ': a not_null or primary_key column of its contract holds a null, in the row '
        ) -%}
    {%- endif -%}
    {%- for key in keys -%}
        {%- do stop_at_row(
            'select ' ~ key ~ ', count(*) from ' ~ relation ~ ' group by ' ~ key ~ ' having count(*) > 1',
            model.name ~ ': its primary key is not unique; key and number of rows: '
        ) -%}
    {%- endfor -%}
{%- endmacro %}

{# Stop the build with a message if a query selects a row. #}
{% macro stop_at_row(query, message) -%}
    {%- set found = run_query(query ~ ' limit 1') -%}
    {%- if found.rows | length > 0 -%}
        {%- do exceptions.raise_compiler_error(message ~ found.rows[0].values() | list) -%}
    {%- endif -%}
{%- endmacro %}
