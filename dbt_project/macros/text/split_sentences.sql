{# List of the sentences of a text; a semicolon ends one, too. #}
{% macro split_sentences(text) -%}
    {{ split_text(replace_pattern(text, '[.!?;]["”)]*\\s+', '~~'), '~~') }}
{%- endmacro %}
