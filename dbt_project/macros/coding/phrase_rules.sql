{#
    The rules of a seed with their phrase as a LIKE pattern over words, and the phrase's first words, which are cheaper to
    find.
#}
{% macro phrase_rules(seed) -%}
    select
        *,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like,
        {{ dbt.concat(["' '", dbt.split_part('phrase', "'%'", 1)]) }} as first_words
    from {{ ref(seed) }}
{%- endmacro %}
