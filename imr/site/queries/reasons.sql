-- One row per outcome, chart, group, deciding reason and period (a year, or all): the reason's share of the group's
-- decisions with this outcome, with its interval. Charts of groups hold the fifteen largest groups.
WITH decisions AS (
    SELECT f.outcome, strftime(f.decision_date, '%Y') AS decision_year, coalesce(d.reason_name, 'Not stated') AS reason,
        f.treatment_category, p.procedure_name, f.case_key
    FROM fct_decisions AS f
    LEFT JOIN dim_reasons AS d ON f.deciding_reason = d.reason
    LEFT JOIN dim_procedures AS p USING (procedure)
    WHERE f.outcome IN ('upheld', 'overturned') AND NOT f.is_outcome_inferred
),
grouped AS (
    SELECT outcome, 'reason' AS chart, NULL AS name, reason, decision_year FROM decisions
    UNION ALL
    SELECT outcome, 'procedure', procedure_name, reason, decision_year FROM decisions WHERE procedure_name IS NOT NULL
    UNION ALL
    SELECT outcome, 'category', treatment_category, reason, decision_year FROM decisions
    UNION ALL
    SELECT d.outcome, 'diagnosis', g.diagnosis_group_name, d.reason, d.decision_year
    FROM decisions AS d
    INNER JOIN fct_determinations AS c USING (case_key)
    INNER JOIN dim_diagnosis_groups AS g ON has_group(c.diagnosis_groups, g.diagnosis_group)
),
counted AS (
    SELECT outcome, chart, name, reason, coalesce(decision_year, 'all') AS period, count(*) AS decision_count
    FROM grouped
    GROUP BY GROUPING SETS ((outcome, chart, name, reason), (outcome, chart, name, reason, decision_year))
    HAVING grouping(decision_year) = 1 OR decision_year IS NOT NULL
),
totalled AS (
    SELECT *, sum(decision_count) OVER (PARTITION BY outcome, chart, name, period) AS group_count,
        sum(decision_count) OVER (PARTITION BY outcome, chart, reason, period) AS reason_count
    FROM counted
),
ranked AS (
    SELECT *, dense_rank() OVER (PARTITION BY outcome, chart, period ORDER BY group_count DESC, name) AS group_rank,
        dense_rank() OVER (PARTITION BY outcome, chart, period ORDER BY reason_count DESC, reason) AS reason_rank
    FROM totalled
)
SELECT outcome, chart, coalesce(name, reason) AS name, reason, period, decision_count, group_count::BIGINT AS group_count,
    decision_count / group_count AS share,
    wilson_low(decision_count, group_count) AS share_low, wilson_high(decision_count, group_count) AS share_high,
    reason_rank,
    coalesce(name || ', ', '') || lower(reason) || ': ' || describe_share(decision_count, group_count, outcome) AS label
FROM ranked
WHERE group_rank <= 15
ORDER BY outcome, chart, period, group_rank, reason_rank
