-- One row per name that is not found in most months, with its months: the drill-down loads only these.
SELECT n.name_id, list(DISTINCT m.month_key ORDER BY m.month_key) AS months
FROM attributes AS a
INNER JOIN names AS n USING (attribute, name)
INNER JOIN (SELECT decision_key, coalesce(strftime(decision_date, '%Y-%m'), 'unknown') AS month_key FROM fct_decisions) AS m
    USING (decision_key)
GROUP BY n.name_id
HAVING count(DISTINCT m.month_key) * 2 < (SELECT count(DISTINCT month_key) FROM fct_decisions)
ORDER BY n.name_id
