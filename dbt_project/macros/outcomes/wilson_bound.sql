{#
    Bound of Wilson's 95 % interval of a fraction (E. B. Wilson, JASA 22, 1927); null if the total is zero. Unlike the
    rate plus or minus its standard error, it stays within 0 and 1 and holds for small totals. At rates of 0 and 1 the
    bound is a constant, because rounding would miss it.
#}
{% macro wilson_bound(successes, total, side) -%}
    {%- set z = '1.959964e0' -%}
    {%- set z_squared = '3.841458881296e0' -%}
    {%- set rate = safe_divide(successes, total) -%}
    {%- set at_the_end = successes ~ ' = ' ~ ('0' if side == 'low' else total) -%}
    case
        when {{ total }} > 0 and {{ at_the_end }} then {{ '0e0' if side == 'low' else '1e0' }}
        when {{ total }} > 0
            then (
                {{ rate }} + {{ z_squared }} / (2e0 * {{ total }})
                {{ '-' if side == 'low' else '+' }} {{ z }} * sqrt(
                    ({{ rate }}) * (1e0 - {{ rate }}) / {{ total }}
                    + {{ z_squared }} / (4e0 * {{ total }} * {{ total }})
                )
            ) / (1e0 + {{ z_squared }} / {{ total }})
    end
{%- endmacro %}
