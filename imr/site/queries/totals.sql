-- One row per period: the totals at the top of the page. Inferred outcomes are in no rate and counted apart.
SELECT coalesce(strftime(decision_date, '%Y'), 'all') AS period, count(*) AS cases,
    coalesce(sum(decision_count) FILTER (NOT is_outcome_inferred), 0)::BIGINT AS decision_count,
    coalesce(sum(overturned_count) FILTER (NOT is_outcome_inferred), 0)::BIGINT AS overturned_count,
    coalesce(sum(decision_count) FILTER (is_outcome_inferred), 0)::BIGINT AS inferred_count,
    min(decision_date)::VARCHAR AS first_day, max(decision_date)::VARCHAR AS last_day,
    median(days_application_to_decision) FILTER (days_application_to_decision >= 0) AS median_days
FROM fct_determinations
GROUP BY GROUPING SETS ((), (strftime(decision_date, '%Y')))
HAVING grouping(strftime(decision_date, '%Y')) = 1 OR strftime(decision_date, '%Y') IS NOT NULL
ORDER BY period
