"""Gaps of a command filled so that each value arrives, byte for byte, where it was written, and nothing else runs.

The command is read with its gaps as marks, the places are told from it alone, each value is written for its place, and
what came out is read again: it must have the words that were meant. Where a place is not understood, or where a program
could read its argument as code, only plain values may stand.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from tocsin.core.httprequest import Piece, Unreadable, parse
from tocsin.core.interpreters import (
    READS_FILES_AT,
    WITH_BACKTICKS,
    commands_of,
    is_program,
    name_of,
    runs_argument,
    runs_input,
    sql_client,
)
from tocsin.core.placeholders import KINDS, Kind, kind_of, problem_of
from tocsin.core.shellplaces import FIRST_MARK, Quote, Token, is_mark, marks_in, scan
from tocsin.core.sqlplaces import place_in_sql, wanted_in_sql, write_in_sql
from tocsin.errors import Refused

_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,-]+")
_PLAIN_SAYS = "letters, digits and _./:@%+=,- only"
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_KEY = re.compile(r"(?:-{0,2}[\w.\[\]/-]{1,60}[=:])?")
_PROSE = re.compile(r"[\w\s.,:;!?#*_@&+%-]*")
_URL = re.compile(r"(?:-{1,2}[\w-]+=)?(?:https?|wss?)://", re.IGNORECASE)
_JSON = re.compile(r"(?:-{1,2}[\w-]+=)?(?=[{\[])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A gap of a command: its text as written, and what the reader took it for."""

    text: str
    read_as: str

    @property
    def kind(self) -> Kind:
        """The kind of its values."""
        return kind_of(self.text, self.read_as)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marked:
    text: str
    gap_of: Mapping[str, Gap]
    values: Mapping[str, str]
    variables: Mapping[str, str]

    @property
    def filled(self) -> tuple[str, ...]:
        """The marks that have a value."""
        return tuple(mark for mark, gap in self.gap_of.items() if gap.text in self.values or gap.text in self.variables)

    def value(self, mark: str) -> str:
        """The value of a mark that has one."""
        return self.values[self.gap_of[mark].text]


def render(
    command: str, language: str, gaps: Sequence[Gap], values: Mapping[str, str], variables: Mapping[str, str]
) -> str:  # fmt: skip
    """The command with the gaps that have a value filled; ``language`` is "shell", "sql" or "http".

    Of the gaps in ``variables`` each becomes the environment variable of that name. Raises `Refused`, with the gap and
    what it takes, where a value can't stand in its place.
    """
    for gap in gaps:
        problem = problem_of(gap.text, gap.read_as, values[gap.text]) if gap.text in values else ""
        if problem:
            raise _refusal(gap, values[gap.text], problem)
    marked = _mark(command, gaps, values, variables)
    write = {"sql": _in_sql, "http": _in_request}.get(language, _in_shell)
    written = write(marked)
    unfilled = {mark: gap.text for mark, gap in marked.gap_of.items() if mark not in written}
    return _put(marked.text, {**written, **unfilled})


def may_be_variable(command: str, placeholder: str) -> bool:
    """Whether a shell would read a variable wherever this gap stands in the command."""
    marked = _mark(command, [Gap(text=placeholder, read_as="secret")], {}, {})
    quotes = {
        mark: quote for token in scan(marked.text) if token.kind == "word" for mark, quote in token.quotes.items()
    }
    return bool(marked.gap_of) and all(quotes.get(mark) in ("bare", "double") for mark in marked.gap_of)


def may_be_header(command: str, placeholder: str) -> bool:
    """Whether this gap of a request stands in values of headers only, where a variable may be named instead."""
    marked = _mark(command, [Gap(text=placeholder, read_as="secret")], {}, {})
    try:
        pieces = _pieces(marked)
    except Refused:
        return False
    return bool(marked.gap_of) and all(piece.role == "header" for piece in pieces.values())


def occurrences(placeholder: str) -> str:
    """The pattern that finds a gap in a command: a name without brackets only where it is a whole word."""
    pattern = re.escape(placeholder)
    if placeholder[:1] in "<[{":
        return pattern
    return rf"(?<![\w$])(?<!\$\{{){pattern}(?!\w)"


def _mark(
    text: str, gaps: Sequence[Gap], values: Mapping[str, str], variables: Mapping[str, str]
) -> _Marked:  # fmt: skip
    if any(is_mark(character) for character in text):
        raise Refused("The command holds characters without a meaning, so its gaps can't be filled.")
    found = {gap.text: gap for gap in gaps}
    gap_of: dict[str, Gap] = {}

    def mark(match: re.Match[str]) -> str:
        character = chr(ord(FIRST_MARK) + len(gap_of))
        if not is_mark(character):
            raise Refused("The command has more gaps than can be filled.")
        gap_of[character] = found[match.group()]
        return character

    pattern = "|".join(occurrences(name) for name in sorted(found, key=len, reverse=True))
    text = re.sub(pattern, mark, text) if found else text
    return _Marked(text=text, gap_of=gap_of, values=values, variables=variables)


# --- SQL -----------------------------------------------------------------------------------------------------------


def _in_sql(marked: _Marked) -> dict[str, str]:
    return {mark: _sql(marked, marked.text, mark) for mark in marked.filled}


def _sql(marked: _Marked, statement: str, mark: str, *, backticks: bool = False) -> str:
    gap, value = marked.gap_of[mark], marked.value(mark)
    place = place_in_sql(statement, mark)
    if place in ("code", "opaque") and value.startswith("-"):
        raise _refusal(gap, value, "it may not begin with a hyphen")
    written = write_in_sql(place, gap.kind.name, value, backticks=backticks)
    if written is None:
        raise _refusal(gap, value, f"it must be {wanted_in_sql(place, gap.kind.name)}")
    return written


# --- a request over HTTP -------------------------------------------------------------------------------------------


def _in_request(marked: _Marked) -> dict[str, str]:
    written: dict[str, str] = {}
    for mark, piece in _pieces(marked).items():
        if mark not in marked.filled:
            continue
        variable = marked.variables.get(marked.gap_of[mark].text)
        written[mark] = f"${{{variable}}}" if variable else _sent(marked, piece, mark)
    whole = _put(marked.text, dict.fromkeys(marked.gap_of, "\x01") | written)
    try:
        again = parse(whole, gaps=True)
    except Unreadable as error:
        raise Refused(f"With these values it is no request: {error.message}", "Give them other values.") from None
    before = parse(_open(marked), gaps=True)
    if [(one.role, one.name) for one in again.pieces] != [(one.role, one.name) for one in before.pieces]:
        raise Refused("These values can't be filled in so that the request stays the same.", "Give them other values.")
    return written


def _pieces(marked: _Marked) -> dict[str, Piece]:
    """The part of the request in which each mark stands."""
    try:
        request = parse(_open(marked), gaps=True)
    except Unreadable as error:
        raise Refused(f"This is no request whose gaps could be filled: {error.message}", error.hint) from None
    places = {mark: marked.text.index(mark) for mark in marked.gap_of}
    return {
        mark: piece for mark, at in places.items() for piece in request.pieces if piece.at <= at < piece.end
    }  # fmt: skip


def _open(marked: _Marked) -> str:
    return "".join("\x01" if is_mark(character) else character for character in marked.text)


def _sent(marked: _Marked, piece: Piece, mark: str) -> str:
    """A value as it goes over the wire in its part of the request."""
    gap, value = marked.gap_of[mark], marked.value(mark)
    text = marked.text[piece.at : piece.end]
    if piece.role == "address":
        return _in_address(marked, text, mark)
    if piece.role == "header" and text.index(mark) > text.index(":"):
        if value.isascii() and "$" not in value:
            return value
        raise _refusal(gap, value, "it stands in a header and must be plain ASCII without a $")
    if piece.role != "body":
        raise _refusal(gap, value, "it stands where a request has words of its own")
    form = re.search(r"(?im)^content-type:[ \t]*(.*)$", marked.text[: piece.at])
    if "json" in (form[1].lower() if form else "") or (form is None and text.lstrip().startswith(("{", "["))):
        return _in_json(marked, text, mark)
    if form and "x-www-form-urlencoded" in form[1].lower():
        return quote(value, safe="")
    return value if form and form[1].lower().startswith("text/plain") else _plain(marked, mark)


def _in_address(marked: _Marked, text: str, mark: str) -> str:
    """A value in an address; one with which the address begins tells who is asked, and must say so in full."""
    value, scheme = marked.value(mark), _URL.match(text)
    if text.startswith(mark):
        if re.fullmatch(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[\w./%~:@=,+-]*)?", value, re.ASCII):
            return value.removesuffix("/") if text[1:2] == "/" else value
        raise _refusal(marked.gap_of[mark], value, "the address begins with it, so it must begin with https://")
    return _in_url(marked, text[scheme.end() :] if scheme else text, mark)


# --- the shell -----------------------------------------------------------------------------------------------------


def _in_shell(marked: _Marked) -> dict[str, str]:
    tokens, filled = scan(marked.text), frozenset(marked.filled)
    code = runs_input(tokens)
    meant: dict[str, str] = {}
    written: dict[str, str] = {}
    for command in commands_of(tokens):
        for index, word in enumerate(command):
            for mark in (each for each in marks_in(word.text) if each in filled):
                variable = marked.variables.get(marked.gap_of[mark].text)
                if variable:
                    meant[mark] = f"${{{variable}}}"
                    written[mark] = f'"{meant[mark]}"' if word.quotes[mark] == "bare" else meant[mark]
                    continue
                meant[mark] = _argument(marked, command, index, mark, pipes_code=code)
                written[mark] = _quoted(marked, mark, word.quotes[mark], meant[mark])
    for mark in marked.filled:
        if mark not in written:
            meant[mark] = written[mark] = _plain(marked, mark)
    _must_read_alike(marked, tokens, meant, written)
    return written


def _argument(marked: _Marked, command: Sequence[Token], index: int, mark: str, *, pipes_code: bool) -> str:
    """What is to stand in the word, before the shell's own quotes."""
    word, gap, value = command[index], marked.gap_of[mark], marked.value(mark)
    before = command[:index]
    if word.quotes[mark] == "expansion":
        raise _refusal(gap, value, "it stands behind a $, where a shell would read it as a variable")
    if word.quotes[mark] == "opaque" or is_program(command, index):
        return _plain(marked, mark)
    client = sql_client(before, word.text)
    if client:
        return _sql(marked, word.text, mark, backticks=client in WITH_BACKTICKS)
    _must_not_be_option(marked, word, mark, before)
    if pipes_code or runs_argument(before):
        return _plain(marked, mark)
    return _data(marked, word, mark)


def _data(marked: _Marked, word: Token, mark: str) -> str:
    """The value inside an argument that no program takes for code: in JSON, in an address, in words, or alone."""
    value = marked.value(mark)
    json_begin, url = _JSON.match(word.text), _URL.match(word.text)
    if json_begin:
        return _in_json(marked, word.text[json_begin.end() :], mark)
    if url:
        return _in_url(marked, word.text[url.end() :], mark)
    rest = "".join(character for character in word.text if not is_mark(character))
    if (_KEY.fullmatch(rest) and word.text.startswith(rest)) or _PROSE.fullmatch(rest):
        return value
    return _plain(marked, mark)


def _in_json(marked: _Marked, text: str, mark: str) -> str:
    gap, value = marked.gap_of[mark], marked.value(mark)
    strings = [match.group()[1:-1] for match in re.finditer(r'"(?:[^"\\]|\\.)*"', text)]
    string = next((each for each in strings if mark in each), None)
    try:
        json.loads("".join("1" if is_mark(character) else character for character in text))
    except ValueError:
        return _plain(marked, mark)
    if string is None:
        if re.fullmatch(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?", value):
            return value
        raise _refusal(gap, value, "it must be a number: it stands in JSON without quotes")
    if not _PROSE.fullmatch("".join(character for character in string if not is_mark(character))):
        return _plain(marked, mark)
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _in_url(marked: _Marked, text: str, mark: str) -> str:
    """Percent-encoded for its part of the address; the host itself must be one, and is not encoded."""
    gap, value = marked.gap_of[mark], marked.value(mark)
    at = text.index(mark)
    end = re.search(r"[/?#]", text)
    if end is None or at < end.start():
        if "@" in text[at : end.start() if end else None]:
            return quote(value, safe="")
        if re.fullmatch(r"[A-Za-z0-9_.-]+", value) or KINDS["host"].pattern.fullmatch(value):
            return value
        rest = re.fullmatch(r"([^/?#]+)(/[\w./%~:@=,+?&-]*)", value)
        if end is None and text == mark and rest and KINDS["host"].pattern.fullmatch(rest[1]):
            return value
        raise _refusal(gap, value, f"it stands behind :// and must be {KINDS['host'].says}")
    if value in (".", "..") or re.search(r"(?:^|/)\.\.?(?:/|$)", value):
        raise _refusal(gap, value, "a path of . or .. leads to another address")
    in_path = "?" not in text[:at] and "#" not in text[:at]
    return quote(value, safe="/:@=,+~" if in_path and gap.kind.name == "path" else ":@=,+~" if in_path else ":@,/~")


def _must_not_be_option(marked: _Marked, word: Token, mark: str, before: Sequence[Token]) -> None:
    gap, value = marked.gap_of[mark], marked.value(mark)
    if value.startswith("-") and word.text.startswith(mark):
        raise _refusal(gap, value, "it may not begin with a hyphen: a program would read it as an option")
    opening = word.text[: word.text.index(mark)]
    if (
        value.startswith("@")
        and (not opening or opening.endswith("="))
        and any(name_of(token.text) in READS_FILES_AT for token in before)
    ):
        raise _refusal(gap, value, "it may not begin with @: the program would read a file of that name")


def _plain(marked: _Marked, mark: str) -> str:
    gap, value = marked.gap_of[mark], marked.value(mark)
    if not _PLAIN.fullmatch(value) or value.startswith("-"):
        raise _refusal(gap, value, f"it must be {_PLAIN_SAYS}, because more could be read as code where it stands")
    return value


def _quoted(marked: _Marked, mark: str, where: Quote, text: str) -> str:
    if where == "double":
        return re.sub(r'([\\$`"])', r"\\\1", text)
    if where == "single":
        return text.replace("'", "'\"'\"'")
    return shlex.quote(text) if where == "bare" else _plain(marked, mark)


def _must_read_alike(
    marked: _Marked, tokens: Sequence[Token], meant: Mapping[str, str], written: Mapping[str, str]
) -> None:
    """The last proof: what was written, read again, has the words that were meant and no others."""
    again = [(token.kind, token.text) for token in scan(_put(marked.text, written))]
    wanted = [(token.kind, _put(token.text, meant)) for token in tokens]
    if again != wanted:
        raise Refused("These values can't be filled in so that the command stays the same.", "Give them other values.")


def _put(text: str, pieces: Mapping[str, str]) -> str:
    return "".join(pieces.get(character, character) for character in text)


def _refusal(gap: Gap, value: str, why: str) -> Refused:
    shown = value if len(value) <= 80 else value[:80] + "…"
    return Refused(f"{shown!r} can't stand for {gap.text}: {why}.", "Give it another value.")
