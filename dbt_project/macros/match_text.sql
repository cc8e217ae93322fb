{#
    What is compared when a printed name is looked up in a seed: without case, odd spaces, serial commas and a
    final "Guidelines" or "Chapter", and with "and" for "&".
#}
{% macro match_text(text) -%}
    {%- set spelled = "replace(lower(" ~ squeeze_spaces(text) ~ "), '&', 'and')" -%}
    {%- set without_serial_comma = "replace(" ~ spelled ~ ", ', and ', ' and ')" -%}
    {{ replace_pattern(without_serial_comma, '( guidelines?| chapter)$', '') }}
{%- endmacro %}
