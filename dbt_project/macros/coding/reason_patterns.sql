{#
    Of each rule of reason_rules, the patterns that a sentence must match, one of which is enough, and the one that it
    must not match. They are read before the model is compiled: an engine compiles a constant pattern once, and the
    pattern of a column once per row. Empty while the project is parsed.
#}
{% macro reason_patterns() -%}
    {%- set rules, patterns = ref('reason_rules'), ref('reason_patterns') -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for rule_id, kind, unless in run_query(
            'select rule_id, sentence_kind, unless_pattern from ' ~ rules
        ).rows -%}
            {%- do found.update({rule_id: {'kind': kind, 'unless': unless, 'any_of': []}}) -%}
        {%- endfor -%}
        {%- for rule_id, pattern in run_query('select rule_id, pattern from ' ~ patterns).rows -%}
            {%- do found[rule_id]['any_of'].append(pattern) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{# The patterns of each kind of sentence_markers. Empty while the project is parsed. #}
{% macro marker_patterns() -%}
    {%- set markers = ref('sentence_markers') -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- for kind, pattern in run_query('select sentence_kind, pattern from ' ~ markers).rows -%}
            {%- do found.setdefault(kind, []).append(pattern) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
