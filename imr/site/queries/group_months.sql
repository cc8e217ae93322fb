-- One row per group, with the months in which it has decisions: the drill-down loads only these.
SELECT 'drug_class' AS attribute, drug_class AS name, list(DISTINCT month_key) AS months
FROM agg_outcomes_by_drug_class_month WHERE decision_count > 0 GROUP BY ALL
UNION ALL
SELECT 'guideline', guideline_label(guideline_source, guideline), list(DISTINCT month_key)
FROM agg_outcomes_by_guideline_month WHERE cited_by = 'reviewer' AND decision_count > 0 GROUP BY ALL
UNION ALL
SELECT 'specialty', specialty, list(DISTINCT month_key)
FROM agg_outcomes_by_specialty_month WHERE decision_count > 0 GROUP BY ALL
