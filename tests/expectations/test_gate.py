"""How a gate reports its failures, and accepted drift. Each rule is tested in tests/imr/pipeline/test_gate_rules.py."""

from __future__ import annotations

from pathlib import Path

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.failure import Failure
from expectations.gate import Check, GateError, GateResult, run_gate, set_drift_severity
from expectations.severity import BLOCK, WARN

NAMED_BY = ["case_number", "source_name"]


def decisions(outcome: str = "Remanded") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "case_number": ["CM17-0400001", "CM17-0400002", "CM17-0400003"],
            "source_name": ["a.pdf", "b.pdf", "c.pdf"],
            "outcome": ["upheld", outcome, "upheld"],
            "letter_path": "/inbox/it's b.pdf",
        }
    )


def suite(name: str, mostly: float = 1.0, severity: FailureSeverity = BLOCK) -> gx.ExpectationSuite:
    """A rule with its limit, and the same rule with a narrower limit that warns."""
    return gx.ExpectationSuite(
        name,
        expectations=[
            gxe.ExpectColumnValuesToBeInSet(
                column="outcome",
                value_set=["upheld"],
                mostly=share,
                severity=weight,
                description=f"Outcomes of {name} are known",
                notes="See outcomes.csv.",
                meta={"rule": "outcome"},
            )
            for weight, share in ((severity, mostly), (WARN, 1.0))
        ],
    )


def run(home: Path, *checks: Check) -> GateResult:
    return run_gate("batch", checks, home=home, run_id="run-1")


def test_a_message_holds_rule_letter_and_commands(tmp_path: Path) -> None:
    result = run(tmp_path, Check(suite("decisions"), decisions(), NAMED_BY, "FROM decisions"))
    message = str(GateError(result))
    for part in (
        "the batch gate stopped this load",
        "BLOCK  decisions: Outcomes of decisions are known  [expect_column_values_to_be_in_set: outcome]",
        "observed 1 of 3 rows that break it (33.3%); allowed none",
        "- case_number CM17-0400002, source_name b.pdf: outcome = Remanded",
        "See outcomes.csv.",
        """$ imr show '/inbox/it'"'"'s b.pdf'""",
        "$ imr sql --run run-1 'FROM decisions'",
        str(result.data_docs),
    ):
        assert part in message
    assert "a.pdf" not in message
    assert result.data_docs.exists()
    assert (result.checked, len(result.failures)) == (2, 1), "a warning that the failure implies is dropped"


def test_a_message_names_some_rows_and_letters_and_counts_the_rest() -> None:
    rows, letters = (tuple(f"{kind} {n}." for n in range(25)) for kind in ("row", "letter"))
    text = str(Failure("suite", "rule", "expectation", "block", "25 of 25", rows, 3, letters=letters, of_letters=40))
    assert all(part in text for part in ("row 9.", "and 18 more", "letter 9.", "and 30 more"))
    assert "row 10." not in text
    assert "letter 10." not in text


def test_only_drift_can_be_accepted_and_only_its_message_says_how(tmp_path: Path) -> None:
    def checks() -> list[Check]:
        unusual = Check(suite("unusual", 0.9), decisions(), NAMED_BY, is_drift=True)
        slight = Check(suite("slight", 0.5), decisions(), NAMED_BY, is_drift=True)
        return [unusual, slight, Check(suite("broken"), decisions(), NAMED_BY)]

    stopped, accepted = checks(), checks()
    set_drift_severity(stopped, accepted=False)
    failures = run(tmp_path, *stopped).failures
    assert {f.suite: f.blocks for f in failures} == {"unusual": True, "slight": False, "broken": True}
    assert [f.suite for f in failures if "trigger again with accept_drift" in str(f)] == ["unusual"]
    set_drift_severity(accepted, accepted=True)
    failures = run(tmp_path, *accepted).failures
    assert {f.suite: f.blocks for f in failures} == {"unusual": False, "slight": False, "broken": True}
    assert [f.suite for f in failures if f.accepted] == ["unusual"]
    assert [f.suite for f in failures if "warn, accepted by the run's parameter" in str(f)] == ["unusual"]
    assert len(failures) == 3
