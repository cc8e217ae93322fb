{#
    All letters, superseded ones included, of every case that changed since this model was last built: a letter of the
    case arrived, was read again or moved to another case. Loads are numbered, since a clock may be set back. Compares with the newest load in the model, which a build
    takes as a whole or, if interrupted, not at all. If that load left no row in the model, an older load is taken
    again, which changes nothing.
#}
{% macro letters_to_refresh() -%}
    select refreshed.letter_id
    from {{ ref('int_letters_ranked') }} as refreshed
    where refreshed.refreshed_load_number > {{ newest_load() }}
{%- endmacro %}

{% macro newest_load() -%}
    (select coalesce(max(built.load_number), -1) from {{ this }} as built)
{%- endmacro %}
