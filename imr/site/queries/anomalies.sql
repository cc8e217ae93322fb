-- One row per quarantine reason (files), and per flag of the parser (letters).
SELECT 'quarantine' AS chart, quarantine_reason AS name, sum(file_count)::BIGINT AS file_count,
    quarantine_reason || ': ' || amount(sum(file_count)) || ' files' AS label
FROM agg_intake_daily
WHERE latest_status = 'quarantined'
GROUP BY quarantine_reason
UNION ALL
SELECT 'flags', flag_code, sum(letter_count)::BIGINT, flag_code || ': ' || amount(sum(letter_count)) || ' letters'
FROM agg_flags_daily
GROUP BY flag_code
ORDER BY chart, file_count DESC, name
