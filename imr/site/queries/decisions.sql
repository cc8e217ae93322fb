-- One row per file of the drill-down: at most `rows_per_file` decisions of a month and category as JSON arrays, newest
-- first. An array holds case number, file name (if there is no case number), day, treatment, then positions of names
-- (macro `name_index`): outcome, drug class, specialties, guidelines cited by the reviewer, evidence of both sides, kind
-- of request.
WITH guidelines AS (
    SELECT b.decision_key,
        list(DISTINCT name_index('guideline', guideline_label(d.guideline_source, d.guideline))) AS indexes
    FROM bdg_decision_guidelines AS b
    INNER JOIN dim_guidelines AS d USING (guideline_key)
    WHERE b.cited_by = 'reviewer'
    GROUP BY b.decision_key
),
specialties AS (
    SELECT b.case_key, list(DISTINCT name_index('specialty', d.specialty)) AS indexes
    FROM bdg_determination_specialties AS b
    INNER JOIN dim_specialties AS d USING (specialty_key)
    GROUP BY b.case_key
),
packed AS (
    SELECT
        coalesce(strftime(f.decision_date, '%Y-%m'), 'unknown') AS month_key,
        name_index('category', f.treatment_category) AS category,
        f.is_overturned,
        f.decision_date,
        f.decision_key,
        json_array(
            f.case_number, CASE WHEN f.case_number IS NULL THEN f.source_name END, f.decision_date::VARCHAR,
            coalesce(f.disputed_request, f.treatment_requested), name_index('outcome', f.outcome),
            CASE WHEN f.treatment_category = 'Pharmaceuticals'
                THEN name_index('drug_class', coalesce(f.drug_class, 'Not recognised'))
            END,
            specialties.indexes, guidelines.indexes, name_index('claims_admin_evidence', f.claims_admin_evidence),
            name_index('reviewer_evidence', f.reviewer_evidence), name_index('request', request_kind(f.is_modified))
        )::VARCHAR AS decision
    FROM fct_decisions AS f
    LEFT JOIN guidelines USING (decision_key)
    LEFT JOIN specialties USING (case_key)
    WHERE NOT f.is_outcome_inferred
),
numbered AS (
    SELECT *, (row_number() OVER (PARTITION BY month_key, category ORDER BY decision_date DESC, decision_key) - 1)
        // getvariable('rows_per_file') AS part
    FROM packed
)
SELECT month_key, category, part, count(*) AS decisions, count(*) FILTER (is_overturned) AS overturned,
    string_agg(decision, ',' || chr(10) ORDER BY decision_date DESC, decision_key) AS rows
FROM numbered
GROUP BY ALL
ORDER BY month_key DESC, category, part
