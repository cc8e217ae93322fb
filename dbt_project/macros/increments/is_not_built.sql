{# Keeps, in an incremental build, the keys that the model does not hold yet. #}
{% macro is_not_built(key) -%}
    {%- if is_incremental() -%}
        {{ key }} not in (select built.{{ key }} from {{ this }} as built)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
