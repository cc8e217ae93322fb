with texts as (
    select * from {{ ref('int_request_texts') }}
),

exclusions as (
    select
        *,
        {{ dbt.concat(["'% '", 'phrase', "' %'"]) }} as words_like
    from {{ ref('region_exclusions') }}
),

to_exclude as (
    select
        texts.text_key,
        {{ joined_rows('exclusions.pattern', '|') }} as pattern
    from texts
    inner join exclusions
        on texts.request_words like exclusions.words_like
    group by texts.text_key
)

select
    texts.text_key,
    case
        when to_exclude.pattern is null then texts.request_words
        else {{ replace_pattern_of_column('texts.request_words', 'to_exclude.pattern', ' ') }}
    end as part_words
from texts
left join to_exclude
    on texts.text_key = to_exclude.text_key
