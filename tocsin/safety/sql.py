"""The finding about SQL: PostgreSQL's, proved by two lists of their own, functions (by token) and syntax (by tree).

The proof covers the text. It doesn't see what a view or an operator of the database calls; for that the session is
read-only, has a time limit and belongs to nobody powerful (`docs/explanation/safety.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tocsin.safety.finding import Finding, change, unknown, worst
from tocsin.safety.specs import Effect, load_sql, parse_effects, words
from tocsin.safety.sqlscan import Statement, Token, Unscannable, statements

_LONGEST = 20_000
_DEEPEST = 40
_WRITING = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
_SECRET_TABLES = words("sql-secret-tables")
_SECRET_WORDS = ("password", "passwd", "secret", "token", "api_key", "apikey", "private_key", "credential")
_EXPLAIN_OPTIONS = words("sql-explain-options")
_EXPLAIN_VALUES = words("sql-explain-values")


def judge_sql(text: str) -> Finding:
    """What these statements do; the worst of them decides."""
    if len(text) > _LONGEST:
        return unknown(f"it is longer than {_LONGEST:,} characters")
    try:
        found = statements(text)
    except Unscannable as reason:
        return unknown(f"the SQL can't be read for certain: {reason}")
    if not found:
        return unknown("there is no statement here")
    return worst(map(_statement, found))


@cache
def _known() -> Mapping[str, Mapping[str, Effect]]:
    """The lists of ``specs/sql.toml`` whose names have reasons."""
    content = load_sql()
    return MappingProxyType(
        {
            "functions": parse_effects(content["changing"], "change") | parse_effects(content["unproven"], "unknown"),
            "statements": parse_effects(content["statements"], "change") | parse_effects(content["opaque"], "unknown"),
        }
    )


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset(load_sql()[name].split())


def _statement(statement: Statement) -> Finding:
    first = statement.tokens[0]
    keyword = first.text.upper() if first.kind == "word" else ""
    effect = _known()["statements"].get(keyword)
    if effect is not None:
        return Finding(effect.word, f"`{keyword}` {effect.why}", tuple(trait.name for trait in effect.traits))
    if keyword == "SHOW":
        return _show(statement.tokens)
    if keyword == "EXPLAIN":
        return _explain(statement)
    if keyword in ("SELECT", "WITH", "VALUES") or first.text == "(":
        return _query(statement)
    return unknown(f"`{first.text}` doesn't begin a statement that we prove")


def _show(tokens: Sequence[Token]) -> Finding:
    if (
        len(tokens) > 1
        and all(token.kind in ("word", "name") or token.text == "." for token in tokens)
        and len(tokens) <= 4
    ):
        return Finding("read", "`SHOW` prints settings")
    return unknown("this `SHOW` has a form that we don't know")


def _explain(statement: Statement) -> Finding:
    """``EXPLAIN`` only plans; with ``ANALYZE`` it runs the statement that it explains."""
    tokens = statement.tokens[1:]
    rest = list(tokens)
    if rest and rest[0].text == "(" and any(token.text == ")" for token in rest):
        end = next(place for place, token in enumerate(rest) if token.text == ")")
        options = [token.text.lower() for token in rest[1:end] if token.text != ","]
        odd = [word for word in options if word not in _EXPLAIN_OPTIONS | _EXPLAIN_VALUES]
        rest = rest[end + 1 :]
    else:
        odd = []
        while rest and rest[0].text.lower() in ("analyze", "analyse", "verbose"):
            word = rest.pop(0).text.lower()
            odd += [word] if word != "verbose" else []
    inner = _tail(statement, len(rest))
    explained = _statement(inner) if inner else unknown("nothing stands after `EXPLAIN`")
    if odd:
        what = f"`EXPLAIN` with `{odd[0].upper()}` runs the statement that it explains"
        return change(what, *explained.traits) if explained.word == "change" else unknown(what, *explained.traits)
    if explained.word == "read":
        return Finding("read", "`EXPLAIN` without `ANALYZE` only plans the query", explained.traits)
    return unknown(f"`EXPLAIN` plans a statement that is not proved: {explained.why}", *explained.traits)


def _tail(statement: Statement, count: int) -> Statement | None:
    """The last ``count`` tokens as a statement of their own."""
    tokens = statement.tokens[-count:] if count else ()
    if not tokens:
        return None
    return Statement(" ".join(map(_spell, tokens)).replace(": :", "::"), tokens)


def _spell(token: Token) -> str:
    quote = {"string": "'", "name": '"'}.get(token.kind, "")
    return f"{quote}{token.text}{quote}"


# A query -------------------------------------------------------------------------------------------------------------


def _query(statement: Statement) -> Finding:
    called = worst(_functions(statement.tokens))
    if called.word == "change":
        return called
    depth = _depth(statement.tokens)
    if depth > _DEEPEST:
        return unknown(f"it is nested more than {_DEEPEST} deep")
    try:
        trees = sqlglot.parse(statement.text, read="postgres", error_level=sqlglot.ErrorLevel.RAISE)
    except (SqlglotError, ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
        return _mentions_writing(statement.tokens) or unknown("it is not SQL that we can read")
    shaped = _tree(trees)
    secret = _secrets(statement.tokens)
    found = worst([shaped, called])
    if found.word == "read":
        return Finding("read", "the query only reads", secret)
    return Finding(found.word, found.why, (*found.traits, *secret))


def _depth(tokens: Sequence[Token]) -> int:
    """How deep parentheses, CASE and prefix operators may nest: an upper bound, to keep the parser out of trouble."""
    deepest = open_now = run = 0
    for token in tokens:
        opens = token.text in ("(", "[") or token.text.lower() == "case"
        closes = token.text in (")", "]") or token.text.lower() == "end"
        open_now += int(opens) - int(closes)
        run = run + 1 if token.text.lower() in ("not", "-", "+", "~", "!") else 0
        deepest = max(deepest, open_now + run)
    return deepest


def _functions(tokens: Sequence[Token]) -> list[Finding]:
    """A finding for each name before an opening parenthesis (a function) or before a quoted text (a type)."""
    found: list[Finding] = []
    for place, token in enumerate(tokens[:-1]):
        if tokens[place + 1].kind == "string" and token.kind in ("word", "name"):
            if token.kind == "name" or token.text.lower() not in _list("before_text"):
                found.append(unknown(f"`{token.text}` before a quoted text is a type of the database's own"))
            continue
        if tokens[place + 1].text != "(" or tokens[place + 1].kind != "sign" or token.kind not in ("word", "name"):
            continue
        name = token.text.lower()
        schema = tokens[place - 2].text.lower() if place >= 2 and tokens[place - 1] == Token("sign", ".") else ""
        effect = _known()["functions"].get(name) or _known()["functions"].get(f"{schema}.{name}")
        if effect is not None:
            found.append(Finding(effect.word, f"`{name}` {effect.why}", tuple(trait.name for trait in effect.traits)))
        elif token.kind == "name":
            found.append(unknown(f'`"{token.text}"(…)` may be a function of the database\'s own'))
        elif name in _list("before_parenthesis") and not schema:
            continue
        elif name not in _list("reading") or schema not in ("", "pg_catalog"):
            found.append(unknown(f"`{name}` may be a function of the database's own"))
    return found


def _tree(trees: Sequence[exp.Expr | None]) -> Finding:
    if len(trees) != 1 or trees[0] is None:
        return unknown("it is not exactly one statement")
    tree = trees[0]
    if not isinstance(tree, (exp.Select, exp.SetOperation, exp.Values, exp.Subquery)):
        return unknown(f"it is read as {type(tree).__name__}, not as a query")
    verdict = Finding("read")
    for node in tree.walk():
        if isinstance(node, _WRITING):
            word = type(node).__name__.upper()
            return change(
                f"`{word}` inside the query writes rows", *(("destructive",) if isinstance(node, exp.Delete) else ())
            )
        name = type(node).__name__
        if isinstance(node, (exp.Into, exp.Lock)) or node.args.get("locks") or node.args.get("into"):
            return change(
                "the query makes a table"
                if isinstance(node, exp.Into) or node.args.get("into")
                else "the query locks rows"
            )
        if isinstance(node, exp.Anonymous) and node.name.lower() not in _list("reading"):
            verdict = unknown(f"`{node.name}` may be a function of the database's own")
        elif name not in _list("nodes"):
            verdict = unknown(f"it holds a part of SQL that we don't prove ({name})")
        elif isinstance(node, exp.DataType) and node.this in (exp.DataType.Type.USERDEFINED, exp.DataType.Type.UNKNOWN):
            verdict = unknown("it casts to a type of the database's own") if not _catalog_type(node) else verdict
    return verdict


def _catalog_type(node: exp.DataType) -> bool:
    return str(node.args.get("kind", "")).lower() in (
        "regclass",
        "regtype",
        "regproc",
        "oid",
        "name",
        "pg_lsn",
        "xid",
        "inet",
        "cidr",
    )


def _mentions_writing(tokens: Sequence[Token]) -> Finding | None:
    for token in tokens:
        if token.kind == "word" and token.text.upper() in ("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "DROP"):
            effect = _known()["statements"][token.text.upper()]
            return Finding(
                "change", f"`{token.text.upper()}` {effect.why}", tuple(trait.name for trait in effect.traits)
            )
    return None


def _secrets(tokens: Sequence[Token]) -> tuple[str, ...]:
    for token in tokens:
        name = token.text.lower()
        if token.kind in ("word", "name") and (name in _SECRET_TABLES or any(word in name for word in _SECRET_WORDS)):
            return ("secret",)
    return ()
