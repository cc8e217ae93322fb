"""Finds where a letter begins and ends in its file: a cover sheet before it and what is sent behind it are no part."""

from __future__ import annotations

from extract.letters.furniture import blank_furniture, find_furniture
from extract.letters.registry import LetterFormat
from extract.letters.vocabularies import load_patterns
from extract.lines import Document, ends_sentence
from extract.reasons import Reason, UnreadableError
from extract.record import Flag


def isolate_letter(document: Document, letter_format: LetterFormat) -> tuple[Document, list[Flag]]:
    """Return the document with everything blanked that is no part of the letter, and a flag for whole pages of it.

    Offsets stay the same. Raises `UnreadableError` if the letter goes on before its first page or behind what seems
    to be its end.
    """
    document = blank_furniture(document).blank_lines(letter_format.page_furniture)
    parts = _find_parts(document, letter_format)
    before = _find_lines_before(document, letter_format, parts)
    after = _find_lines_after(document, letter_format, parts)
    if not before and not after:
        return document, []
    flags = []
    if before:
        flags.append(Flag("pages_before_letter", f"the letter begins on page {document.lines[before[-1] + 1].page}"))
    if after:
        flags.append(Flag("text_after_letter", f"page {document.lines[after[0]].page}: not read"))
    document = document.blank([*before, *after])
    return document.blank(find_furniture(document)), flags  # the pages taken out may have had no stamp


def _find_lines_before(document: Document, letter_format: LetterFormat, parts: list[int]) -> list[int]:
    """Return the lines of the pages before the first page of the form.

    Raises `UnreadableError` if they contain a part of the letter.
    """
    if letter_format.first_page is None:
        return []
    before: list[int] = []
    for _, lines in document.printed_pages:
        start, end = document.line_starts[lines[0]], document.find_end_of_line(lines[-1])
        if letter_format.first_page.search(document.text, start, end):
            break
        before += lines
    else:
        return []
    for part in parts:
        if before and part <= before[-1]:
            line = document.lines[part]
            detail = f"{line.text[:60]!r} stands before the letter's first page"
            raise UnreadableError(Reason.PAGES_OUT_OF_ORDER, detail, page=line.page)
    return list(range(before[-1] + 1)) if before else []


def _find_lines_after(document: Document, letter_format: LetterFormat, parts: list[int]) -> list[int]:
    """Return the lines from the one on that opens what is sent along behind the letter.

    Raises `UnreadableError` if a part of the letter follows it.
    """
    closing = letter_format.headings.get("closing")
    if not parts or (closing and closing.pattern.match(document.text, document.line_starts[parts[-1]])):
        return []  # the format's own closing is no part of the record
    opening = load_patterns("after_letter")["opening"]
    previous = None
    for index in range(parts[0] + 1, len(document.lines)):
        line = document.lines[index]
        if line.is_blank:
            continue
        starts_anew = previous is None or line.page != previous.page or ends_sentence(previous.text)
        if starts_anew and opening.fullmatch(line.text):
            if parts[-1] > index:
                detail = "what is no part of the letter stands between its pages"
                raise UnreadableError(Reason.FOREIGN_PAGES, detail, page=line.page)
            return list(range(index, len(document.lines)))
        previous = line
    return []


def _find_parts(document: Document, letter_format: LetterFormat) -> list[int]:
    """Return the indices of the lines that begin with a heading of the format or a label of its blocks."""
    pattern, text, starts = letter_format.part_pattern, document.text, document.line_starts
    return [
        index
        for index, line in enumerate(document.lines)
        if line.begins_bold is not False and (match := pattern.match(text, starts[index])) and match.group().strip()
    ]
