-- One row per day and end status, for the last sixty days with files.
WITH days AS (
    SELECT DISTINCT seen_on FROM agg_intake_daily ORDER BY seen_on DESC LIMIT 60
)
SELECT strftime(seen_on, '%Y-%m-%d') AS seen_on, latest_status, sum(file_count)::BIGINT AS file_count,
    strftime(seen_on, '%Y-%m-%d') || ': ' || amount(sum(file_count)) || ' ' || latest_status AS label
FROM agg_intake_daily
INNER JOIN days USING (seen_on)
GROUP BY seen_on, latest_status
ORDER BY seen_on, latest_status
