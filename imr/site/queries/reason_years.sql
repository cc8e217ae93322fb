-- One row per outcome, year and deciding reason: the reason's share of the year's decisions with this outcome.
SELECT outcome, period AS name, reason, decision_count, group_count, share, share_low, share_high, reason_rank,
    period || ', ' || label AS label
FROM (
    SELECT * EXCLUDE (reason_rank), (
        SELECT any_value(a.reason_rank) FROM reasons AS a
        WHERE a.chart = 'reason' AND a.period = 'all' AND a.outcome = r.outcome AND a.reason = r.reason
    ) AS reason_rank
    FROM reasons AS r
    WHERE chart = 'reason' AND period <> 'all'
)
ORDER BY outcome, name, reason_rank
