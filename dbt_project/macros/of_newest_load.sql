{#
    A condition for tests of what belongs to one letter or file: the rows of the newest load, for the older ones were
    tested when they were new and nothing has touched them since. A full refresh, and the variable test_everything,
    test all.
#}
{% macro of_newest_load(alias, relation) -%}
    {%- if flags.FULL_REFRESH or var('test_everything') -%}
        true
    {%- else -%}
        {{ alias }}.loaded_at >= (select max(newest.loaded_at) from {{ relation }} as newest)
    {%- endif -%}
{%- endmacro %}
