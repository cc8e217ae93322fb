{# Name of the model column that holds the number of the load; none if there is none. #}
{% macro load_column(columns) -%}
    {{ return('load_number' if 'load_number' in columns else none) }}
{%- endmacro %}
