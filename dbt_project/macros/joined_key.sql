{% macro joined_key(columns) -%}
    {% set parts = [] -%}
    {% for column in columns -%}
        {% if not loop.first %}{% do parts.append("'-'") %}{% endif -%}
        {% do parts.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '')") -%}
    {% endfor -%}
    {{ dbt.concat(parts) }}
{%- endmacro %}
