-- One row per attribute, with its names: the files of decisions hold positions in these lists.
WITH found AS (
    SELECT DISTINCT 'outcome' AS attribute, outcome AS name FROM fct_decisions
    UNION SELECT 'category', treatment_category FROM fct_decisions
    UNION SELECT 'drug_class', drug_class FROM agg_outcomes_by_drug_class_month
    UNION SELECT 'guideline', guideline_label(guideline_source, guideline) FROM agg_outcomes_by_guideline_month
        WHERE cited_by = 'reviewer'
    UNION SELECT 'specialty', specialty FROM agg_outcomes_by_specialty_month
    UNION SELECT 'claims_admin_evidence', claims_admin_evidence FROM agg_outcomes_by_evidence
    UNION SELECT 'reviewer_evidence', reviewer_evidence FROM agg_outcomes_by_evidence
    UNION SELECT 'request', request_kind(is_modified) FROM fct_decisions
)
SELECT attribute, list(name ORDER BY name) AS names
FROM found
GROUP BY attribute
ORDER BY attribute
