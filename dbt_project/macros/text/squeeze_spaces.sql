{% macro squeeze_spaces(text) -%}
    trim({{ replace_pattern(text, '\\s+', ' ') }})
{%- endmacro %}
