"""Finds pages that are in a file twice, missing or out of place, and text that is no part of the letter around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

from extract.letters.completeness import find_repeated_headings
from extract.letters.item_styles.item import Item, trim_start
from extract.letters.registry import LetterFormat
from extract.letters.sections import Span
from extract.lines import Document, Line, ends_sentence
from extract.reasons import Reason, UnreadableError
from extract.record import Decision, Flag

SHARED_LINES = 0.9
"""Share of its lines that a page in the file twice has in common with its copy; two pages of real letters have 0.92
of 13 in common, as rationales recur."""
SHORT_LINE = 0.8
"""Share of the width of the text below which a line ends a paragraph. Of 125 real letters, no section has a second
paragraph."""
SHORT_PAGE = 0.6
"""Share of the fullest page's lines below which a page is a letter's last one: so in 125 real letters."""
_FEWEST_LINES = 15
"""Minimum number of lines for comparing pages by their share of equal lines, and for measuring a width."""
_CASE_NUMBER = re.compile(
    r"^(?:[A-Z]+ ){0,2}Case\s+Number\s*:\s*((?:CM|IMR)\s?-?\d{2}-\s*\d{4,7})\b", re.IGNORECASE | re.M
)
_ABBREVIATION = re.compile(r"\b(?:[A-Za-z]{1,4}|approx)\.$")
_RUNNING_PARTS = ("claims_admin_guideline", "reviewer_guideline", "rationale")


def check_pages(document: Document, letter_format: LetterFormat) -> None:
    """Raise `UnreadableError` for a page that is in the file twice, for two letters, and for a lost page."""
    pages = {page: [document.lines[i] for i in lines] for page, lines in document.printed_pages}
    texts = {page: [line.text for line in lines] for page, lines in pages.items()}
    for (first, lines), (second, others) in combinations(texts.items(), 2):
        if is_same_page(lines, others):
            detail = f"page {second} has the text of page {first}"
            raise UnreadableError(Reason.PAGES_OUT_OF_ORDER, detail, page=second)
    numbers = find_case_numbers(document.text)
    if len(numbers) > 1:
        raise UnreadableError(
            Reason.SEVERAL_LETTERS, f"it names the cases {' and '.join(numbers)}", field="case_number"
        )
    repeated = find_repeated_headings(document, letter_format)
    if len(repeated) > 1:
        raise UnreadableError(Reason.SEVERAL_LETTERS, f"it has twice: {', '.join(repeated)}")
    for (page, printed), (following, next_printed) in pairwise(pages.items()):
        if is_cut(printed[-1], next_printed[0]):
            detail = f"page {page} ends a sentence, and page {following} begins inside one"
            raise UnreadableError(Reason.PAGES_OUT_OF_ORDER, detail, page=following)


def find_case_numbers(text: str) -> list[str]:
    """Return the different case numbers that have a label at a line's start."""
    if text.lower().count("number") < 2:  # the usual case, without a search
        return []
    return list(dict.fromkeys(re.sub(r"\s", "", number).upper() for number in _CASE_NUMBER.findall(text)))


def is_same_page(lines: list[str], others: list[str]) -> bool:
    """Whether two pages have the same lines, or if they are long nearly the same."""
    if lines == others:
        return True
    one, other = set(lines), set(others)
    fewest = min(len(one), len(other))
    return fewest >= _FEWEST_LINES and len(one & other) >= SHARED_LINES * fewest


def is_cut(last: Line, first: Line) -> bool:
    """Whether a page cannot follow another: one ends with a sentence, and the other begins inside one."""
    ends = ends_sentence(last.text) and not _ABBREVIATION.search(last.text)
    return bool(ends) and first.text[0].islower() and not first.begins_bold


def check_labels(document: Document, letter_format: LetterFormat, sections: dict[str, Span]) -> None:
    """Raise `UnreadableError` for a label of a block that is printed before the section of the decisions."""
    labels = [
        label for rule in letter_format.items if rule.style == "labelled_blocks" for label in rule.labels.values()
    ]
    if "decisions" not in sections or not labels:
        return
    for index in range(document.find_line(sections["decisions"].start)):
        line = document.lines[index]
        if line.begins_bold is False or ":" not in line.text:
            continue
        if any(label.match(document.text, document.line_starts[index]) for label in labels):
            detail = f"{line.text[:40]!r} stands before the decisions"
            raise UnreadableError(Reason.PAGES_OUT_OF_ORDER, detail, page=line.page)


def flag_repeated_decisions(decisions: Iterable[Decision]) -> Iterator[Flag]:
    """Yield a flag for each decision whose request, outcome and rationale are printed a second time."""
    seen: dict[tuple[str, str, str], int] = {}
    for decision in decisions:
        key = (decision.treatment_requested.casefold(), decision.outcome, decision.rationale)
        first = seen.setdefault(key, decision.decision_number)
        if first != decision.decision_number:
            yield Flag("decision_repeated", f"the same as decision {first}", decision.decision_number)


def check_running_text(document: Document, summary: Span, items: Iterable[Item]) -> Iterator[Flag]:
    """Yield a flag for each text of several paragraphs: a stamp, a list or another document is inside it.

    Raises `UnreadableError` if such lines, or a line that is no sentence, end the letter: they are sent along behind
    it, and may name somebody.
    """
    width = find_width(document)
    if width is None:
        return
    listed = list(items)
    spans: list[tuple[str, int | None, Span]] = [("clinical_case_summary", None, summary)]
    spans += [
        (name, number, item.spans[name])
        for number, item in enumerate(listed, 1)
        for name in _RUNNING_PARTS
        if name in item.spans
    ]
    last = max((span.end for _, _, span in spans), default=0)
    seen = set()
    for name, number, span in spans:
        lines = list_lines(document, span)
        if span in seen:
            continue
        seen.add(span)
        if span.end == last and (other := _find_other_text(lines, width)):
            detail = "lines that are no sentences follow a sentence"
            raise UnreadableError(Reason.FOREIGN_PAGES, detail, field=name, page=other.page)
        breaks = [at for at, (line, following) in enumerate(pairwise(lines)) if is_short(line, following, width)]
        if not breaks:
            continue
        at = breaks[0]
        yield Flag("text_interrupted", f"{name}, page {lines[at].page}: a line ends early", number)


def flag_short_pages(document: Document, decisions: Span) -> Iterator[Flag]:
    """Yield a flag for each page of the decisions that ends early, as only a letter's last page does."""
    pages = document.printed_pages
    fullest = max((len(lines) for _, lines in pages), default=0)
    for page, lines in pages[:-1]:
        if len(lines) < SHORT_PAGE * fullest and document.line_starts[lines[-1]] >= decisions.start:
            yield Flag("page_ends_early", f"page {page} has {len(lines)} lines, the fullest {fullest}")


def flag_stamps(document: Document) -> Iterator[Flag]:
    """Yield a flag for a line in capitals, not bold, at the edge of a page: it may be a stamp inside a text."""
    for page, lines in document.printed_pages:
        for line in (document.lines[index] for index in {lines[0]: None, lines[-1]: None}):
            if line.begins_bold is False and line.text.isupper() and len(line.text) > 3:
                yield Flag("stamp_suspected", f"page {page}: a line in capitals at its edge")


def find_width(document: Document) -> int | None:
    """Return the characters of a full line of text; `None` for a document of few lines."""
    lengths = sorted(len(line.text) for line in document.lines if not line.is_blank)
    return lengths[len(lengths) * 4 // 5] if len(lengths) >= _FEWEST_LINES else None


def list_lines(document: Document, span: Span) -> list[Line]:
    """Return the printed lines of a span."""
    if not document.text[span.start : span.end].strip():
        return []
    first, last = document.find_line(trim_start(document, span).start), document.find_line(span.end - 1)
    return [line for line in document.lines[first : last + 1] if not line.is_blank]


def is_short(line: Line, following: Line, width: int) -> bool:
    """Whether the next line's first word would have fitted on a line."""
    return len(line.text) + 1 + len(following.text.split(maxsplit=1)[0]) < SHORT_LINE * width


def _find_other_text(lines: list[Line], width: int) -> Line | None:
    """Return the first line of a text's last lines that are no sentences: names, an address, a list, a stamp."""
    for at in range(len(lines) - 1):
        line, following = lines[at], lines[at + 1]
        ends = ends_sentence(line.text)
        if not ends and is_short(line, following, width):
            return line
        is_apart = following.page != line.page or is_short(line, following, width)
        if ends and is_apart and not ends_sentence(lines[-1].text):
            return following
    return None
