{#
    Query with one row per sentence and rule of reason_rules that it matches, and the position of the words. The
    sentences need the columns finding, printed_words, sentence_words (those without the words that only conclude) and
    is_lack. A rule of the kind lack needs a sentence that says that something is missing, a rule of the kind plain one
    that does not; the kind whole is compared with the printed words.
#}
{% macro matched_reasons(sentences, kinds) -%}
    select *
    from (
        select
            sentences.*,
            rules.rule_id,
            rules.reason,
            rules.priority,
            rules.sentence_kind,
            case
                when rules.sentence_kind = 'whole'
                    then {{ position_by_rule('rules.rule_id', 'sentences.printed_words', ['whole']) }}
                else {{ position_by_rule('rules.rule_id', 'sentences.sentence_words', kinds) }}
            end as words_position
        from {{ sentences }} as sentences
        inner join {{ ref('reason_rules') }} as rules
            on
                sentences.finding = rules.finding
                and rules.sentence_kind in ('{{ kinds | join("', '") }}')
                and (rules.sentence_kind <> 'lack' or sentences.is_lack)
                and (rules.sentence_kind <> 'plain' or not sentences.is_lack)
    ) as compared
    where words_position > 0
{%- endmacro %}

{# Position of the first words that match the rule; 0 if none do. #}
{% macro position_by_rule(rule_id, words, kinds) -%}
    case
        when {{ rule_id }} is null then 0
    {%- for name, rule in reason_patterns().items() if rule['kind'] in kinds %}
        when {{ rule_id }} = '{{ name }}' then {{ words_position(words, rule['any_of'], rule['unless']) }}
    {%- endfor %}
        else 0
    end
{%- endmacro %}

{# Position of the first words that match one of the patterns; 0 if none do or the text matches `unless`. #}
{% macro words_position(words, patterns, unless) -%}
    {%- set is_excepted = has_words(words, [unless]) if unless else 'false' -%}
    case
        when {{ has_words(words, patterns) }} and not {{ is_excepted }}
            then {{ text_position(words, pattern_group(words, "'" ~ words_pattern(patterns) ~ "'", 0)) }}
        else 0
    end
{%- endmacro %}
