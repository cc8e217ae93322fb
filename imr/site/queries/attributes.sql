-- One row per decision, attribute and name: what the charts group decisions by. A decision may have several names.
WITH letters AS (
    SELECT case_key, 'specialty' AS attribute, d.specialty AS name
    FROM bdg_determination_specialties
    INNER JOIN dim_specialties AS d USING (specialty_key)
)
SELECT decision_key, 'outcome' AS attribute, outcome AS name FROM fct_decisions
UNION ALL
SELECT decision_key, 'category', treatment_category FROM fct_decisions
UNION ALL
SELECT decision_key, 'drug_class', coalesce(drug_class, 'Not recognised')
FROM fct_decisions
WHERE treatment_category = 'Pharmaceuticals'
UNION ALL
SELECT decision_key, 'procedure', d.procedure_name
FROM fct_decisions
INNER JOIN dim_procedures AS d USING (procedure)
UNION ALL
SELECT DISTINCT f.decision_key, 'procedure_region', procedure_label(d.procedure_name, b.body_region)
FROM fct_decisions AS f
INNER JOIN dim_procedures AS d USING (procedure)
LEFT JOIN bdg_decision_body_regions AS b USING (decision_key)
UNION ALL
SELECT decision_key, 'reason', coalesce(d.reason_name, 'Not stated')
FROM fct_decisions AS f
LEFT JOIN dim_reasons AS d ON f.deciding_reason = d.reason
UNION ALL
SELECT DISTINCT b.decision_key, 'guideline', guideline_label(d.guideline_source, d.guideline)
FROM bdg_decision_guidelines AS b
INNER JOIN dim_guidelines AS d USING (guideline_key)
WHERE b.cited_by = 'reviewer'
UNION ALL
SELECT f.decision_key, 'diagnosis', g.diagnosis_group_name
FROM fct_decisions AS f
INNER JOIN fct_determinations AS c USING (case_key)
INNER JOIN dim_diagnosis_groups AS g ON has_group(c.diagnosis_groups, g.diagnosis_group)
UNION ALL
SELECT decision_key, 'claims_admin_evidence', claims_admin_evidence FROM fct_decisions
UNION ALL
SELECT decision_key, 'reviewer_evidence', reviewer_evidence FROM fct_decisions
UNION ALL
SELECT decision_key, 'request', request_kind(is_modified) FROM fct_decisions
UNION ALL
SELECT DISTINCT f.decision_key, l.attribute, l.name FROM fct_decisions AS f INNER JOIN letters AS l USING (case_key)
