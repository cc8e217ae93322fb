{% macro captured_number(text, pattern, group) -%}
    cast(nullif({{ pattern_group(text, pattern, group) }}, '') as {{ type_double() }})
{%- endmacro %}
