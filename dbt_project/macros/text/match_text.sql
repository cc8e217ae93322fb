{#
    Form of a printed name in which seeds are searched: without case, repeated spaces, serial commas and a final
    "Guidelines" or "Chapter", and with "and" for "&".
#}
{% macro match_text(text) -%}
    {%- set spelled = "replace(lower(" ~ squeeze_spaces(text) ~ "), '&', 'and')" -%}
    {%- set without_serial_comma = "replace(" ~ spelled ~ ", ', and ', ' and ')" -%}
    {{ replace_pattern(without_serial_comma, '( guidelines?| chapter)$', '') }}
{%- endmacro %}
