{# Which of a model's columns says with which load a row came; none if none does. #}
{% macro column_of_load(columns) -%}
    {%- for column in ['loaded_at', 'first_loaded_at'] if column in columns -%}
        {%- do return(column) -%}
    {%- endfor -%}
    {%- do return(none) -%}
{%- endmacro %}
