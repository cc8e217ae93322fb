{# Name of the model column that holds the number of the load; none if there is none. #}
{% macro load_column(columns) -%}
    {%- for column in ['load_number', 'first_load_number'] if column in columns -%}
        {%- do return(column) -%}
    {%- endfor -%}
    {%- do return(none) -%}
{%- endmacro %}
