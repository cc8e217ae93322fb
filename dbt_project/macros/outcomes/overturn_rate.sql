{% macro overturn_rate(overturned, decisions) -%}
    {{ safe_divide(overturned, decisions) }} as overturn_rate,
    {{ wilson_bound(overturned, decisions, 'low') }} as overturn_rate_low,
    {{ wilson_bound(overturned, decisions, 'high') }} as overturn_rate_high
{%- endmacro %}
