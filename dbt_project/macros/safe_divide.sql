{% macro safe_divide(numerator, denominator) -%}
    1.0 * ({{ numerator }}) / nullif({{ denominator }}, 0)
{%- endmacro %}
