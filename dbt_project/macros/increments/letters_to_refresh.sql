{#
    The letters whose rows a build replaces in the marts: those that the load brought, withdrew or reviewed, and the other
    letters of their cases. An incremental build finds no other letters in the sources; a full refresh finds all.
    No source, since dbt does not see what a strategy reads.
#}
{% macro letters_to_refresh() -%}
    select refreshed.letter_id
    from raw.letters_to_refresh as refreshed
{%- endmacro %}
