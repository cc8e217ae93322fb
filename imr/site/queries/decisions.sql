-- One row a file of the drill-down: at most so many decisions of one month and category, newest first, as JSON arrays.
-- Names stand once, in the index; a decision holds their places (macro `place`). What a decision says of itself: case, file where the letter
-- prints no case number, day, treatment, then places of outcome, drug class, specialties, guidelines that the reviewer
-- cites, both sides' evidence, and kind of request.
WITH guidelines AS (
    SELECT b.decision_key,
        list(DISTINCT place('guideline', guideline_label(d.guideline_source, d.guideline))) AS places
    FROM bdg_decision_guidelines AS b
    INNER JOIN dim_guidelines AS d USING (guideline_key)
    WHERE b.cited_by = 'reviewer'
    GROUP BY b.decision_key
),
specialties AS (
    SELECT b.case_key, list(DISTINCT place('specialty', d.specialty)) AS places
    FROM bdg_determination_specialties AS b
    INNER JOIN dim_specialties AS d USING (specialty_key)
    GROUP BY b.case_key
),
placed AS (
    SELECT
        coalesce(strftime(f.decision_date, '%Y-%m'), 'unknown') AS month_key,
        place('category', f.treatment_category) AS category,
        f.is_overturned,
        f.decision_date,
        f.decision_key,
        json_array(
            f.case_number, CASE WHEN f.case_number IS NULL THEN f.source_name END, f.decision_date::VARCHAR,
            coalesce(f.disputed_request, f.treatment_requested), place('outcome', f.outcome),
            CASE WHEN f.treatment_category = 'Pharmaceuticals'
                THEN place('drug_class', coalesce(f.drug_class, 'Not recognised'))
            END,
            specialties.places, guidelines.places, place('claims_admin_evidence', f.claims_admin_evidence),
            place('reviewer_evidence', f.reviewer_evidence), f.is_modified::INT
        )::VARCHAR AS told
    FROM fct_decisions AS f
    LEFT JOIN guidelines USING (decision_key)
    LEFT JOIN specialties USING (case_key)
),
numbered AS (
    SELECT *, (row_number() OVER (PARTITION BY month_key, category ORDER BY decision_date DESC, decision_key) - 1)
        // getvariable('rows_a_file') AS part
    FROM placed
)
SELECT month_key, category, part, count(*) AS decisions, count(*) FILTER (is_overturned) AS overturned,
    string_agg(told, ',' || chr(10) ORDER BY decision_date DESC, decision_key) AS told
FROM numbered
GROUP BY ALL
ORDER BY month_key DESC, category, part
