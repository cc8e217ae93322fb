{% macro joined_text(columns, separator) -%}
    {% set parts = [] -%}
    {% for column in columns -%}
        {% if not loop.first %}{% do parts.append("'" ~ separator ~ "'") %}{% endif -%}
        {% do parts.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '')") -%}
    {% endfor -%}
    {{ dbt.concat(parts) }}
{%- endmacro %}
