"""The synthetic content of a sample letter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Layout = Literal["table_header", "credentials_in_prose", "letterhead", "notice_2013", "professional_review"]
Shape = Literal["A", "A_without_is", "B"]


@dataclass(frozen=True)
class SampleDecision:
    """One disputed treatment.

    `outcome` is printed as it stands, so a test can print a word that no parser knows. The rest is compared
    with what a parser reads, so it holds whole paragraphs on one line each.

    For a modified request `treatment` is the part still in dispute, `original` and `authorized` are the other
    two, and `shape` says how the three are put together: "A" (the remaining portion is disputed),
    "A_without_is" (the same without the last word) or "B" (the original request stays disputed; `original`
    may be left out, as it is the treatment). Raises ValueError if the four do not fit together.
    """

    treatment: str
    outcome: str
    claims_admin_guideline: str
    reviewer_guideline: str
    rationale: str
    original: str | None = None
    authorized: str | None = None
    shape: Shape | None = None

    def __post_init__(self) -> None:
        """Reject an incomplete modified request, which no letter prints."""
        if self.shape is None:
            if self.original is not None or self.authorized is not None:
                raise ValueError("a modified request needs a shape: A, A_without_is or B")
        elif self.authorized is None:
            raise ValueError(f"shape {self.shape} needs the part that was authorized")
        elif self.original is None and self.shape != "B":
            raise ValueError(f"shape {self.shape} needs the original request")

    @property
    def is_modified(self) -> bool:
        """Whether part of the request was authorized before the review."""
        return self.shape is not None

    @property
    def heading(self) -> str:
        """The request as printed, with every sentence of a modified one, without `: Upheld`."""
        if self.shape is None:
            return self.treatment
        original = self.original or self.treatment
        if self.shape == "B":
            return (
                f"{original} was the original request. The Claims Administrator authorized "
                f"{self.authorized}, leaving the original request IMR eligible. The original request, "
                f"{self.treatment} is"
            )
        end = " is" if self.shape == "A" else ""
        return (
            f"{original} was the original request. {self.authorized} was authorized by the Claims "
            f"Administrator. The remaining IMR eligible portion of the original request, {self.treatment}{end}"
        )


@dataclass(frozen=True)
class SampleLetter:
    """One synthetic determination letter.

    None stands for a fact that the letter does not print: `credentials_in_prose` without a case number has no
    priority or header dates either, and states the injury date in the summary and the denial date in a
    rationale. Summary and rationales are printed as they stand, so they must contain age, sex and those
    dates into them; guidelines too, which in some layouts are whole sentences, or stand for all decisions.
    `decision_words`: a letterhead letter that prints `X: Upheld` in place of a sentence.
    """

    layout: Layout
    case_number: str | None
    date_assigned: date | None
    date_of_injury: date | None
    decision_date: date | None
    ur_denial_date: date | None
    application_received: date | None
    priority: str | None
    licensure_states: tuple[str, ...]
    specialties: tuple[str, ...]
    patient_age: int | None
    patient_sex: Literal["male", "female"] | None
    clinical_case_summary: str
    decisions: tuple[SampleDecision, ...]
    decision_words: bool = False

    @property
    def has_header_table(self) -> bool:
        """Whether the letter begins with the ruled table; of the letters of 2013-14, those with a number do."""
        return self.layout == "table_header" or (self.layout == "credentials_in_prose" and self.case_number is not None)
