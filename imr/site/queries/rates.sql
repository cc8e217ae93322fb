-- One row per chart, group and period (a year, or all): counts of decisions, the overturn rate and its interval.
WITH counts AS (
    SELECT 'all' AS chart, 'All decisions' AS name, decision_month, decision_count, upheld_count, overturned_count,
        partially_overturned_count
    FROM agg_outcomes_by_month
    UNION ALL
    SELECT 'category', treatment_category, decision_month, decision_count, upheld_count, overturned_count,
        partially_overturned_count
    FROM agg_outcomes_by_category_month
    UNION ALL
    SELECT 'drug_class', drug_class, decision_month, decision_count, upheld_count, overturned_count,
        partially_overturned_count
    FROM agg_outcomes_by_drug_class_month
    UNION ALL
    SELECT 'procedure', d.procedure_name, a.decision_month, a.decision_count, a.upheld_count, a.overturned_count,
        a.partially_overturned_count
    FROM agg_outcomes_by_procedure_month AS a
    INNER JOIN dim_procedures AS d USING (procedure)
    UNION ALL
    SELECT 'diagnosis', d.diagnosis_group_name, a.decision_month, a.decision_count, a.upheld_count, a.overturned_count,
        a.partially_overturned_count
    FROM agg_outcomes_by_diagnosis_group_month AS a
    INNER JOIN dim_diagnosis_groups AS d USING (diagnosis_group)
    UNION ALL
    SELECT 'guideline', guideline_label(guideline_source, guideline), decision_month, decision_count, upheld_count,
        overturned_count, partially_overturned_count
    FROM agg_outcomes_by_guideline_month
    WHERE cited_by = 'reviewer'
    UNION ALL
    SELECT 'specialty', specialty, decision_month, decision_count, upheld_count, overturned_count,
        partially_overturned_count
    FROM agg_outcomes_by_specialty_month
    UNION ALL
    -- The marts of these three have no months; their rows are the same sums over the same fact.
    SELECT 'procedure_region', procedure_label(d.procedure_name, b.body_region),
        date_trunc('month', f.decision_date)::DATE, count(*), count(*) FILTER (f.outcome = 'upheld'),
        count(*) FILTER (f.is_overturned), count(*) FILTER (f.outcome = 'partially_overturned')
    FROM fct_decisions AS f
    INNER JOIN dim_procedures AS d USING (procedure)
    LEFT JOIN bdg_decision_body_regions AS b USING (decision_key)
    WHERE NOT f.is_outcome_inferred
    GROUP BY ALL
    UNION ALL
    SELECT 'request', request_kind(is_modified),
        date_trunc('month', decision_date)::DATE, count(*), count(*) FILTER (outcome = 'upheld'),
        count(*) FILTER (is_overturned), count(*) FILTER (outcome = 'partially_overturned')
    FROM fct_decisions
    WHERE NOT is_outcome_inferred
    GROUP BY ALL
    UNION ALL
    SELECT 'evidence', claims_admin_evidence || chr(31) || reviewer_evidence, date_trunc('month', decision_date)::DATE,
        count(*), count(*) FILTER (outcome = 'upheld'), count(*) FILTER (is_overturned),
        count(*) FILTER (outcome = 'partially_overturned')
    FROM fct_decisions
    WHERE NOT is_outcome_inferred
    GROUP BY ALL
),
summed AS (
    SELECT chart, name, coalesce(decision_year, 'all') AS period, sum(decision_count)::BIGINT AS decision_count,
        sum(upheld_count)::BIGINT AS upheld_count, sum(overturned_count)::BIGINT AS overturned_count,
        sum(partially_overturned_count)::BIGINT AS partially_overturned_count
    FROM (SELECT *, strftime(decision_month, '%Y') AS decision_year FROM counts)
    GROUP BY GROUPING SETS ((chart, name), (chart, name, decision_year))
    HAVING (grouping(decision_year) = 1 OR decision_year IS NOT NULL) AND sum(decision_count) > 0
)
SELECT chart, split_part(name, chr(31), 1) AS name, nullif(split_part(name, chr(31), 2), '') AS reviewer_evidence,
    period, decision_count, upheld_count, overturned_count, partially_overturned_count,
    overturned_count / decision_count AS overturn_rate,
    wilson_low(overturned_count, decision_count) AS overturn_rate_low,
    wilson_high(overturned_count, decision_count) AS overturn_rate_high,
    CASE WHEN chart = 'evidence'
        THEN 'UR: ' || split_part(name, chr(31), 1) || '; reviewer: ' || split_part(name, chr(31), 2)
        ELSE name
    END || ': ' || describe_rate(overturned_count, decision_count) AS label
FROM summed
ORDER BY chart, period, overturn_rate_low DESC, decision_count DESC, name
