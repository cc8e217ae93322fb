"""Rules about the letters of a batch."""

from __future__ import annotations

import great_expectations as gx
import great_expectations.expectations as gxe

from expectations.severity import BLOCK, WARN, tolerant_share

NAME = "batch_letters"
QUERY = "SELECT case_number, source_name, format, decision_date, date_of_injury, case_outcome FROM letters"

KEY_FIELDS = ("case_number", "decision_date", "date_of_injury", "ur_denial_date", "date_assigned")


def build_suite(letters: int) -> gx.ExpectationSuite:
    """Return the suite for a frame of so many `letters` rows.

    Additional column: `missing_<field>` (the format, if it requires this key field and the letter does not state it,
    else null).
    """
    return gx.ExpectationSuite(NAME, expectations=[*_key_rules(), *_completeness_rules(letters)])


def _key_rules() -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeUnique(
            column="letter_id",
            severity=BLOCK,
            description="Each letter is in the batch once",
            notes="Raw keeps one letter of an id: the second would silently replace the first.",
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=["case_number", "decision_date"],
            ignore_row_if="any_value_is_missing",
            severity=WARN,
            description="Each case has one letter per decision date",
            notes="The files differ in their bytes: the same letter may have been sent twice.",
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="case_number",
            severity=WARN,
            description="Each letter has a case number",
            notes="Letters of 2013-14 may print none; they are kept under their own id and counted separately.",
        ),
    ]


def _completeness_rules(letters: int) -> list[gxe.Expectation]:
    return [
        gxe.ExpectColumnValuesToBeNull(
            column=f"missing_{field}",
            mostly=tolerant_share(0.9, letters),  # a single such letter has a flag (field_missing)
            severity=BLOCK,
            description=f"Nearly every letter whose format requires it states its {field}",
            notes="These letters always print it (domain.md 1.5): the format has changed, or its pattern is broken.",
        )
        for field in KEY_FIELDS
    ]
