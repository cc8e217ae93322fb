{#
    A text as words: lower case, letters, digits and per cent signs only, one space between words and one at
    either end, so that ' pt ' finds the word pt with LIKE and without a regular expression.
#}
{% macro request_words(text) -%}
    {{ dbt.concat([
        "' '",
        "trim(" ~ replace_pattern("lower(" ~ text ~ ")", "[^a-z0-9%]+", " ") ~ ")",
        "' '",
    ]) }}
{%- endmacro %}
