{# The determinations, each once for every specialty of its reviewer. #}
{% macro determinations_by_specialty() -%}
    select
        determinations.*,
        specialties.specialty_key,
        specialties.specialty
    from {{ ref('bdg_determination_specialties') }} as bridge
    inner join {{ ref('fct_determinations') }} as determinations
        on bridge.case_key = determinations.case_key
    inner join {{ ref('dim_specialties') }} as specialties
        on bridge.specialty_key = specialties.specialty_key
{%- endmacro %}
