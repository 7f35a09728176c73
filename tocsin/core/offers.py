"""Values for a gap that earlier output already holds: a column of a table, a member of JSON, a labelled line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tocsin.core.jsonlike import documents
from tocsin.core.placeholders import problem_of
from tocsin.core.rendering import Gap

MOST_OFFERS, MOST_ROWS, LONGEST_VALUE, LONGEST_LINE = 30, 200, 200, 2000
LONGEST_BESIDE = 80
_NAMES = frozenset({"name", "names", "id"})
_RULE = re.compile(r"^\s*-[-+| ]*-\s*$|^\s*\+[-+]+\+\s*$")
_HEADER = re.compile(r"\s*[A-Z][A-Z0-9_/()%.-]*(?:\s+[A-Z%][A-Z0-9_/()%.-]*)+\s*")
_CELL = re.compile(r"\S+(?: \S+)*")
_WORD, _GAP = re.compile(r"\S+"), re.compile(r"\s{2,}")
_TWO_WORDS = re.compile(r"\b(?:\w+ ID|VOLUME NAME|LAST \w+|APP VERSION)\b")
_LABELLED = re.compile(r"^\s*[\"']?([A-Za-z][\w .-]{0,40}?)[\"']?\s*[:=]\s*(\S.*?)[\s,;]*$")
_Cell = tuple[str, str, str, str]
"""The name of a column or member, a value, its place, and what stands beside it in its row."""
_URL = re.compile(r"https?://[^\s\"'<>|]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A value for a gap, and where it comes from in words; ``old``: it was another incident's.

    ``beside`` is what stands beside it in its row of a table: which of ten numbers is meant, only that tells.
    """

    value: str
    source: str
    old: bool = False
    beside: str = ""


@lru_cache(maxsize=128)
def offers_in(output: str, gap: Gap, about: str) -> tuple[tuple[str, str, str], ...]:
    """Values for a gap in an output, each with its place in it and, in a table, what stands beside it.

    ``about`` is the title and command that printed it.
    """
    wanted = _words(gap.text)
    told = _words(about)
    exact, named = [], []
    for column, value, place, row in _cells(output):
        words = _words(column)
        if words == wanted or (words and words <= wanted and not words <= _NAMES and len(words) == len(wanted)):
            exact.append((value, place, row))
        elif _fits(words, wanted, told):
            named.append((value, place, row))
    found = exact or named
    if not found and gap.kind.name == "url" and wanted & told:
        found = [(match.group(), "an address in it", "") for match in _URL.finditer(output)]
    first: dict[str, tuple[str, str, str]] = {}
    for each in found:
        if _may_stand(each[0], gap):
            first.setdefault(each[0], each)
    return tuple(first.values())[:MOST_OFFERS]


def _fits(column: frozenset[str], wanted: frozenset[str], told: frozenset[str]) -> bool:
    """``NAME`` is a pod's name where pods were listed; ``SERVICE`` fits ``<service-name>``; ``id`` alone fits none."""
    thing = wanted - _NAMES
    if not thing or not column:
        return False
    if column <= _NAMES:
        same_sort = not (wanted & _NAMES) or bool(column & wanted) or (column == {"names"} and "name" in wanted)
        return same_sort and thing <= told
    sorts = column & _NAMES, wanted & _NAMES
    return column - _NAMES == thing and (not all(sorts) or sorts[0] == sorts[1])


def _may_stand(value: str, gap: Gap) -> bool:
    return 0 < len(value) <= LONGEST_VALUE and not problem_of(gap.text, gap.read_as, value)


def _cells(output: str) -> Iterator[_Cell]:
    """Everything in an output that has a name."""
    lines = [line[:LONGEST_LINE] for line in output.splitlines()]
    for index, line in enumerate(lines):
        if index and _RULE.match(line) and "|" not in line and not _RULE.match(lines[index - 1]):
            yield from _ruled(lines[index - 1], lines[index + 1 : index + 1 + MOST_ROWS])
        elif _HEADER.fullmatch(line):
            yield from _spaced(line, lines[index + 1 : index + 1 + MOST_ROWS])
        labelled = _LABELLED.match(line)
        if labelled:
            yield labelled[1], labelled[2].strip("\"'"), f"line {index + 1}", ""
    for document in documents(output):
        yield from _members(document, "$")


def _beside(cells: Sequence[str], value: str) -> str:
    """The other cells of a value's row, in few words."""
    others = list(cells)
    if value in others:
        others.remove(value)
    text = " ".join(cell for cell in others if cell)
    return text if len(text) <= LONGEST_BESIDE else f"{text[:LONGEST_BESIDE]}…"


def _ruled(header: str, rows: list[str]) -> Iterator[_Cell]:
    """A table of a database's client: cells between bars, under a line of dashes."""
    columns = [cell.strip() for cell in header.strip().strip("|").split("|")]
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
        if len(cells) != len(columns) or _RULE.match(row) or re.match(r"\s*\(\d+ rows?\)", row):
            return
        for column, cell in zip(columns, cells, strict=True):
            yield column, cell, f"row {number}", _beside(cells, cell)


def _spaced(header: str, rows: list[str]) -> Iterator[_Cell]:
    """A table under capitals: a cell belongs to the column above which it stands."""
    table = rows[: next((number for number, row in enumerate(rows) if not row.strip()), len(rows))]
    names = header.split()
    if not _TWO_WORDS.search(header) and all(len(row.split()) == len(names) for row in table):
        for number, row in enumerate(table, 1):
            cells = row.split()
            for name, cell in zip(names, cells, strict=True):
                yield name, cell, f"row {number}", _beside(cells, cell)
        return
    heads = list((_CELL if _TWO_WORDS.search(header) else _WORD).finditer(header))
    ends = [head.start() for head in heads[1:]] + [LONGEST_LINE]
    for number, row in enumerate(table, 1):
        for head, end in zip(heads, ends, strict=True):
            cell = _under(row, head.start(), head.end(), end)
            if cell:
                yield head.group(), cell, f"row {number}", _beside(row.split(), cell)


def _under(row: str, start: int, end: int, following: int) -> str:
    """What stands in a row under a head: what begins where it begins, else the word that ends where it ends."""
    if row[start : start + 1].strip() and (start == 0 or row[start - 1] == " "):
        runs_on = row[following - 1 : following].strip() and row[following : following + 1].strip()
        cell = row[start:following].rpartition(" ")[0] if runs_on else row[start:following]
        return _GAP.split(cell.strip(), maxsplit=1)[0]  # a number may reach in from the right
    return next((word.group() for word in _WORD.finditer(row) if word.end() == end), "")


def _members(document: object, path: str) -> Iterator[_Cell]:
    if isinstance(document, dict):
        for key, value in document.items():
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                yield str(key), f"{value}", f"{path}.{key}", ""
            else:
                yield from _members(value, f"{path}.{key}")
    elif isinstance(document, list):
        for index, value in enumerate(document[:MOST_ROWS]):
            yield from _members(value, f"{path}[{index}]")


def _words(text: str) -> frozenset[str]:
    """Words in small letters and in the singular, parts of compound names apart."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).lower()
    words = (
        word for word in re.findall(r"[^\W\d_]+", apart.replace("_", " ")) if word not in ("your", "the", "a", "from")
    )
    return frozenset(
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words
    )
