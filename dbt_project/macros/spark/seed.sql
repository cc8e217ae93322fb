{#
    dbt-spark in a session writes a seed's values without escaping quotes and backslashes, and null as the text None. The
    coding rules contain many of them.
#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
        {%- set insert -%}
            insert into {{ this.render() }}
            select
            {%- for name in agate_table.column_names %}
                cast({{ name }} as {{ types.get(name, adapter.convert_type(agate_table, loop.index0)) }})
                {{- ',' if not loop.last }}
            {%- endfor %}
            from values
            {%- for row in chunk %}
                ({% for value in row %}{{ text_literal(value) }}{{ ', ' if not loop.last }}{% endfor %})
                {{- ',' if not loop.last }}
            {%- endfor %}
            as seeded ({{ agate_table.column_names | join(', ') }})
        {%- endset -%}
        {%- do adapter.add_query(insert, abridge_sql_log=True) -%}
        {%- do statements.append(insert) -%}
    {%- endfor -%}
    {{ return(statements[0]) }}
{%- endmacro %}

{# Value as a text literal of Spark SQL; null stays null. #}
{% macro text_literal(value) -%}
    {%- if value is none -%}
        cast(null as string)
    {%- else -%}
        {{ dbt.string_literal(dbt.escape_single_quotes(value | string)) }}
    {%- endif -%}
{%- endmacro %}
