{#
    The letters of every case that has changed since this model was last built: a letter of the case arrived,
    was read again, or left it for another case. Of a case, all letters are meant, the superseded ones too.
    That is told from the newest load in the model, which a model takes in whole or, if its build breaks off,
    not at all; a model whose newest load has left no row in it takes older ones again, which is harmless.
#}
{% macro letters_to_refresh() -%}
    select refreshed.letter_id
    from {{ ref('int_letters_ranked') }} as refreshed
    where refreshed.case_refreshed_at > {{ newest_load() }}
{%- endmacro %}

{% macro newest_load() -%}
    (
        select coalesce(max(built.loaded_at), cast('1900-01-01' as {{ dbt.type_timestamp() }}))
        from {{ this }} as built
    )
{%- endmacro %}
