"""`make soak-rewrites`: reads letters as offices pass them on, and compares each record with the untouched letter's.

Not part of `make test`: it takes minutes. Ends with an error if a letter gives another record without a new flag; a
lost page that held whole blocks is reported apart, as nothing in the text shows it. Reads by the fast route only.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from extract.letters.parse import parse_letter
from extract.pdf_text import fast
from extract.pdf_text.fast import UnsureError
from extract.pool import ReadResult
from extract.reasons import Reason, UnreadableError
from extract.record import LetterRecord
from tests.support.letters import draw_letter, named_letters
from tests.support.letters.pages import (
    COVER,
    COVER_OF_ANOTHER_CASE,
    PROOF_OF_SERVICE,
    STAMPS,
    join,
    make_page,
    read_pages,
    stamp,
    write,
)

UNSEEN = ("a page lost", "pages swapped")
"""Rewrites that nothing in the text shows where pages begin and end with whole blocks."""
_FACTS = ("extractor", "letter_id", "source_name", "page_count", "flags")


def rewrite(data: bytes, another: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the name of each rewrite and its bytes."""
    pages, others = read_pages(data), read_pages(another)
    for name, draw in STAMPS.items():
        yield f"stamp: {name}", stamp(data, draw)
    yield "stamp: bates, drawn first", stamp(data, STAMPS["bates"], under=True)
    yield "stamp: received, page 1", stamp(data, write(420, 740, "RECEIVED DEC 12 2016", pages=[1]))
    yield "stamp: in capitals, page 1", stamp(data, write(420, 740, "ACME CLAIMS MAILROOM", pages=[1]))
    stamped = stamp(stamp(stamp(data, STAMPS["bates"]), STAMPS["page number"]), STAMPS["fax line"])
    yield "bates, page number and fax line", stamped
    yield "proof of service behind", join(pages, [make_page(PROOF_OF_SERVICE)])
    yield "addresses behind", join(pages, [make_page(PROOF_OF_SERVICE[2:5])])
    yield "stamped, proof of service behind", join(read_pages(stamped), [make_page(PROOF_OF_SERVICE)])
    yield "a cover sheet", join([make_page(COVER)], pages)
    yield "a cover of another case", join([make_page(COVER_OF_ANOTHER_CASE)], pages)
    yield (
        "a cover and a proof, stamped",
        stamp(join([make_page(COVER)], pages, [make_page(PROOF_OF_SERVICE)]), STAMPS["bates"]),
    )
    yield "the last page twice", join(pages, pages[-1:])
    yield "the letter twice", join(pages, pages)
    yield "another letter behind", join(pages, others)
    yield "another's last page behind", join(pages, others[-1:])
    if len(pages) > 1:
        yield "the first page twice", join(pages[:1], pages)
    for lost in range(len(pages) if len(pages) > 1 else 0):
        yield "a page lost", join(pages[:lost], pages[lost + 1 :])
    for at in range(len(pages) - 1):
        yield "pages swapped", join(pages[:at], [pages[at + 1], pages[at]], pages[at + 2 :])


def read(data: bytes) -> ReadResult:
    try:
        return parse_letter(fast.read_lines(data, max_pages=50), letter_id="0" * 64, source_name="letter.pdf")
    except UnreadableError as error:
        return error
    except UnsureError as error:
        return UnreadableError(Reason.DAMAGED, str(error))


def describe(before: ReadResult, after: ReadResult) -> str:
    """Return how a rewritten letter was read, compared with the untouched one."""
    if isinstance(after, UnreadableError):
        return f"set aside: {after.reason}"
    if isinstance(before, UnreadableError):
        return "read"
    one, other = (_list_facts(record) for record in (before, after))
    new = Counter(flag.code for flag in after.flags) - Counter(flag.code for flag in before.flags)
    if one == other:
        return "equal" + (f", flagged {sorted(new)[0]}" if new else "")
    return f"different, flagged {sorted(new)[0]}" if new else "DIFFERENT AND CLEAN"


def _list_facts(record: LetterRecord) -> dict[str, object]:
    """Return what a letter states; a cover sheet moves its pages."""
    facts = {name: value for name, value in vars(record).items() if name not in _FACTS}
    return facts | {"decisions": [replace(decision, page=0) for decision in record.decisions]}


def compare(pair: tuple[str, bytes, bytes]) -> list[tuple[str, str, str]]:
    name, data, another = pair
    before = read(join(read_pages(data)))
    return [(name, kind, describe(before, read(changed))) for kind, changed in rewrite(data, another)]


def main(letters: dict[str, bytes]) -> int:
    names = list(letters)
    pairs = [(name, letters[name], letters[names[at - 1]]) for at, name in enumerate(names)]
    with ProcessPoolExecutor(max_workers=2) as pool:
        found = [result for results in pool.map(compare, pairs) for result in results]
    for (kind, ending), count in sorted(Counter((kind, ending) for _, kind, ending in found).items()):
        sys.stdout.write(f"{count:6d}  {kind:34s} {ending}\n")
    clean = [(name, kind) for name, kind, ending in found if ending == "DIFFERENT AND CLEAN"]
    for name, kind in clean:
        sys.stdout.write(f"{name}: {kind}\n")
    sys.stdout.write(f"{len(found)} rewrites of {len(letters)} letters, {len(clean)} different and clean\n")
    return int(any(kind not in UNSEEN for _, kind in clean))


if __name__ == "__main__":
    paths = sorted(Path(sys.argv[1]).glob("*.pdf")) if sys.argv[1:] else []
    made = {path.name: path.read_bytes() for path in paths} or {
        name: draw_letter(letter) for name, letter in named_letters().items()
    }
    raise SystemExit(main(made))
