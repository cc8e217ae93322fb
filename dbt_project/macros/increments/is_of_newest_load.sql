{#
    Condition for tests of the rows of one letter or file. Keeps the rows of the newest load: older rows were tested when
    they were new and have not changed since. A full refresh and the variable test_everything test all rows.
#}
{% macro is_of_newest_load(alias, relation) -%}
    {%- if flags.FULL_REFRESH or var('test_everything') -%}
        true
    {%- else -%}
        {{ alias }}.load_number >= (select max(newest.load_number) from {{ relation }} as newest)
    {%- endif -%}
{%- endmacro %}
