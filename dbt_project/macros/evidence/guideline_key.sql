{% macro guideline_key(guideline_source, chapter, edition_year) -%}
    {{ dbt.hash(joined_key([guideline_source, chapter, edition_year])) }}
{%- endmacro %}
