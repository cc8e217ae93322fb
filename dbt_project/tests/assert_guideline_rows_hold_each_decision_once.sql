with by_guideline as (
    select
        cited_by,
        month_key,
        sum(decision_count) as row_sum
    from {{ ref('fct_outcomes_by_guideline_month') }}
    group by cited_by, month_key
),

cited as (
    select
        bridge.cited_by,
        {{ month_key('decisions.decision_date') }} as month_key,
        count(*) as citing_count,
        count(distinct bridge.decision_key) as decision_count
    from {{ ref('bdg_decision_guidelines') }} as bridge
    inner join {{ ref('fct_decisions') }} as decisions
        on bridge.decision_key = decisions.decision_key
    group by bridge.cited_by, {{ month_key('decisions.decision_date') }}
),

sides as (
    select distinct cited_by from cited
),

months as (
    select
        sides.cited_by,
        by_month.month_key,
        by_month.decision_count
    from {{ ref('fct_outcomes_by_month') }} as by_month
    cross join sides
)

select
    months.cited_by,
    months.month_key,
    by_guideline.row_sum,
    cited.citing_count,
    cited.decision_count as decisions_in_bridge,
    months.decision_count
from months
left join by_guideline
    on months.cited_by = by_guideline.cited_by and months.month_key = by_guideline.month_key
left join cited
    on months.cited_by = cited.cited_by and months.month_key = cited.month_key
where
    months.decision_count > 0
    and (
        coalesce(by_guideline.row_sum, 0) <> coalesce(cited.citing_count, 0)
        or coalesce(cited.decision_count, 0) <> months.decision_count
        or coalesce(by_guideline.row_sum, 0) < months.decision_count
    )
