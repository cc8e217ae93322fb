-- One row per month of determination. Letters without a date are left out.
SELECT strftime(decision_month, '%Y') AS period, month_key, decision_month, determination_count, decision_count,
    upheld_count, overturned_count, overturn_rate, overturn_rate_low, overturn_rate_high,
    strftime(decision_month, '%B %Y') || ': ' || describe_rate(overturned_count, decision_count) AS label
FROM agg_outcomes_by_month
WHERE decision_month IS NOT NULL AND decision_count > 0
ORDER BY decision_month
