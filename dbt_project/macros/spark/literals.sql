{# dbt-spark cannot cast text to a list, and unit test fixtures write lists as text. Reads them as JSON. #}
{% macro spark__safe_cast(field, type) -%}
    {%- if type.startswith('array') and field is string and field != 'null' -%}
        from_json({{ field }}, '{{ type }}')
    {%- else -%}
        cast({{ field }} as {{ type }})
    {%- endif -%}
{%- endmacro %}

{# Spark's text literals use backslash escapes; dbt-spark's own macro does not escape backslashes. #}
{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | replace("\\", "\\\\") | replace("'", "\\'") }}
{%- endmacro %}
