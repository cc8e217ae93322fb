{# A number with one group, for a range its upper end; the number may be repeated in brackets. #}
{% macro number_pattern() -%}
    (?:[0-9.]+ ?(?:-|to|or) ?)?([0-9]+(?:[.][0-9]+)?)(?: ?[(][0-9.]+[)])?[)]?
{%- endmacro %}
