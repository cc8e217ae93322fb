{# Name of the model column that holds the load time; none if there is none. #}
{% macro load_time_column(columns) -%}
    {%- for column in ['loaded_at', 'first_loaded_at'] if column in columns -%}
        {%- do return(column) -%}
    {%- endfor -%}
    {%- do return(none) -%}
{%- endmacro %}
