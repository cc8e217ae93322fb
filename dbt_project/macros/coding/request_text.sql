{#
    Request as the coding rules read it: lower case, one kind of dash, single spaces, and no dates, whose numbers would be
    taken for quantities.
#}
{% macro request_text(text) -%}
    {%- set dashes = replace_pattern("lower(coalesce(" ~ text ~ ", ''))", "[‐‑‒–—−]", "-") -%}
    {%- set printed_date = "(^|[^0-9.])[0-9]{1,2}[/-][0-9]{1,2}[/-]([0-9]{4}|[0-9]{2})" -%}
    {%- set undated = replace_pattern(dashes, printed_date, " ") -%}
    {{ squeeze_spaces(undated) }}
{%- endmacro %}
