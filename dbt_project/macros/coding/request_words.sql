{#
    Text as words: lower case, letters, digits and per cent signs only, one space between words and at either end, so
    that LIKE ' pt ' finds the word pt without a regular expression.
#}
{% macro request_words(text) -%}
    {{ dbt.concat([
        "' '",
        "trim(" ~ replace_pattern("lower(" ~ text ~ ")", "[^a-z0-9%]+", " ") ~ ")",
        "' '",
    ]) }}
{%- endmacro %}
