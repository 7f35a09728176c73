"""Numbers in what people write and in what commands print: comparisons, units, and the one number of an output."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

Op = Literal["<", "<=", ">", ">=", "=="]
_N = r"[+-]?\d+(?:,\d{3})*(?:\.\d+)?"
_UNIT = r"%|[^\W\d_]+(?:[ ][^\W\d_]+)?"
_ABOVE = r"more than|greater than|larger than|higher than|over|above|exceeds|exceeding"
_BELOW = r"less than|fewer than|lower than|smaller than|under|below"
_OPS: tuple[tuple[Op, str], ...] = (
    (">=", r">=|=>|≥|at least|no less than|not less than|min(?:imum)?(?: of)?"),
    ("<=", r"<=|=<|≤|at most|no more than|not more than|up to|max(?:imum)?(?: of)?"),
    (">", rf">|{_ABOVE}"),
    ("<", rf"<|{_BELOW}"),
    ("==", r"==|=|equals|exactly|is"),
)
OPERATORS = "|".join(pattern for _, pattern in _OPS)
_COMPARED = re.compile(rf"(?P<op>{OPERATORS})?\s*(?P<value>{_N})\s*(?P<unit>{_UNIT})?\.?", re.IGNORECASE)
_BETWEEN = re.compile(
    rf"(?:between\s+)?(?P<low>{_N})\s*(?:%|[a-z]+)?\s*(?:-|–|—|to|and|\.\.)\s*(?P<high>{_N})\s*(?P<unit>{_UNIT})?\.?",
    re.IGNORECASE,
)
_OR_MORE = re.compile(
    rf"(?P<value>{_N})\s*(?P<unit>(?:{_UNIT})??)\s*(?P<sign>\+|or (?:more|less|fewer))", re.IGNORECASE
)
_SECONDS = {
    "ms": 0.001, "millisecond": 0.001, "s": 1.0, "sec": 1.0, "second": 1.0, "m": 60.0, "min": 60.0, "minute": 60.0,
    "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "d": 86400.0, "day": 86400.0, "w": 604800.0, "week": 604800.0,
}  # fmt: skip
_SHARES = {"%": 0.01, "ratio": 1.0}
_BYTES = {
    "b": 1.0, "byte": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2.0**10, "mib": 2.0**20,
    "gib": 2.0**30, "tib": 2.0**40,
}  # fmt: skip
_NUMBER = re.compile(rf"(?<![\w.,:/-])(?P<value>{_N})\s?(?P<unit>%|[A-Za-z]+)?(?![\w:/.-]*\d)")
_FOOTER = re.compile(r"^\s*\((\d+) rows?\)\s*$", re.MULTILINE)
_RULE = re.compile(r"^\s*-[-+| ]*-\s*$|^\s*\+[-+]+\+\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number with its unit, as it is written ("" where it has none)."""

    value: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.value:g}{'' if self.unit in ('', '%') else ' '}{self.unit}".replace("%", " %")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a number must be: compared by ``op`` with ``value``, or between ``value`` and ``high``, both included."""

    op: Op
    value: float
    high: float | None = None
    unit: str = ""

    def holds(self, amount: Amount) -> bool | None:
        """Whether it holds for an amount; None where the units can't be compared."""
        factor = factor_between(amount.unit, self.unit)
        if factor is None:
            return None
        value = amount.value * factor
        if self.high is not None:
            return self.value <= value <= self.high
        return {
            "<": value < self.value, "<=": value <= self.value, ">": value > self.value, ">=": value >= self.value,
            "==": value == self.value,
        }[self.op]  # fmt: skip

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if self.high is not None:
            return f"{self.value:g} to {self.high:g}{unit}"
        return f"{self.op.replace('==', '=')} {self.value:g}{unit}"


def comparison_of(text: str) -> Comparison | None:
    """A text that is nothing but a comparison with a number (``< 100``, ``2-5``, ``≥ 3 replicas``, ``0 rows``)."""
    text = " ".join(text.split())
    between = _BETWEEN.fullmatch(text)
    if between:
        low, high = number(between["low"]), number(between["high"])
        return Comparison(op="==", value=low, high=high, unit=between["unit"] or "") if low <= high else None
    more = _OR_MORE.fullmatch(text)
    if more:
        op: Op = ">=" if more["sign"].lower() in ("+", "or more") else "<="
        return Comparison(op=op, value=number(more["value"]), unit=more["unit"].strip())
    match = _COMPARED.fullmatch(text)
    if not match:
        return None
    return Comparison(op=op_of(match["op"] or "="), value=number(match["value"]), unit=match["unit"] or "")


def op_of(words: str) -> Op:
    """The comparison that these words name."""
    return next(op for op, pattern in _OPS if re.fullmatch(pattern, words, re.IGNORECASE))


def is_unit(text: str) -> bool:
    """Whether this is a unit that can be compared with others: percent, or a length of time."""
    return text == "%" or _singular(text) in _SECONDS


def number(text: str) -> float:
    """A number as people write it, with commas between the thousands."""
    return float(text.replace(",", ""))


def factor_between(unit: str, other: str) -> float | None:
    """By what a value in one unit must be multiplied to be one in the other; None where that is not known."""
    one, two = _singular(unit), _singular(other)
    if one == two or not one or not two:
        return 1.0
    for sizes in (_SECONDS, _SHARES, _BYTES):
        if one in sizes and two in sizes:
            return sizes[one] / sizes[two]
    return None if {one, two} & {"%", *_SECONDS} else 1.0


def amount_in(output: str, unit: str = "") -> Amount | None:
    """The one number that an output is about; None where it prints none, or several and nothing says which."""
    text = output.strip()
    loaded = _json_number(text)
    if loaded is not None:
        return Amount(value=loaded)
    footer = _FOOTER.search(text)
    if _singular(unit) == "row":
        return Amount(value=float(footer[1]), unit="row" if footer[1] == "1" else "rows") if footer else None
    cell = _only_cell(text)
    found = list(_NUMBER.finditer(cell if cell is not None else text))
    named = [match for match in found if unit and _singular(match["unit"] or "") == _singular(unit)]
    chosen = named if len(named) == 1 else found
    if len(chosen) != 1:
        return None
    return Amount(value=number(chosen[0]["value"]), unit=_unit_of(chosen[0]["unit"] or ""))


def _unit_of(text: str) -> str:
    return text if is_unit(text) else ""


def _singular(unit: str) -> str:
    word = unit.strip().lower()
    return word[:-1] if len(word) > 2 and word.endswith("s") else word


def _json_number(text: str) -> float | None:
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return float(loaded) if isinstance(loaded, int | float) and not isinstance(loaded, bool) else None


def _only_cell(text: str) -> str | None:
    """The cell of a table with one column and one row, as database clients print them."""
    lines = [line for line in text.splitlines() if line.strip() and not _FOOTER.fullmatch(line)]
    rules = [index for index, line in enumerate(lines) if _RULE.match(line)]
    if not rules:
        return None
    rows = [line for index, line in enumerate(lines) if index not in rules]
    if len(rows) != 2 or any(line.strip().strip("|").count("|") for line in rows):
        return None
    return rows[1].strip().strip("|")
