{# 1e0 is a double in every engine; 1.0 is a decimal in Spark, whose quotient has a few digits only. #}
{% macro safe_divide(numerator, denominator) -%}
    1e0 * ({{ numerator }}) / nullif({{ denominator }}, 0)
{%- endmacro %}
