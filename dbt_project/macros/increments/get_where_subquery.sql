{#
    Overrides dbt's macro of the relation that a generic test reads. If the model has a load number, an incremental build
    tests the rows of the newest load only: older rows were tested when they were new and have not changed since. A full
    refresh and the variable test_everything test all rows.
#}
{% macro get_where_subquery(relation) -%}
    {%- set condition = config.get('where') -%}
    {%- set column = tested_load_column() -%}
    {%- if not condition and column and not (flags.FULL_REFRESH or var('test_everything')) -%}
        {%- set condition = column ~ ' >= (select max(' ~ column ~ ') from ' ~ relation ~ ')' -%}
    {%- endif -%}
    {%- if condition -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ condition ~ ') as dbt_subquery') -%}
    {%- endif -%}
    {%- do return(relation) -%}
{%- endmacro %}

{# Column with the load number of the tested model; none if there is none. #}
{% macro tested_load_column() -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute else none -%}
    {{ return(load_column(tested.columns) if tested else none) }}
{%- endmacro %}
