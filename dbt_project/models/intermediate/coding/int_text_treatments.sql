with matches as (
    select * from {{ ref('int_text_rule_matches') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by text_key
            order by priority asc, phrase_position asc, rule_id asc
        ) as match_rank,
        row_number() over (
            partition by text_key, case when category = 'Surgery' then 1 else 0 end
            order by priority asc, phrase_position asc, rule_id asc
        ) as match_rank_beside_surgery
    from matches
),

beside_surgery as (
    select
        text_key,
        counted_as
    from ranked
    where match_rank_beside_surgery = 1 and category <> 'Surgery'
)

select
    ranked.text_key,
    ranked.rule_id as coding_rule_id,
    ranked.category as treatment_category,
    ranked.subcategory as treatment_subcategory,
    ranked.drug_class,
    case
        when ranked.category = 'Surgery' and ranked.counted_as = 'item'
            then coalesce(beside_surgery.counted_as, ranked.counted_as)
        else ranked.counted_as
    end as counted_as
from ranked
left join beside_surgery
    on ranked.text_key = beside_surgery.text_key
where ranked.match_rank = 1
