{#
    Query of the side that the words of each row name. Mixed sides give no row; both sides of one part (left and right
    knee) are bilateral. `keys` are the columns to keep.
#}
{% macro laterality_by(relation, keys, words) -%}
    {%- set kept = relation ~ '.' ~ keys | join(', ' ~ relation ~ '.') -%}
    select
        {{ keys | join(', ') }},
        case
            when max(case when laterality = 'left and right' then 1 else 0 end) = 1 then 'bilateral'
            when count(*) = 1 then max(laterality)
        end as laterality
    from (
        select distinct
            {{ kept }},
            rules.laterality
        from {{ relation }}
        inner join {{ ref('laterality_rules') }} as rules
            on {{ relation }}.{{ words }} like {{ dbt.concat(["'% '", 'rules.phrase', "' %'"]) }}
    ) as sides
    group by {{ keys | join(', ') }}
{%- endmacro %}
