{% macro treatment_key(category, subcategory) -%}
    {{ dbt.hash(joined_text([category, subcategory], '|')) }}
{%- endmacro %}
