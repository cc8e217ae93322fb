{# First date that a text prints in digits, month first; null if there is none or the date does not exist. #}
{% macro first_date(text) -%}
    {%- set pattern = "'(?:^|[^0-9./-])([0-9]{1,2})[/-]([0-9]{1,2})"
        ~ "[/-](20[0-9]{2}|[0-9]{2})(?:[^0-9a-zA-Z/]|$)'" -%}
    {%- set year = "substring(" ~ dbt.concat(["'20'", pattern_group(text, pattern, 3)]) ~ ", -4)" -%}
    {%- set month = "lpad(" ~ pattern_group(text, pattern, 1) ~ ", 2, '0')" -%}
    {%- set day = "lpad(" ~ pattern_group(text, pattern, 2) ~ ", 2, '0')" -%}
    try_cast({{ dbt.concat([year, "'-'", month, "'-'", day]) }} as date)
{%- endmacro %}
