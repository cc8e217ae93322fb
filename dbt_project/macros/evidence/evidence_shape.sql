{% macro evidence_shape(citations, mtus_citations) -%}
    case
        when {{ citations }} = 0 then 'none cited'
        when {{ mtus_citations }} = 0 then 'outside MTUS'
        when {{ mtus_citations }} = {{ citations }} then 'MTUS only'
        else 'MTUS and other'
    end
{%- endmacro %}
