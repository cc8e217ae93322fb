{#
    dbt's own macro, by which a generic test reads its model, with one thing more: where a model holds the time
    of loading, a build in increments tests the rows of the newest load, for the older ones were tested when they
    were new and nothing has touched them since. A full refresh, and the variable test_everything, test all.
#}
{% macro get_where_subquery(relation) -%}
    {%- set condition = config.get('where') -%}
    {%- set column = time_of_loading() -%}
    {%- if not condition and column and not (flags.FULL_REFRESH or var('test_everything')) -%}
        {%- set condition = column ~ ' >= (select max(' ~ column ~ ') from ' ~ relation ~ ')' -%}
    {%- endif -%}
    {%- if condition -%}
        {%- do return('(select * from ' ~ relation ~ ' where ' ~ condition ~ ') as dbt_subquery') -%}
    {%- endif -%}
    {%- do return(relation) -%}
{%- endmacro %}

{# The column of the tested model that says when a row was loaded; none if there is none. #}
{% macro time_of_loading() -%}
    {%- set tested = graph.nodes.get(model.attached_node) if execute else none -%}
    {{ return(column_of_load(tested.columns) if tested else none) }}
{%- endmacro %}
