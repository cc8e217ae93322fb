-- One row per month of determination: days from receipt of the application to the determination.
SELECT strftime(decision_month, '%Y') AS period, month_key, decision_month, measured_count, median_days, p90_days,
    over_30_days_share, over_45_days_share,
    strftime(decision_month, '%B %Y') || ': half within ' || round(median_days)::INT || ' days, nine in ten within '
    || round(p90_days)::INT || ' (' || amount(measured_count) || ' cases)' AS label
FROM agg_time_to_decision_by_month
WHERE time_interval = 'application_to_decision' AND decision_month IS NOT NULL AND measured_count > 0
ORDER BY decision_month
