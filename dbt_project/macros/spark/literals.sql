{# dbt-spark casts no text to a list, and fixtures of unit tests write lists as texts; Spark reads them as JSON. #}
{% macro spark__safe_cast(field, type) -%}
    {%- if type.startswith('array') and field is string and field != 'null' -%}
        from_json({{ field }}, '{{ type }}')
    {%- else -%}
        cast({{ field }} as {{ type }})
    {%- endif -%}
{%- endmacro %}

{# In Spark's texts a backslash escapes what follows; dbt-spark's own macro leaves it alone. #}
{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | replace("\\", "\\\\") | replace("'", "\\'") }}
{%- endmacro %}
