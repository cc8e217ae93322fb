{#
    The letters whose rows a build replaces in the marts: those that the load brought, withdrew or reviewed, and the other
    letters of their cases. An incremental build finds no other letters in the sources; a full refresh finds all.
    Named as a relation, since dbt does not see the sources that a strategy reads.
#}
{% macro letters_to_refresh() -%}
    select refreshed.letter_id
    from {{ api.Relation.create(schema='raw', identifier='letters_to_refresh') }} as refreshed
{%- endmacro %}
