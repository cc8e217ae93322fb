{# A number, of a range its top, as a pattern with one group; a figure in brackets may repeat it. #}
{% macro number_pattern() -%}
    (?:[0-9.]+ ?(?:-|to|or) ?)?([0-9]+(?:[.][0-9]+)?)(?: ?[(][0-9.]+[)])?[)]?
{%- endmacro %}
