{% macro joined_key(columns) -%}
    {{ joined_text(columns, '-') }}
{%- endmacro %}
