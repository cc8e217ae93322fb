{# Ends the versions of cases without a letter: it was withdrawn, rejected, or read as one of another case. #}
{% macro close_missing_cases() -%}
    update {{ this }}
    set dbt_valid_to = {{ snapshot_get_time() }}
    where
        dbt_valid_to is null
        and case_key not in (select known.case_key from {{ ref('int_letters_current') }} as known)
        and letter_id in ({{ letters_to_refresh() }})
{%- endmacro %}
