-- One row per chart and period: the finding, as the chart's title. Without a row the title is the chart's name.
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY chart, period ORDER BY overturn_rate_low DESC, decision_count DESC) AS rank,
        -- Significantly above average: the lower bound exceeds the rate of all groups together.
        overturn_rate_low > sum(overturned_count) OVER whole / sum(decision_count) OVER whole AS stands_out
    FROM rates
    WHERE decision_count >= min_decisions() AND name NOT IN ('Not stated', 'Not recognised', 'uncategorised')
    WINDOW whole AS (PARTITION BY chart, period)
),
years AS (
    SELECT min_by(r, period) AS a, max_by(r, period) AS b
    FROM rates AS r
    WHERE chart = 'all' AND decision_count >= min_decisions()
        -- Years with most of their months.
        AND period IN (SELECT period FROM months GROUP BY period HAVING count(*) > 6)
),
cases AS (
    SELECT coalesce(strftime(decision_date, '%Y'), 'all') AS period, median(days_application_to_decision) AS half,
        quantile_cont(days_application_to_decision, 0.9) AS most
    FROM fct_determinations
    WHERE days_application_to_decision >= 0
    GROUP BY GROUPING SETS ((), (strftime(decision_date, '%Y')))
    HAVING grouping(strftime(decision_date, '%Y')) = 1 OR strftime(decision_date, '%Y') IS NOT NULL
),
files AS (
    SELECT sum(file_count) AS n, sum(file_count) FILTER (latest_status = 'quarantined') AS quarantined
    FROM agg_intake_daily
)
SELECT 'all' AS chart, period, percent(overturn_rate) || ' of denials were overturned' AS headline
FROM rates WHERE chart = 'all'
UNION ALL
SELECT 'months', 'all', CASE
        WHEN b.overturn_rate_high < a.overturn_rate_low THEN
            'Overturned less often: ' || percent(a.overturn_rate) || ' in ' || a.period || ', ' || percent(b.overturn_rate) || ' in ' || b.period
        WHEN b.overturn_rate_low > a.overturn_rate_high THEN
            'Overturned more often: ' || percent(a.overturn_rate) || ' in ' || a.period || ', ' || percent(b.overturn_rate) || ' in ' || b.period
        ELSE 'No clear change: ' || percent(a.overturn_rate) || ' overturned in ' || a.period || ', ' || percent(b.overturn_rate) || ' in ' || b.period
    END
FROM years WHERE a.period < b.period
UNION ALL
SELECT chart, period,
    CASE WHEN stands_out THEN name || ': overturned most often, ' || percent(overturn_rate) ELSE 'No group stands out' END
FROM ranked WHERE rank = 1 AND chart IN ('category', 'diagnosis', 'drug_class', 'guideline', 'procedure', 'procedure_region', 'specialty')
UNION ALL
SELECT 'request', m.period, percent(m.overturn_rate) || ' of modified requests were overturned, '
    || percent(w.overturn_rate) || ' of full denials'
FROM rates AS m INNER JOIN rates AS w USING (chart, period)
WHERE chart = 'request' AND m.name LIKE 'Modified%' AND w.name LIKE 'Full%'
UNION ALL
SELECT 'evidence', period,
    CASE WHEN stands_out
        THEN 'Overturned most often, ' || percent(overturn_rate) || ', where UR relies on “' || name
            || '” and the reviewer on “' || reviewer_evidence || '”'
        ELSE 'No group stands out'
    END
FROM ranked WHERE rank = 1 AND chart = 'evidence'
UNION ALL
SELECT 'days', period, 'Half of the cases were decided within ' || round(half)::INT || ' days, nine in ten within '
    || round(most)::INT
FROM cases
UNION ALL
SELECT 'intake', 'all', percent(coalesce(quarantined, 0) / n) || ' of ' || amount(n) || ' files were quarantined'
FROM files WHERE n > 0
UNION ALL
SELECT 'quarantine', 'all', 'Most frequent reason: ' || name FROM anomalies WHERE chart = 'quarantine'
QUALIFY row_number() OVER (ORDER BY file_count DESC, name) = 1
UNION ALL
SELECT 'flags', 'all', 'Most frequent flag: ' || name FROM anomalies WHERE chart = 'flags'
QUALIFY row_number() OVER (ORDER BY file_count DESC, name) = 1
UNION ALL
SELECT 'published', 'all', figure_year || ': ' || percent(published_value) || ' overturned as published, '
    || percent(warehouse_value) || ' here'
FROM published WHERE is_drawn AND warehouse_value IS NOT NULL
QUALIFY row_number() OVER (ORDER BY figure_year DESC) = 1
