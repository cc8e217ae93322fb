"""Raw rows of made-up letters by the million, as like to real ones as the warehouse can tell.

Shapes follow the real letters of 2016-17 (`domain.md` 1.5 and 5.2): decisions a letter, length of texts, how
much is cited, how many requests are worded alike. Drawn from a hash of the letter's number, so that the
same numbers give the same rows.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from warehouse.runs.run import Run
from warehouse.runs.schema import KEYS, SCHEMAS, raw_columns

PARTS = (
    *("lumbar spine", "cervical spine", "thoracic spine", "right shoulder", "left shoulder", "right knee", "left knee"),
    *("right wrist", "left wrist", "bilateral wrists", "right elbow", "left ankle", "right hip", "right hand"),
)
DRUGS = (
    *("Norco", "Percocet", "Tramadol", "Oxycodone", "Hydrocodone/APAP", "Morphine sulfate ER", "Gabapentin", "Lyrica"),
    *("Cyclobenzaprine", "Flexeril", "Tizanidine", "Soma", "Naproxen", "Celebrex", "Ibuprofen", "Meloxicam"),
    *("Omeprazole", "Protonix", "Cymbalta", "Trazodone", "Ambien", "Xanax", "Lidoderm patch", "Terocin patch"),
    *("Flurbiprofen/lidocaine cream", "Voltaren gel", "Methoderm gel", "Docusate", "Ondansetron", "Butrans patch"),
)
OTHER_REQUESTS = (
    *(
        "EMG/NCV of the bilateral upper extremities",
        "Urine drug screen",
        "TENS unit purchase",
        "H-wave rental, 3 months",
    ),
    *("Lumbar epidural steroid injection at L4-5", "Facet injection at L3-4", "Psychotherapy, 6 sessions"),
    *("Orthopedic consultation", "Functional capacity evaluation", "Home health aide, 4 hours a day", "Lumbar brace"),
    *(
        "Functional restoration program, 80 hours",
        "Transportation to and from appointments",
        "Gym membership, 6 months",
    ),
    *("Associated surgical service: cold therapy unit, 7 days", "Right knee arthroscopy", "Lumbar fusion L4-S1"),
    *("Pre-operative medical clearance", "Post-operative physical therapy, 12 sessions", "An unheard-of device"),
)
CHAPTERS = (
    *(("MTUS", "Chronic Pain Medical Treatment", 2016),) * 8,
    *(("MTUS", "Low Back Complaints", 2004),) * 4,
    *(("MTUS", "Neck and Upper Back Complaints", 2004),) * 2,
    *(("MTUS", "Shoulder Complaints", 2004),) * 2,
    ("MTUS", "Knee Complaints", 2004),
    ("MTUS", "Acupuncture Treatment", 2007),
    ("MTUS", "Opioid Treatment", 2016),
    ("MTUS", "Low Back Disorders", 2019),
    ("MTUS", "Hand, Wrist and Forearm Disorders", 2016),
    *(("ODG", "Low Back - Lumbar & Thoracic", None),) * 3,
    *(("ODG", "Neck & Upper Back", None),) * 2,
    ("ODG", "Pain", None),
    ("ODG", "Knee & Leg", None),
    ("ODG", None, None),
    ("ACOEM", "ACOEM, 3rd edition, a chapter worded by the reviewer", None),
    ("OTHER", None, None),
)
SPECIALTIES = (
    *("Physical Medicine & Rehabilitation",) * 4,
    *("Occupational Medicine", "Preventive Medicine", "Pain Management") * 2,
    *(
        "Family Practice",
        "Family Practice",
        "Orthopedic Surgery",
        "Internal Medicine",
        "Anesthesiology",
        "Chiropractor",
    ),
    *("Psychologist", "Neurology", "Sports Medicine", "Emergency Medicine", "Surgery", "Aerospace Medicine"),
)
WORDS = [
    *("patient", "injured", "worker", "pain", "therapy", "treatment", "lumbar", "cervical", "shoulder", "knee"),
    *("request", "records", "guidelines", "support", "evidence", "necessary", "medical", "chronic", "acute"),
    *("function", "improvement", "sessions", "prior", "documented", "exam", "report", "physician", "provider"),
    *("medication", "opioid", "dose", "daily", "relief", "objective", "findings", "imaging", "nerve", "root"),
    *("radiculopathy", "weakness", "range", "motion", "limited", "tenderness", "surgery", "conservative", "care"),
    *("failed", "trial", "duration", "weeks", "months", "recommended", "criteria", "met", "established"),
    *("history", "diagnosis", "condition", "symptoms", "noted", "evaluation", "work", "status", "modified"),
    *("duty", "continued", "use", "risk", "benefit", "screening", "compliance", "adverse", "effects"),
    *("gastrointestinal", "topical", "compound", "agent", "approved", "authorized", "denied"),
]
FIRST_DAY = "2013-01-02"
DAYS_A_LETTER = 4383 / 1_000_000
"""A million letters spread over the twelve years since the first one."""


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Create raw's tables, as the loader does, and what rows are drawn from."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS raw")
    for table in SCHEMAS:
        connection.execute(f"CREATE TABLE IF NOT EXISTS raw.{table} ({raw_columns(table)})")


def write_run(run: Run, first: int, count: int, seen_at: datetime, total: int | None = None) -> None:
    """Write the letters that `insert` draws as the run files of a run, as if it had read them."""
    with duckdb.connect() as connection:
        create(connection)
        insert(connection, first, count, seen_at, total)
        for table, schema in SCHEMAS.items():
            part = run.folder / table / "chunk-0000000.parquet"
            part.parent.mkdir(parents=True, exist_ok=True)
            own = {"run_id": duckdb.ConstantExpression(run.run_id).alias("run_id")}
            columns = [own.get(name, duckdb.ColumnExpression(name)) for name in schema.names]
            connection.table(f"raw.{table}").select(*columns).write_parquet(str(part))


def insert(
    connection: duckdb.DuckDBPyConnection, first: int, count: int, loaded_at: datetime, total: int | None = None
) -> None:
    """Insert the letters `first` to `first + count - 1` with all that hangs on them, as one load.

    Of every fifty letters one is another letter of the case before it. `total` is how many letters the years are spread
    over (default: a million).
    """
    for name, values in (("parts", PARTS), ("drugs", DRUGS), ("others", OTHER_REQUESTS), ("specialties", SPECIALTIES)):
        connection.execute(f"SET VARIABLE {name} = ?", [list(values)])
    connection.execute("SET VARIABLE words = ?", [WORDS])
    connection.execute(_PARAGRAPHS)
    sources, titles, years = ([row[column] for row in CHAPTERS] for column in range(3))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE chapters AS "
        "SELECT unnest(?) AS s, unnest(?) AS t, unnest(?)::INT AS y, unnest(range(?))::INT AS k",
        [sources, titles, years, len(CHAPTERS)],
    )
    pace = DAYS_A_LETTER * 1_000_000 / (total or 1_000_000)
    days = {"first_day": FIRST_DAY, "pace": pace}
    connection.execute(_DRAWN_LETTERS, days | {"first": first, "last": first + count})
    connection.execute(_DRAWN_DECISIONS)
    load = {"loaded_at": loaded_at, "run_id": f"bench-{first}"}
    for statement in (_LETTERS, _DECISIONS, _FLAGS, _FILES, _REVIEWS):
        connection.execute(statement, load)
    connection.execute(_CITATIONS, load | {"chapters": len(CHAPTERS)})


def counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the rows of each raw table."""
    found = {}
    for table in KEYS:
        row = connection.execute(f"SELECT count(*) FROM raw.{table}").fetchone()  # noqa: S608 - a closed list of names
        found[table] = int(row[0]) if row else 0
    return found


def _pick(variable: str, salt: str) -> str:
    return f"getvariable('{variable}')[1 + (hash(n, '{salt}') % len(getvariable('{variable}')))::INT]"


def _chance(salt: str) -> str:
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


_PARAGRAPHS = """
CREATE TEMP TABLE IF NOT EXISTS paragraphs AS
WITH words AS (
    SELECT unnest(getvariable('words')) AS word, unnest(range(len(getvariable('words')))) AS k
),
places AS (
    SELECT s, w, (hash(s, w) % len(getvariable('words')))::BIGINT AS k
    FROM range(5000) a(s), range(22) b(w)
    WHERE w < 8 + s % 14
),
sentences AS (
    SELECT s, string_agg(word, ' ' ORDER BY w) || '.' AS sentence
    FROM places INNER JOIN words USING (k)
    GROUP BY s
),
drawn AS (
    SELECT k, c, (hash(k, c) % 5000)::BIGINT AS s
    FROM range(20000) p(k), range(13) q(c)
)
SELECT
    k,
    string_agg(sentence, ' ' ORDER BY c) FILTER (c < 1) AS line,
    string_agg(sentence, ' ' ORDER BY c) FILTER (c < 8) AS rationale,
    string_agg(sentence, ' ' ORDER BY c) AS summary
FROM drawn INNER JOIN sentences USING (s)
GROUP BY k
"""
"""Texts of the length of real ones. Each stands some hundred times among a million letters, too seldom for
compression to gain from it."""

_DRAWN_LETTERS = """
CREATE OR REPLACE TEMP TABLE drawn_letters AS
SELECT
    i AS n,
    sha256('letter ' || i) AS letter_id,
    $first_day::DATE + (i * $pace)::INT AS decision_date,
    i - (CASE WHEN i % 50 = 49 THEN 1 ELSE 0 END) AS case_serial,
    [1,1,1,1,1,1,1,1,1,1,1,1,2,2,2,2,3,3,4,5,6,8][1 + (hash(i, 'decisions') % 22)::INT] AS decisions
FROM range($first, $last) r(i)
"""

_DRAWN_DECISIONS = f"""
CREATE OR REPLACE TEMP TABLE drawn_decisions AS
WITH numbered AS (
    SELECT letter_id, d AS decision_number, n * 20 + d AS n, decision_date
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

_LETTERS = f"""
INSERT INTO raw.letters BY NAME
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
    (20 + hash(n, 'age') % 50)::INT AS patient_age,
    CASE WHEN n % 3 = 0 THEN 'female' ELSE 'male' END AS patient_sex,
    paragraphs.summary AS clinical_case_summary,
    outcomes.case_outcome,
    $run_id AS run_id,
    $loaded_at AS loaded_at
FROM drawn_letters
INNER JOIN (
    SELECT letter_id, CASE WHEN count(DISTINCT outcome) > 1 THEN 'partially_overturned' ELSE min(outcome) END
        AS case_outcome
    FROM drawn_decisions GROUP BY letter_id
) AS outcomes USING (letter_id)
INNER JOIN paragraphs ON paragraphs.k = hash(n, 'summary') % 20000
ORDER BY n
"""  # noqa: S608 - names are this file's own

_DECISIONS = """
INSERT INTO raw.decisions BY NAME
SELECT
    letter_id,
    decision_number::INT AS decision_number,
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
    $run_id AS run_id,
    $loaded_at AS loaded_at
FROM drawn_decisions
INNER JOIN paragraphs ON paragraphs.k = hash(n, 'rationale') % 20000
INNER JOIN paragraphs AS lines ON lines.k = hash(n, 'guideline') % 20000
ORDER BY n
"""

_CITATIONS = """
INSERT INTO raw.citations BY NAME
WITH sides AS (
    SELECT n, letter_id, decision_number, side,
        [0, 1, 1, 1, 1, 1, 1, 2, 2, 3][1 + (hash(n, side) % 10)::INT] AS citations
    FROM drawn_decisions, (VALUES ('claims_admin'), ('reviewer')) sides(side)
),
drawn AS (
    SELECT n, letter_id, decision_number, side, c, (hash(n, side, c, 'chapter') % $chapters)::INT AS k
    FROM sides, range(3) r(c)
    WHERE c < citations
)
SELECT
    letter_id,
    decision_number::INT AS decision_number,
    (c + 1 + CASE side WHEN 'reviewer' THEN 10 ELSE 0 END)::INT AS citation_number,
    side AS cited_by,
    s AS source,
    t AS title,
    y AS year,
    CASE WHEN hash(n, side, c, 'sections') % 3 > 0 THEN ['Special Studies', 'Opioids'] ELSE [] END AS sections,
    NULL AS pages,
    concat_ws(' ', s, t, y, 'and the section that is meant') AS raw,
    $run_id AS run_id,
    $loaded_at AS loaded_at
FROM drawn
INNER JOIN chapters USING (k)
ORDER BY n
"""

_FLAGS = """
INSERT INTO raw.flags BY NAME
SELECT
    letter_id,
    ['summary_contradicts_header', 'no_guideline_cited', 'redaction_hole'][1 + (hash(n, 'code') % 3)::INT] AS code,
    'made up' AS detail,
    $run_id AS run_id,
    $loaded_at AS loaded_at
FROM drawn_letters
WHERE hash(n, 'flag') % 5 = 0
"""

_FILES = """
INSERT INTO raw.files BY NAME
SELECT
    CASE WHEN quarantined THEN sha256('unreadable ' || n) ELSE letter_id END AS sha256,
    '1' AS parser_version,
    'inbox/CM-' || n || CASE WHEN quarantined THEN '-scan' ELSE '' END || '.pdf' AS source_path,
    (40000 + hash(n, 'size') % 100000)::BIGINT AS size_bytes,
    CASE WHEN quarantined THEN 'quarantined' ELSE 'loaded' END AS status,
    CASE WHEN quarantined THEN 'no_text_layer' END AS reason,
    $loaded_at AS seen_at,
    $run_id AS run_id,
    $loaded_at AS loaded_at
FROM (
    SELECT *, false AS quarantined FROM drawn_letters
    UNION ALL
    SELECT *, true AS quarantined FROM drawn_letters WHERE hash(n, 'scan') % 100 = 0
)
ORDER BY n
"""

_REVIEWS = """
INSERT INTO raw.reviews
SELECT letter_id, 'release', NULL, 'a person', $loaded_at, $run_id, $loaded_at
FROM drawn_letters
WHERE n % 100 = 99
"""
