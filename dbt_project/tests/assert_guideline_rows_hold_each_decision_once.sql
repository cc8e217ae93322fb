with bridge as (
    select
        cited_by,
        count(*) as row_count
    from {{ ref('bdg_decision_guidelines') }}
    group by cited_by
),

{# Intermediate models hold only the letters of the build. #}
refreshed as (
    select
        cited_by,
        sum(citation_count) as citation_count,
        count(case when citation_count = 0 then 1 end) as uncited_count
    from {{ ref('bdg_decision_guidelines') }}
    where letter_id in (select letters.letter_id from {{ ref('int_letters_current') }} as letters)
    group by cited_by
),

evidence as (
    select
        'claims_admin' as cited_by,
        sum(claims_admin_citation_count) as citation_count,
        count(case when claims_admin_citation_count = 0 then 1 end) as uncited_count
    from {{ ref('int_decision_evidence') }}
    union all
    select
        'reviewer' as cited_by,
        sum(reviewer_citation_count) as citation_count,
        count(case when reviewer_citation_count = 0 then 1 end) as uncited_count
    from {{ ref('int_decision_evidence') }}
),

by_month as (
    select
        cited_by,
        month_key,
        sum(decision_count + inferred_count) as row_sum
    from {{ ref('agg_outcomes_by_guideline_month') }}
    group by cited_by, month_key
),

by_side as (
    select
        cited_by,
        sum(row_sum) as row_sum
    from by_month
    group by cited_by
),

findings as (
    select
        'rows that differ from the bridge' as finding,
        by_side.cited_by,
        'all' as month_key,
        by_side.row_sum as in_marts,
        bridge.row_count as expected
    from by_side
    full outer join bridge
        on by_side.cited_by = bridge.cited_by
    where by_side.row_sum is null or bridge.row_count is null or by_side.row_sum <> bridge.row_count
    union all
    select
        'citations or sides without a citation that are missing in the bridge' as finding,
        evidence.cited_by,
        'all' as month_key,
        refreshed.citation_count + refreshed.uncited_count as in_marts,
        evidence.citation_count + evidence.uncited_count as expected
    from evidence
    left join refreshed
        on evidence.cited_by = refreshed.cited_by
    where
        evidence.citation_count is not null
        and (
            refreshed.cited_by is null
            or evidence.citation_count <> refreshed.citation_count
            or evidence.uncited_count <> refreshed.uncited_count
        )
    union all
    select
        'fewer than the decisions of the month' as finding,
        by_side.cited_by,
        months.month_key,
        coalesce(by_month.row_sum, 0) as in_marts,
        months.decision_count + months.inferred_count as expected
    from {{ ref('agg_outcomes_by_month') }} as months
    cross join by_side
    left join by_month
        on by_side.cited_by = by_month.cited_by and months.month_key = by_month.month_key
    where coalesce(by_month.row_sum, 0) < months.decision_count + months.inferred_count
)

select
    finding,
    cited_by,
    month_key,
    in_marts,
    expected
from findings
