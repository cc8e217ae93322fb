{% set markers = marker_patterns() %}
{% set after_review = "'(?:^| )" ~ any_of(markers['review']) ~ " (.*)'" %}
{% set from_because = "'(?:^| )(" ~ any_of(markers['because']) ~ " .*)'" %}

with letters as (
    select * from {{ ref('stg_imr__letters') }}
),

summaries as (
    select
        letter_id,
        {{ split_sentences('clinical_case_summary') }} as sentence_list
    from letters
    where clinical_case_summary is not null
),

printed as (
    {{ unnest_with_position(
        'summaries',
        'letter_id',
        'sentence_list',
        'sentence',
        'sentence_number',
    ) | indent(4) }}
),

reviewed as (
    select
        letter_id,
        sentence,
        sentence_number,
        {{ pattern_group(
            pattern_group(plain_words('sentence'), after_review, 1), from_because, 1
        ) }} as reason_words
    from printed
),

numbered as (
    select
        *,
        row_number() over (partition by letter_id order by sentence_number) as reason_number
    from reviewed
    where reason_words <> ''
),

worded as (
    select
        letter_id,
        sentence,
        reason_words as printed_words,
        {{ replace_pattern('reason_words', words_pattern(markers['conclusion']), ' ') }} as sentence_words
    from numbered
    where reason_number = 1
),

reasons as (
    select
        *,
        'not_necessary' as finding,
        {{ has_words('sentence_words', markers['lack']) }} as is_lack
    from worded
),

matched as (
    {{ matched_reasons('reasons', ['any', 'lack', 'plain', 'whole', 'review']) | indent(4) }}
),

compared as (
    select
        *,
        min(priority) over (partition by letter_id) as lowest_priority
    from matched
),

ranked as (
    select
        *,
        row_number() over (
            partition by letter_id
            order by
                case
                    when priority < 18 then 0
                    when priority < 40 then 1
                    when priority < 90 then 2
                    else 3
                end asc,
                words_position asc,
                priority asc,
                rule_id asc
        ) as match_rank
    from compared
    where not (priority between 30 and 39 and priority > lowest_priority)
)

select
    ranked.letter_id,
    ranked.reason as ur_reason,
    ranked.rule_id as ur_reason_rule_id,
    ranked.sentence,
    letters.load_number,
    letters.loaded_at
from ranked
inner join letters
    on ranked.letter_id = letters.letter_id
where ranked.match_rank = 1
