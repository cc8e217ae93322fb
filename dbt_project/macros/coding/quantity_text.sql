{#
    Request in which quantities are searched: without levels of the spine and codes, whose numbers are no quantities, with a
    space after every hyphen, so that six-week is two words, and with hours spelled out.
#}
{% macro quantity_text(text) -%}
    {%- set levels = "(^|[^a-z0-9])[clts][0-9]{1,2}( ?(-|/|to|and|,|&) ?[clts]?[0-9]{1,2}([^0-9a-z]|$))*" -%}
    {%- set plain = replace_pattern(replace_pattern(text, levels, " "), "[0-9]{5,}", " ") -%}
    {%- set spelled = "replace(replace(" ~ plain ~ ", 'hrs', 'hours'), 'hr/', 'hour/')" -%}
    {{ squeeze_spaces("replace(" ~ spelled ~ ", '-', '- ')") }}
{%- endmacro %}
