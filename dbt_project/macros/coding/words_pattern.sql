{# Regular expression of one of the patterns, in which % is the rest of a word and {g} up to six words. #}
{% macro any_of(patterns) -%}
    {%- set listed = (patterns or ['$.']) | sort | join('|') -%}
    (?:{{ listed | replace('%', '[a-z0-9]*') | replace('{g}', '(?:[a-z0-9]+ ){0,6}') }})
{%- endmacro %}

{# Regular expression of whole words that match one of the patterns. #}
{% macro words_pattern(patterns) -%}
    (?:^| ){{ any_of(patterns) }}(?: |$)
{%- endmacro %}

{# Whether the words of a text match one of the patterns. #}
{% macro has_words(words, patterns) -%}
    {{ matches_pattern(words, "'" ~ words_pattern(patterns) ~ "'") }}
{%- endmacro %}

{# A text in lower case, letters and digits only, with one space between words. #}
{% macro plain_words(text) -%}
    trim({{ replace_pattern("lower(" ~ text ~ ")", "[^a-z0-9]+", " ") }})
{%- endmacro %}
