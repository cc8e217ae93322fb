-- One row per file of the drill-down: at most `rows_per_file` decisions of a month and category as JSON arrays, newest
-- first. An array holds case number, file name (if there is no case number), day, treatment, outcome, and the numbers of
-- the decision's names.
WITH named AS (
    SELECT a.decision_key, list(n.name_id ORDER BY n.name_id) AS name_ids,
        any_value(n.name_id) FILTER (attribute = 'category') AS category,
        any_value(n.name_id) FILTER (attribute = 'outcome') AS outcome
    FROM attributes AS a
    INNER JOIN names AS n USING (attribute, name)
    GROUP BY a.decision_key
),
packed AS (
    SELECT
        coalesce(strftime(f.decision_date, '%Y-%m'), 'unknown') AS month_key,
        named.category,
        f.is_overturned,
        f.decision_date,
        f.decision_key,
        json_array(
            f.case_number, CASE WHEN f.case_number IS NULL THEN f.source_name END, f.decision_date::VARCHAR,
            coalesce(f.disputed_request, f.treatment_requested), named.outcome, named.name_ids
        )::VARCHAR AS decision
    FROM fct_decisions AS f
    INNER JOIN named USING (decision_key)
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
