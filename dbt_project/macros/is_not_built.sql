{# In an incremental build, whether the model does not hold the key yet. #}
{% macro is_not_built(key) -%}
    {%- if is_incremental() -%}
        {{ key }} not in (select built.{{ key }} from {{ this }} as built)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
