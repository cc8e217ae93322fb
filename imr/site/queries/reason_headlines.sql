-- One row per outcome, chart and period: the finding, as the chart's title.
SELECT outcome, 'reason' AS chart, period,
    'Most often ' || outcome || ' for: ' || lower(reason) || ', ' || percent(share) || ' of ' || amount(group_count)
    || ' decisions' AS headline
FROM reasons
WHERE chart = 'reason' AND reason_rank = 1
UNION ALL
-- The group in which the most frequent reason stands out most.
SELECT outcome, chart, period,
    CASE WHEN share_low > whole.share
        THEN name || ': ' || lower(r.reason) || ' in ' || percent(r.share) || ', against ' || percent(whole.share) || ' overall'
        ELSE 'No group stands out'
    END
FROM reasons AS r
INNER JOIN (
    SELECT outcome, period, reason, share FROM reasons WHERE chart = 'reason' AND reason_rank = 1
) AS whole USING (outcome, period, reason)
WHERE chart <> 'reason' AND group_count >= min_decisions()
QUALIFY row_number() OVER (PARTITION BY outcome, chart, period ORDER BY share_low DESC, name) = 1
