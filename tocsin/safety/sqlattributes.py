"""PostgreSQL's attribute notation: ``x.f`` calls ``f(x)`` where ``x`` has no column ``f``, without a parenthesis.

For the row of a table, only functions that live in the database fit. For a function in FROM the row is its bare value,
and every function of the server fits: ``select p.pg_terminate_backend from generate_series(4242, 4242) p``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from tocsin.safety.finding import Finding, unknown
from tocsin.safety.specs import load_sql
from tocsin.safety.sqlscan import Token, folded

_OPEN, _CLOSE, _DOT = Token("sign", "("), Token("sign", ")"), Token("sign", ".")
_VALUES = frozenset(
    {"current_user", "session_user", "system_user", "user", "current_role", "current_catalog", "current_schema"}
    | {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
)
"""Functions that are called without parentheses, in FROM too."""


@cache
def _columns() -> Mapping[str, frozenset[str]]:
    """The columns of the functions that return more than one bare value, by ``specs/sql.toml``."""
    lines = filter(None, map(str.strip, load_sql()["columns"].splitlines()))
    pairs = [line.partition(": ") for line in lines]
    return {name: frozenset(columns.split()) for names, _, columns in pairs for name in names.split()}


def judge_attributes(tokens: Sequence[Token], acting: frozenset[str], keywords: frozenset[str]) -> Iterator[Finding]:
    """A finding for each ``x.f`` that may be a call. ``acting``: functions that are known to act; ``keywords``: words
    of the language that may stand before a parenthesis."""
    sources = dict[str, frozenset[str]]()
    for name, columns in _sources(tokens, keywords):
        sources[name] = sources[name] & columns if name in sources else columns
    for place, token in enumerate(tokens[1:-1], start=1):
        before, after = tokens[place - 1], tokens[place + 1]
        if token != _DOT or not (_named(before) and _named(after)) or tokens[place + 2 : place + 3] == (_OPEN,):
            continue
        source, name = folded(before), folded(after)
        if after.text.lower() in acting:
            called = after.text.lower()
            yield unknown(f"`{before.text}.{after.text}` is a call of `{called}`, where no column is called so")
        elif source in sources and name not in sources[source]:
            why = f"`{before.text}` stands for a function, so `{before.text}.{after.text}` may call another one"
            yield unknown(why, fix=f"name its columns: `AS {before.text}(a, b)`")


def _sources(tokens: Sequence[Token], keywords: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Each name that may stand for a function in FROM, with its columns; rather one too many than one too few."""
    numbered = frozenset({"ordinality"}) if any(token.text.lower() == "ordinality" for token in tokens) else frozenset()
    for place, token in enumerate(tokens):
        name = token.text.lower()
        if token.kind == "word" and name in _VALUES and tokens[place + 1 : place + 2] != (_OPEN,):
            yield from _named_so(tokens, place + 1, "", frozenset())
        if token != _OPEN or not place or not _named(tokens[place - 1]):
            continue
        name, before = folded(tokens[place - 1]), tokens[place - 2].text.lower() if place > 1 else ""
        if name == "from" and before == "rows":
            yield from _named_so(tokens, _behind(tokens, place), "", numbered)
        elif (name not in keywords or tokens[place - 1].kind == "name") and before != "as":
            yield from _named_so(tokens, _behind(tokens, place), name, numbered)


def _named_so(
    tokens: Sequence[Token], at: int, function: str, numbered: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """The names under which a call that ends before ``at`` may be known, each with its columns."""
    known = _columns().get(function)
    if function:
        yield function, (known if known is not None else frozenset({function})) | numbered
    texts = [token.text.lower() for token in tokens[at : at + 2]]
    at += 2 if texts == ["with", "ordinality"] else 0
    at += 1 if at < len(tokens) and tokens[at].text.lower() == "as" and tokens[at].kind == "word" else 0
    if at >= len(tokens) or not _named(tokens[at]):
        return
    alias = folded(tokens[at])
    if tokens[at + 1 : at + 2] == (_OPEN,):
        yield alias, frozenset(_listed(tokens, at + 1)) | (known or frozenset())
    else:
        yield alias, (known if known is not None else frozenset({alias} if function else ())) | numbered


def _listed(tokens: Sequence[Token], opening: int) -> Iterator[str]:
    """The names of ``(a, b)`` or ``(a int, b text)``."""
    depth = 0
    for place in range(opening, _behind(tokens, opening)):
        depth += (tokens[place] == _OPEN) - (tokens[place] == _CLOSE)
        if depth == 1 and (tokens[place] == _OPEN or tokens[place].text == ",") and _named(tokens[place + 1]):
            yield folded(tokens[place + 1])


def _behind(tokens: Sequence[Token], opening: int) -> int:
    """The place behind the parenthesis that closes this one."""
    depth = 0
    for place in range(opening, len(tokens)):
        depth += (tokens[place] == _OPEN) - (tokens[place] == _CLOSE)
        if not depth:
            return place + 1
    return len(tokens)


def _named(token: Token) -> bool:
    return token.kind in ("word", "name")
