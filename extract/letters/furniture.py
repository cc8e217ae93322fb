"""Finds page furniture: lines that office software, scanners and fax machines add to the pages of any letter.

A line is furniture if it recurs at one place on every page (a stamp, a footer), if it recurs with a number that counts
the pages (a Bates number, a page number, a fax header), or if it has the form of such a line and stands at a page's
edge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from extract.letters.vocabularies import load_patterns
from extract.lines import Document
from extract.reasons import Reason, UnreadableError

_EDGE_LINES = 3
"""Lines at the top and at the bottom of a page among which a line in the form of page furniture is searched for."""
_DEEPEST = 60
"""Recurring lines at one edge of a page: pleading paper has 28 line numbers."""
_DIGITS = re.compile(r"\d+")
_SENTENCE_END = re.compile(r"[.?!:;,][\"'”’)\]]*$")
_PAGE_OF = re.compile(r"\bpage\b\W{0,2}(\d{1,3})\s*(?:of|/)\s*(\d{1,3})\b", re.IGNORECASE)

_Pages = list[tuple[int, list[int]]]
"""Of each page its number and the indices of its lines that are not blank."""


def blank_furniture(document: Document) -> Document:
    """Return the document with its page furniture blanked; offsets stay the same.

    Raises `UnreadableError` if the page numbers in the furniture skip a page or are out of order.
    """
    document = document.blank_ends(_find_joined_words(document))
    found = find_furniture(document)
    _check_page_numbers(document, sorted(found))
    return document.blank(found)


def _find_joined_words(document: Document) -> dict[int, int]:
    """Return, by line, how many characters at its end are a watermark that the last line of each page ends with.

    pdfium joins a word across the page to a line of text at its height.
    """
    last = [lines[-1] for _, lines in document.printed_pages]
    word = min((document.lines[index].text for index in last), key=len, default="")
    joined = {index: len(word) + 1 for index in last if document.lines[index].text.endswith(f" {word}")}
    on_all = all(index in joined or document.lines[index].text == word for index in last)
    return joined if word.isupper() and len(last) > 1 and on_all else {}


def find_furniture(document: Document) -> set[int]:
    """Return the indices of the lines that are page furniture."""
    pages = document.printed_pages
    found: set[int] = set()
    if len(pages) > 1:
        for from_end in (False, True):
            found |= _find_recurring(document, pages, from_end)
    return found | _find_known_forms(document, [(page, [i for i in lines if i not in found]) for page, lines in pages])


def _find_recurring(document: Document, pages: _Pages, from_end: bool) -> set[int]:
    """Return the lines that recur at one edge of the pages, from the outermost one on inwards."""
    left = [(page, lines[::-1] if from_end else list(lines)) for page, lines in pages]
    found: set[int] = set()
    for _ in range(_DEEPEST):
        outermost = {page: lines[0] for page, lines in left if lines}
        shapes = {page: _make_shape(document.lines[index].text) for page, index in outermost.items()}
        if not shapes:
            break
        shape, count = Counter(shapes.values()).most_common(1)[0]
        if count < 2:
            break
        here = {page: index for page, index in outermost.items() if shapes[page] == shape}
        if not _is_furniture(document, here, is_on_all=count == len(pages), pages=len(pages)):
            break
        found |= set(here.values())
        left = [(page, lines[1:] if page in here else lines) for page, lines in left]
    return found


def _make_shape(text: str) -> str:
    """Return a line's text without spaces, case and the values of its numbers."""
    return _DIGITS.sub("#", "".join(text.split())).casefold()


def _is_furniture(document: Document, here: dict[int, int], *, is_on_all: bool, pages: int) -> bool:
    """Whether lines of one shape, each on a page of its own, are furniture.

    A counted line may be missing on one page of three or more: the first page often has no number.
    """
    texts = {page: document.lines[index].text for page, index in here.items()}
    if counts_pages(texts) and (is_on_all or (pages > 2 and len(here) == pages - 1)):
        return True
    return is_on_all and len(set(texts.values())) == 1 and _is_no_sentence(next(iter(texts.values())))


def counts_pages(texts: dict[int, str]) -> bool:
    """Whether one of the numbers in lines grows by one from page to page; fewer than two lines count nothing."""
    numbers = [(page, [int(n) for n in _DIGITS.findall(text)]) for page, text in sorted(texts.items())]
    first_page, first = numbers[0]
    return len(numbers) > 1 and any(
        all(listed[at] - first[at] == page - first_page for page, listed in numbers) for at in range(len(first))
    )


def _is_no_sentence(text: str) -> bool:
    """Whether a line is not the end or the middle of a sentence, which two pages may share by chance."""
    return not _SENTENCE_END.search(text) and not text[0].islower()


def _find_known_forms(document: Document, pages: _Pages) -> set[int]:
    """Return the lines at the edges of pages that have the form of a page number, a fax header or a stamp."""
    pattern = load_patterns("page_furniture")["line"]
    return {
        index
        for _, lines in pages
        for index in {*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]}
        if not document.lines[index].begins_bold and pattern.fullmatch(document.lines[index].text)
    }


def _check_page_numbers(document: Document, furniture: list[int]) -> None:
    """Raise `UnreadableError` if lines such as "Page 2 of 4" do not count the pages up to the last one."""
    for before, after in _pair(_read_page_numbers(document, furniture)):
        if after[1] != before[1] + 1 or after[2] != before[2]:
            detail = f"page {before[1]} of {before[2]} is followed by page {after[1]} of {after[2]}"
            raise UnreadableError(Reason.PAGES_OUT_OF_ORDER, detail, page=after[0])
    for page, number, of in list(_read_page_numbers(document, furniture))[-1:]:
        if number != of:
            raise UnreadableError(Reason.PAGES_OUT_OF_ORDER, f"the last page is numbered {number} of {of}", page=page)


def _read_page_numbers(document: Document, furniture: list[int]) -> Iterator[tuple[int, int, int]]:
    for index in furniture:
        line = document.lines[index]
        if match := _PAGE_OF.search(line.text):
            yield line.page, int(match[1]), int(match[2])


def _pair(numbers: Iterator[tuple[int, int, int]]) -> Iterator[tuple[tuple[int, int, int], tuple[int, int, int]]]:
    """Yield the page numbers of neighbouring pages; of several on one page only the first."""
    before: tuple[int, int, int] | None = None
    for numbered in numbers:
        if before is not None and numbered[0] == before[0] + 1:
            yield before, numbered
        if before is None or numbered[0] != before[0]:
            before = numbered
