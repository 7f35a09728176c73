"""What a document expects a command to print, compared with what it printed.

JSON is compared as JSON, numbers as numbers, statuses as statuses, anything else as text. Where the words describe an
output instead of giving it, nothing is decided: both are shown side by side.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from tocsin.core.amounts import amount_in, comparison_of
from tocsin.core.jsonlike import NotJson, difference, documents, read_pattern

Result = Literal["as expected", "differs", "not compared"]
LONGEST = 300
_EMPTY = re.compile(
    r"(?:no|empty|zero) (?:output|results?|response|errors?|match(?:es)?|lines?)|nothing|empty|blank", re.IGNORECASE
)
_NOT_EMPTY = re.compile(r"(?:not|non)[ -]?empty(?: output)?|(?:some|any) output", re.IGNORECASE)
_NO_ROWS = re.compile(r"(?:no|zero|0) rows?(?: returned)?", re.IGNORECASE)
_REGEX = re.compile(r"/(?P<pattern>.{1,200})/(?P<flags>i?)")
_BACKTRACKS = re.compile(r"[+*}]\)?[+*{]|\([^()]*[+*|}][^()]*\)[+*{]")
_STATUS = re.compile(
    r"(?:HTTP(?:/[\d.]+)?\s+)?(?:status(?: code)?:?\s*)?(?P<code>[1-5](?:\d\d|xx))(?:\s+[A-Z][A-Za-z]*){0,4}\.?"
)
_STATUS_LINE = re.compile(r"^\W{0,3}HTTP/[\d.]+ (\d{3})\b", re.MULTILINE)
_KEYED = re.compile(r"[\"']?(?P<key>[A-Za-z_][\w.-]*)[\"']?\s*[:=]\s*(?P<value>\S.*)")
_GAP = re.compile(r"\.{3}|…|\*|<[^<>\n]{1,60}>")
_WORD = re.compile(r"\b[^\W\d_]{2,}\b")
_UNSURE = re.compile(r"\b(?:or|about|approx\w*|around|e\.?g|circa)\b", re.IGNORECASE)
_REMARK = re.compile(r"\s*(?:\([^()]*\)|(?:←|<-|//|#)\s.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How an output compares with what is expected. ``detail`` is the first difference, or why none is told."""

    result: Result
    expected: str
    came: str = ""
    detail: str = ""


_FITS = Check(result="as expected", expected="")


def compare(expected: str, output: str, *, cut: bool = False) -> Check:
    """Compare; ``cut`` says that the output is not all that was printed, so what is missing in it proves nothing."""
    wanted = html.unescape(expected).strip()
    bare = wanted[1:-1].strip() if len(wanted) > 2 and wanted[0] == wanted[-1] == "`" else wanted
    found = _compare(bare, output)
    if found.result == "differs" and cut:
        found = replace(found, result="not compared", detail="only a part of the output was kept")
    shown = output.strip()
    return replace(found, expected=wanted[:LONGEST], came=shown[:LONGEST] + ("…" if len(shown) > LONGEST else ""))


def _compare(wanted: str, output: str) -> Check:
    text = output.strip()
    if _EMPTY.fullmatch(wanted.rstrip(".")):
        return _said(not text, f"expected no output, came {_short(text)}")
    if _NOT_EMPTY.fullmatch(wanted.rstrip(".")):
        return _said(bool(text), "expected an output, came none")
    if _NO_ROWS.fullmatch(wanted.rstrip(".")):
        return _no_rows(text)
    regex = _REGEX.fullmatch(wanted)
    if regex:
        return _by_regex(regex, text)
    if wanted[:1] in "{[":
        try:
            return _as_json(read_pattern(wanted), text)
        except NotJson:
            return _as_text(wanted, text)
    return _as_value(wanted, text)


def _as_value(wanted: str, text: str) -> Check:
    """A status, a number or a word; what stands behind it in brackets is a remark."""
    remark = _REMARK.search(wanted)
    plain = _REMARK.sub("", wanted)
    check = _as_status(plain, text) or _as_number(plain, text) or _as_keyed(plain, text) or _as_text(plain, text)
    if check.result == "differs" and remark and _UNSURE.search(remark.group()):
        return _shown(f"“{remark.group().strip()}” leaves it open; {check.detail}")
    return check


def _no_rows(text: str) -> Check:
    amount = amount_in(text, "rows")
    if amount is None and text:
        return _shown("the output does not say how many rows it has")
    return _said(amount is None or amount.value == 0, f"expected no rows, came {amount}")


def _by_regex(regex: re.Match[str], text: str) -> Check:
    if _BACKTRACKS.search(regex["pattern"]):
        return _shown("this pattern could take for ever")
    try:
        found = re.search(regex["pattern"], text[:20_000], re.MULTILINE | (re.IGNORECASE if regex["flags"] else 0))
    except (re.error, OverflowError) as error:
        return _shown(f"this is no regular expression: {error}")
    return _said(found is not None, f"nothing fits {regex['pattern']}")


def _as_json(pattern: Any, text: str) -> Check:
    found = documents(text)
    if not found:
        return Check(
            result="differs", expected="", detail="expected JSON, came text" if text else "expected JSON, came nothing"
        )
    differences = [difference(pattern, document) for document in found]
    return _said("" in differences, differences[0])


def _as_status(wanted: str, text: str) -> Check | None:
    match = _STATUS.fullmatch(wanted)
    if not match:
        return None
    lines = _STATUS_LINE.findall(text)
    if not lines and re.fullmatch(r"[1-5]\d\d", text):
        lines = [text]
    if not lines:
        if match.group() == match["code"]:
            return None  # perhaps a mere number
        if f" {' '.join(wanted.split())} " in f" {' '.join(text.split())} ":
            return _FITS
        return _shown("the output shows no HTTP status")
    code = match["code"]
    fits = lines[-1][0] == code[0] if code.endswith("xx") else lines[-1] == code
    return _said(fits, f"expected status {code}, came {lines[-1]}")


def _as_number(wanted: str, text: str) -> Check | None:
    comparison = comparison_of(wanted)
    if comparison is None:
        return None
    amount = amount_in(text, comparison.unit)
    if amount is None:
        return _shown("the output is not one number") if text else _differs(f"expected {comparison}, came nothing")
    holds = comparison.holds(amount)
    if holds is None:
        return _shown(f"{amount} and {comparison} have different units")
    return _said(holds, f"expected {comparison}, came {amount}")


def _as_keyed(wanted: str, text: str) -> Check | None:
    """``queue_depth: < 100``: the value behind that name in the output, JSON or lines."""
    match = _KEYED.fullmatch(wanted)
    if not match or "\n" in wanted:
        return None
    found = [json.dumps(value) for document in documents(text) for value in _under(document, match["key"])]
    lines = re.findall(rf"^\W*{re.escape(match['key'])}\W*[:=|]\s*(\S.*)$", text[:100_000], re.MULTILINE)
    values = found or [line.strip(" ,;\"'") for line in lines]
    if len(values) != 1:
        return None
    inner = _as_value(match["value"].strip("\"'"), values[0].strip("\"'"))
    return replace(inner, detail=f"{match['key']}: {inner.detail}" if inner.detail else "")


def _under(document: Any, key: str) -> list[Any]:
    if isinstance(document, dict):
        own = [document[key]] if key in document else []
        return own + [found for value in document.values() for found in _under(value, key)]
    return [found for value in document for found in _under(value, key)] if isinstance(document, list) else []


def _as_text(wanted: str, text: str) -> Check:
    """Contained, with whitespace folded and gaps left open. A description that is not contained decides nothing."""
    quoted = len(wanted) > 2 and wanted[0] == wanted[-1] and wanted[0] in "\"'“"
    literal = wanted[1:-1] if quoted else wanted
    lines = [line.strip().removeprefix("- ") for line in literal.splitlines() if line.strip()]
    folded = " ".join(text.split())
    for line in lines:
        if not _contains(folded, line):
            described = len(lines) > 1 or (not quoted and len(_WORD.findall(_GAP.sub(" ", line))) > 2)
            if described or not _GAP.sub("", line).strip():
                return _shown("the document describes the output in words")
            return _differs(f"expected {_short(line)}, came {_short(text)}")
    return _FITS


def _contains(folded: str, line: str) -> bool:
    pieces = [re.escape(" ".join(piece.split())) for piece in _GAP.split(line)]
    pattern = ".{0,2000}?".join(pieces)
    if not any(pieces):
        return False
    before = r"(?<![^\W_])" if re.match(r"\w", line) else ""
    after = r"(?![^\W_])" if re.search(r"\w$", line) else ""
    if len(pieces) > 6:
        return False
    return re.search(f"{before}{pattern}{after}", folded[:100_000]) is not None


def _said(fits: bool, detail: str) -> Check:
    return _FITS if fits else _differs(detail)


def _differs(detail: str) -> Check:
    return Check(result="differs", expected="", detail=detail)


def _shown(why: str) -> Check:
    return Check(result="not compared", expected="", detail=why)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line[:80]}{'…' if len(line) > 80 else ''}”" if line else "nothing"
