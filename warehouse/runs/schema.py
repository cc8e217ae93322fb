"""The run files' Arrow schemas, one a table: the contract between reading and loading.

Raw's columns derive from these (`PART_TYPES`), so a field is added in one place. Times are UTC.
"""

from __future__ import annotations

import pyarrow as pa

TEXTS = pa.list_(pa.string())
STAMP = pa.timestamp("us")


def _schema(*fields: tuple[str, pa.DataType] | tuple[str, pa.DataType, bool]) -> pa.Schema:
    """Fields are (name, type) if null is not allowed, (name, type, True) if it means "not stated"."""
    return pa.schema([pa.field(f[0], f[1], nullable=len(f) == 3) for f in fields])


LETTERS = _schema(
    ("letter_id", pa.string()),
    ("source_name", pa.string()),
    ("format", pa.string()),
    ("parser_version", pa.string()),
    ("extractor", pa.string()),
    ("page_count", pa.int32()),
    ("case_number", pa.string(), True),
    ("date_assigned", pa.date32(), True),
    ("date_of_injury", pa.date32(), True),
    ("decision_date", pa.date32(), True),
    ("ur_denial_date", pa.date32(), True),
    ("application_received", pa.date32(), True),
    ("priority", pa.string(), True),
    ("licensure_states", TEXTS),
    ("specialties", TEXTS),
    ("patient_age", pa.int32(), True),
    ("patient_sex", pa.string(), True),
    ("rfa_date", pa.date32(), True),
    ("diagnoses", TEXTS),
    ("complaints", TEXTS),
    ("clinical_case_summary", pa.string()),
    ("case_outcome", pa.string()),
    ("run_id", pa.string()),
)

DECISIONS = _schema(
    ("letter_id", pa.string()),
    ("decision_number", pa.int32()),
    ("treatment_requested", pa.string()),
    ("outcome", pa.string()),
    ("is_modified", pa.bool_()),
    ("original_request", pa.string(), True),
    ("authorized_request", pa.string(), True),
    ("disputed_request", pa.string(), True),
    ("claims_admin_guideline", pa.string(), True),
    ("reviewer_guideline", pa.string(), True),
    ("rationale", pa.string()),
    ("rationale_finding", pa.string()),
    ("page", pa.int32()),
    ("run_id", pa.string()),
)

CITATIONS = _schema(
    ("letter_id", pa.string()),
    ("decision_number", pa.int32()),
    ("citation_number", pa.int32()),
    ("cited_by", pa.string()),
    ("source", pa.string()),
    ("title", pa.string(), True),
    ("year", pa.int32(), True),
    ("sections", TEXTS),
    ("pages", pa.string(), True),
    ("edition", pa.string(), True),
    ("raw", pa.string()),
    ("run_id", pa.string()),
)

FLAGS = _schema(
    ("letter_id", pa.string()),
    ("decision_number", pa.int32(), True),
    ("code", pa.string()),
    ("detail", pa.string()),
    ("run_id", pa.string()),
)

FILES = _schema(
    ("sha256", pa.string()),
    ("parser_version", pa.string()),
    ("source_path", pa.string()),
    ("size_bytes", pa.int64()),
    ("status", pa.string()),
    ("reason", pa.string(), True),
    ("field", pa.string(), True),
    ("detail", pa.string(), True),
    ("page", pa.int32(), True),
    ("seen_at", STAMP),
    ("run_id", pa.string()),
)

FILES_WAITING = _schema(
    ("source_path", pa.string()),
    ("why", pa.string()),
    ("detail", pa.string(), True),
    ("size_bytes", pa.int64(), True),
    ("first_seen_at", STAMP),
    ("run_id", pa.string()),
)
"""`raw.files_waiting`: files that the last load left in the inbox, and why. Written by the scan, not by a chunk."""

REVIEWS = _schema(
    ("sha256", pa.string()),
    ("verdict", pa.string()),
    ("note", pa.string(), True),
    ("decided_by", pa.string()),
    ("decided_at", STAMP),
    ("run_id", pa.string()),
)

SCHEMAS: dict[str, pa.Schema] = {
    "letters": LETTERS,
    "decisions": DECISIONS,
    "citations": CITATIONS,
    "flags": FLAGS,
    "files": FILES,
    "reviews": REVIEWS,
}
"""Every run table by its name; `raw.<name>` has the same columns, and `load_number` and `loaded_at` besides."""

KEYS: dict[str, tuple[str, ...]] = {
    "letters": ("letter_id",),
    "decisions": ("letter_id", "decision_number"),
    "citations": ("letter_id", "decision_number", "citation_number"),
    "flags": (),
    "files": ("sha256", "parser_version", "source_path"),
    "reviews": ("sha256", "decided_at"),
}
"""Raw's primary keys; a letter may carry the same flag twice."""

LETTER_TABLES = ("letters", "decisions", "citations", "flags")
"""Tables with the rows of a letter, which are replaced together."""
FILE_COLUMNS = {"files": "sha256"} | dict.fromkeys(LETTER_TABLES, "letter_id")
"""Column that identifies each row's source file; reviews have none."""

LOAD_NUMBER = "load_number"
"""Column of raw that orders loads, since a clock may be set back."""

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    STAMP: "TIMESTAMP",
    TEXTS: "VARCHAR[]",
}


def raw_types(table: str) -> dict[str, str]:
    """Return the SQL type of each column of `raw.<table>` that the run files bring."""
    return {field.name: _SQL_TYPES[field.type] for field in SCHEMAS[table]}


BACKFILL_FILES = _schema(
    ("batch", pa.int32()),
    ("name", pa.string()),
    ("size_bytes", pa.int64()),
    ("modified", pa.float64()),
)
"""An archive's files as a backfill planned them, each with its batch from 1; `modified` is seconds since the epoch."""


WAITING, WITHDRAWN = "files_waiting", "withdrawn"
"""Tables of a part that are no run tables: waiting files, and letters that the load withdrew."""
CODED_TABLES = {"decision_reasons": "int_decision_reasons", "ur_reasons": "int_ur_reasons"}
"""Tables of a part that dbt makes, with their models: reasons with their sentences, which no mart has."""

PART_TYPES: dict[str, dict[str, str]] = {
    WITHDRAWN: {"letter_id": "VARCHAR", LOAD_NUMBER: "BIGINT"},
    **{table: raw_types(table) | {LOAD_NUMBER: "BIGINT", "loaded_at": "TIMESTAMP"} for table in SCHEMAS},
    WAITING: {field.name: _SQL_TYPES[field.type] for field in FILES_WAITING},
    "ur_reasons": {
        "letter_id": "VARCHAR",
        "ur_reason": "VARCHAR",
        "ur_reason_rule_id": "VARCHAR",
        "sentence": "VARCHAR",
        LOAD_NUMBER: "BIGINT",
    },
    "decision_reasons": {
        "decision_key": "VARCHAR",
        "letter_id": "VARCHAR",
        "reason": "VARCHAR",
        "reason_order": "BIGINT",
        "reason_rule_id": "VARCHAR",
        "sentence": "VARCHAR",
        LOAD_NUMBER: "BIGINT",
    },
}
"""SQL types of the columns of each table of a part, by name."""
