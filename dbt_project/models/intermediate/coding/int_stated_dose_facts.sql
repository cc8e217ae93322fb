{% set number = number_pattern() %}
{% set times_a_week = number ~ " ?(?:x|times?|visits?|sessions?)? ?(?:a|per|each|every|/) ?(?:week|wk)" %}
{% set for_weeks = ",? ?(?:for|x|times|over)? ?(?:the next )?" ~ number ~ " ?(?:weeks?|wks?)" %}
{% set short = number ~ " ?x ?" ~ number ~ "(?:[^0-9a-z]|$)" %}
{% set acquisition = "request for (?:[a-z0-9]+ ){0,6}(rental|purchase)(?: |$)" %}
{% set course = "(?:" ~ times_a_week ~ for_weeks ~ "|" ~ short ~ ")" %}
{% set any_course = course | replace("([0-9]+(?:[.][0-9]+)?)", "[0-9]+(?:[.][0-9]+)?") %}

with treatments as (
    select * from {{ ref('int_decision_treatments') }}
),

letters as (
    select * from {{ ref('stg_imr__letters') }}
),

decisions as (
    select * from {{ ref('stg_imr__decisions') }}
),

{# The last request of the summary counts. #}
procedures as (
    select
        known.text_key,
        {{ dbt.concat([
            "'.*request[^.;]*[^a-z](?:'",
            'named.pattern',
            "')[^a-z.;][^.;]{0,60}?(" ~ any_course ~ ")'",
        ]) }} as course_pattern
    from {{ ref('int_text_procedures') }} as known
    inner join {{ ref('course_names') }} as named
        on known.procedure = named.procedure
),

texts as (
    select
        treatments.decision_key,
        treatments.letter_id,
        treatments.load_number,
        treatments.loaded_at,
        procedures.course_pattern,
        lower(letters.clinical_case_summary) as summary_text,
        case
            when decisions.rationale like '%rental%' or decisions.rationale like '%purchase%'
                then {{ plain_words('decisions.rationale') }}
        end as rationale_words
    from treatments
    inner join letters
        on treatments.letter_id = letters.letter_id
    inner join decisions
        on treatments.decision_key = decisions.decision_key
    left join procedures
        on treatments.treatment_text_key = procedures.text_key
),

found as (
    select
        *,
        case
            when not {{ matches_pattern('summary_text', "'" ~ any_course ~ "'") }} then null
            when course_pattern is not null then {{ pattern_group('summary_text', 'course_pattern', 1) }}
        end as course_text
    from texts
),

captured as (
    select
        decision_key,
        letter_id,
        load_number,
        loaded_at,
        coalesce(
            {{ captured_number('course_text', "'" ~ course ~ "'", 1) }},
            {{ captured_number('course_text', "'" ~ course ~ "'", 3) }}
        ) as times_per_week,
        coalesce(
            {{ captured_number('course_text', "'" ~ course ~ "'", 2) }},
            {{ captured_number('course_text', "'" ~ course ~ "'", 4) }}
        ) as weeks,
        nullif({{ pattern_group('rationale_words', "'" ~ acquisition ~ "'", 1) }}, '') as acquisition
    from found
)

select *
from captured
where times_per_week is not null or acquisition is not null
