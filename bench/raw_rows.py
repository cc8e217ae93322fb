"""Run files of synthetic letters by the million, with the shapes of real ones.

Decisions per letter, text lengths, citations and repeated requests follow the letters of 2016-17 (`domain.md` 1.5 and
5.2). Every value is drawn from a hash of the letter's number, so the same numbers give the same rows.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.runs.run import Run
from warehouse.runs.schema import SCHEMAS

VOCABULARY: dict[str, Any] = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))
FIRST_DAY, DAYS = "2013-01-02", 4383
"""All letters are spread over the twelve years from the first day."""


def write_run(run: Run, first: int, count: int, seen_at: datetime, total: int) -> None:
    """Write the letters `first` to `first + count - 1` of `total` as the run files of a run, as if it had read them.

    Of every fifty letters, one is another letter of the case before it.
    """
    with duckdb.connect() as connection:
        _draw(connection, first, first + count, DAYS / total)
        for table, schema in SCHEMAS.items():
            target = run.folder / table / "chunk-0000000.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            connection.register("empty", schema.empty_table())
            load = {"run_id": run.run_id, "seen_at": seen_at}
            query = _TABLES[table]
            names = {name: value for name, value in load.items() if f"${name}" in query}
            # The empty table adds the columns that no letter has.
            connection.sql(f"FROM empty UNION ALL BY NAME ({query})", params=names).write_parquet(str(target))


def _draw(connection: duckdb.DuckDBPyConnection, first: int, last: int, days_per_letter: float) -> None:
    """Create the tables that the rows are selected from."""
    for name in ("parts", "drugs", "others", "specialties", "diagnoses"):
        connection.execute(f"SET VARIABLE {name} = ?", [VOCABULARY[name]])
    connection.execute("SET VARIABLE words = ?", [VOCABULARY["words"].split()])
    chapters = [(c["source"], t or None, c.get("year")) for c in VOCABULARY["chapters"] for t in c["titles"]]
    connection.execute("CREATE TABLE chapters (k BIGINT, s VARCHAR, t VARCHAR, y INT)")
    connection.executemany("INSERT INTO chapters VALUES (?, ?, ?, ?)", [[k, *c] for k, c in enumerate(chapters)])
    connection.execute(_LETTERS_DRAWN, {"first": first, "last": last, "pace": days_per_letter, "first_day": FIRST_DAY})
    connection.execute(_DECISIONS_DRAWN)
    connection.execute(_PARAGRAPHS)


def _pick(variable: str, salt: str) -> str:
    return f"getvariable('{variable}')[1 + (hash(n, '{salt}') % len(getvariable('{variable}')))::INT]"


def _chance(salt: str) -> str:
    """Return an SQL expression for a number from 0 to 999."""
    return f"(hash(n, '{salt}') % 1000)"


_OVERTURNED = f"""(
    CASE
        WHEN {_chance("kind")} < 380 THEN 95
        WHEN {_chance("kind")} < 600 THEN 70
        WHEN {_chance("kind")} < 780 THEN 125
        ELSE 160
    END * (1.35 - 0.05 * (year(decision_date) - 2013)) * CASE WHEN {_chance("modified")} < 107 THEN 0.8 ELSE 1.0 END
)"""
"""Of a thousand: drugs, therapy, imaging, others; fewer every year, and of modified requests. About 106 in all."""

_LETTERS_DRAWN = """
CREATE TABLE drawn_letters AS
SELECT
    i AS n,
    sha256('letter ' || i) AS letter_id,
    $first_day::DATE + (i * $pace)::INT AS decision_date,
    i - (i % 50 = 49)::INT AS case_serial,
    [1,1,1,1,1,1,1,1,1,1,1,1,2,2,2,2,3,3,4,5,6,8][1 + (hash(i, 'decisions') % 22)::INT] AS decisions
FROM range($first, $last) r(i)
"""

_DECISIONS_DRAWN = f"""
CREATE TABLE drawn_decisions AS
WITH numbered AS (
    SELECT letter_id, d::INT AS decision_number, n * 20 + d AS n, decision_date
    FROM drawn_letters, range(1, 9) r(d)
    WHERE d <= decisions
),
requests AS (
    SELECT *,
        CASE
            WHEN {_chance("kind")} < 380 THEN
                {_pick("drugs", "drug")} || ' ' || [5, 7.5, 10, 20, 25, 50, 100, 200, 300, 600][
                    1 + (hash(n, 'strength') % 10)::INT] || 'mg #' || (10 + 5 * (hash(n, 'pills') % 30))
                || CASE
                    WHEN {_chance("refills")} < 200 THEN ' with ' || (1 + hash(n, 'r') % 5) || ' refills' ELSE ''
                END
            WHEN {_chance("kind")} < 600 THEN
                {_pick("parts", "part")} || ' physical therapy, ' || (1 + hash(n, 'times') % 4) || ' times a week for '
                || (2 + hash(n, 'weeks') % 10) || ' weeks'
            WHEN {_chance("kind")} < 780 THEN
                ['MRI of the ', 'X-ray of the ', 'CT scan of the ', 'MR arthrogram of the '][
                    1 + (hash(n, 'scan') % 4)::INT] || {_pick("parts", "part")}
                || ['', ' without contrast', ' with contrast', ', outpatient', ' (open)'][
                    1 + (hash(n, 'contrast') % 5)::INT]
            WHEN {_chance("kind")} < 850 THEN
                'Acupuncture, ' || (4 + hash(n, 'needles') % 20) || ' sessions, ' || {_pick("parts", "part")}
            ELSE {_pick("others", "other")}
        END AS request
    FROM numbered
)
SELECT
    n, letter_id, decision_number,
    request || CASE
        WHEN {_chance("words")} < 250 THEN
            ' (DOS ' || strftime(decision_date - (40 + hash(n, 'dos') % 60)::INT, '%m/%d/%Y') || ')'
        WHEN {_chance("words")} < 450 THEN ' as requested on ' || (1 + hash(n, 'page') % 28) || ' of the month, for '
            || {_pick("words", "w1")} || ' ' || {_pick("words", "w2")}
        ELSE ''
    END AS request,
    CASE WHEN {_chance("outcome")} < {_OVERTURNED} THEN 'overturned' ELSE 'upheld' END AS outcome,
    {_chance("modified")} < 107 AS is_modified
FROM requests
"""  # noqa: S608 - names are this file's own

_PARAGRAPHS = """
CREATE TABLE paragraphs AS
WITH used AS (
    SELECT hash(n, 'summary') % 20000 AS k FROM drawn_letters
    UNION SELECT hash(n, 'rationale') % 20000 FROM drawn_decisions
    UNION SELECT hash(n, 'guideline') % 20000 FROM drawn_decisions
),
sentences AS (
    SELECT s, string_agg(getvariable('words')[1 + (hash(s, w) % len(getvariable('words')))::INT], ' ' ORDER BY w) || '.'
        AS sentence
    FROM range(5000) a(s), range(22) b(w)
    WHERE w < 8 + s % 14
    GROUP BY s
)
SELECT
    k,
    string_agg(sentence, ' ' ORDER BY c) FILTER (c < 1) AS line,
    string_agg(sentence, ' ' ORDER BY c) FILTER (c < 8) AS rationale,
    string_agg(sentence, ' ' ORDER BY c) AS summary
FROM used, range(13) q(c), sentences
WHERE s = (hash(k::BIGINT, c) % 5000)::BIGINT
GROUP BY k
"""
"""Texts of the length of real ones. Each of the 20,000 occurs some hundred times in a million letters, too rarely to be
compressed away."""

_TABLES = {
    "letters": f"""
SELECT
    letter_id,
    'CM-' || n || '.pdf' AS source_name,
    'table_header' AS format,
    '1' AS parser_version,
    'pdfium' AS extractor,
    (2 + n % 4)::INT AS page_count,
    'CM' || strftime(decision_date, '%y') || '-' || lpad(case_serial::VARCHAR, 7, '0') AS case_number,
    decision_date - (21 + hash(n, 'assigned') % 18)::INT AS date_assigned,
    decision_date - (60 + hash(n, 'injury') % 2500)::INT AS date_of_injury,
    decision_date,
    decision_date - (40 + hash(n, 'denial') % 20)::INT AS ur_denial_date,
    decision_date - (24 + hash(n, 'application') % 16)::INT AS application_received,
    'Standard' AS priority,
    ['California', ['Texas', 'Arizona', 'Washington', 'Florida', 'Nevada'][1 + (n % 5)::INT]] AS licensure_states,
    [{_pick("specialties", "s1")}, {_pick("specialties", "s2")}][:1 + (hash(n, 'two') % 2)::INT] AS specialties,
    [{_pick("diagnoses", "d1")}, {_pick("diagnoses", "d2")}][:1 + (hash(n, 'second') % 2)::INT] AS diagnoses,
    ['pain of the lower back'] AS complaints,
    decision_date - (50 + hash(n, 'request') % 20)::INT AS rfa_date,
    (20 + hash(n, 'age') % 50)::INT AS patient_age,
    CASE WHEN n % 3 = 0 THEN 'female' ELSE 'male' END AS patient_sex,
    summary AS clinical_case_summary,
    case_outcome,
    $run_id AS run_id
FROM drawn_letters
INNER JOIN (
    SELECT letter_id, CASE WHEN count(DISTINCT outcome) > 1 THEN 'partially_overturned' ELSE min(outcome) END
        AS case_outcome
    FROM drawn_decisions GROUP BY letter_id
) USING (letter_id)
INNER JOIN paragraphs ON k = hash(n, 'summary') % 20000
ORDER BY n
""",  # noqa: S608 - names are this file's own
    "decisions": """
SELECT
    letter_id,
    decision_number,
    request AS treatment_requested,
    outcome,
    is_modified,
    CASE WHEN is_modified THEN request || ', twice' END AS original_request,
    CASE WHEN is_modified THEN request || ', once' END AS authorized_request,
    CASE WHEN is_modified THEN request END AS disputed_request,
    lines.line AS claims_admin_guideline,
    paragraphs.line AS reviewer_guideline,
    paragraphs.rationale,
    CASE outcome WHEN 'upheld' THEN 'not_necessary' ELSE 'necessary' END AS rationale_finding,
    2 AS page,
    $run_id AS run_id
FROM drawn_decisions
INNER JOIN paragraphs ON paragraphs.k = hash(n, 'rationale') % 20000
INNER JOIN paragraphs AS lines ON lines.k = hash(n, 'guideline') % 20000
ORDER BY n
""",
    "citations": """
WITH drawn AS (
    SELECT *, (hash(n, side, c, 'chapter') % (SELECT count(*) FROM chapters))::INT AS k
    FROM drawn_decisions, (VALUES ('claims_admin'), ('reviewer')) sides(side), range(3) r(c)
    WHERE c < [0, 1, 1, 1, 1, 1, 1, 2, 2, 3][1 + (hash(n, side) % 10)::INT]
)
SELECT
    letter_id,
    decision_number,
    (c + 1 + CASE side WHEN 'reviewer' THEN 10 ELSE 0 END)::INT AS citation_number,
    side AS cited_by,
    s AS source,
    t AS title,
    y AS year,
    CASE WHEN hash(n, side, c, 'sections') % 3 > 0 THEN ['Special Studies', 'Opioids'] ELSE [] END AS sections,
    concat_ws(' ', s, t, y, 'and the section that is meant') AS raw,
    $run_id AS run_id
FROM drawn INNER JOIN chapters USING (k)
ORDER BY n
""",
    "flags": """
SELECT
    letter_id,
    ['header_date', 'no_guideline_cited', 'redaction_hole'][1 + (hash(n, 'code') % 3)::INT] AS code,
    'synthetic' AS detail,
    $run_id AS run_id
FROM drawn_letters
WHERE hash(n, 'flag') % 5 = 0
""",
    "files": """
SELECT
    CASE WHEN is_scan THEN sha256('scan ' || n) ELSE letter_id END AS sha256,
    '1' AS parser_version,
    'inbox/CM-' || n || CASE WHEN is_scan THEN '-scan' ELSE '' END || '.pdf' AS source_path,
    (40000 + hash(n, 'size') % 100000)::BIGINT AS size_bytes,
    CASE WHEN is_scan THEN 'quarantined' ELSE 'loaded' END AS status,
    CASE WHEN is_scan THEN 'no_text_layer' END AS reason,
    $seen_at::TIMESTAMP AS seen_at,
    $run_id AS run_id
FROM drawn_letters, (VALUES (false), (true)) kinds(is_scan)
WHERE NOT is_scan OR hash(n, 'scan') % 100 = 0
ORDER BY n
""",
    "reviews": """
SELECT
    letter_id AS sha256, 'release' AS verdict, 'a person' AS decided_by, $seen_at::TIMESTAMP AS decided_at,
    $run_id AS run_id
FROM drawn_letters
WHERE n % 100 = 99
""",
}
"""The query of each run table."""
