"""The finding about SQL: which statements look, and which act. Queries themselves are read in ``sqlquery``.

The proof covers the text. It doesn't see what a view or an operator of the database calls; for that the session is
read-only, has a time limit and belongs to nobody powerful (`docs/explanation/safety.md`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tocsin.safety.finding import Finding, change, unknown, worst
from tocsin.safety.specs import words
from tocsin.safety.sqlquery import judge_query, known
from tocsin.safety.sqlscan import Dialect, Statement, Token, Unscannable, statements

_LONGEST = 20_000
_EXPLAIN_OPTIONS = words("sql-explain-options")
_EXPLAIN_VALUES = words("sql-explain-values")
_RUNS = frozenset({"analyze", "analyse"})


def judge_sql(text: str, dialect: Dialect = "postgres") -> Finding:
    """What these statements do; the worst of them decides."""
    if len(text) > _LONGEST:
        return unknown(f"it is longer than {_LONGEST:,} characters")
    try:
        found = statements(text, dialect)
    except Unscannable as reason:
        return unknown(f"the SQL can't be read for certain: {reason}")
    if not found:
        return unknown("there is no statement here")
    return worst(map(_statement, found))


def _statement(statement: Statement) -> Finding:
    first = statement.tokens[0]
    keyword = first.text.upper() if first.kind == "word" else ""
    effect = known()["statements"].get(keyword)
    if effect is not None:
        return Finding(effect.word, f"`{keyword}` {effect.why}", tuple(trait.name for trait in effect.traits))
    if keyword == "SHOW":
        return _show_mysql(statement.tokens) if statement.dialect == "mysql" else _show(statement.tokens)
    if keyword in ("EXPLAIN", "DESCRIBE", "DESC"):
        return _explain(statement)
    if keyword == "PRAGMA" and statement.dialect == "sqlite":
        return _pragma(statement.tokens)
    if keyword == "TABLE" and len(statement.tokens) > 1 and statement.dialect == "postgres":
        text = "SELECT * FROM" + statement.text[statement.starts[1] - 1 :]
        return judge_query(Statement(text, statement.tokens[1:], (), statement.dialect))
    if keyword in ("SELECT", "WITH", "VALUES") or first.text == "(":
        return judge_query(statement)
    return unknown(f"`{first.text}` doesn't begin a statement that we prove")


def _show(tokens: Sequence[Token]) -> Finding:
    """PostgreSQL's settings, and what PgBouncer's console tells (``SHOW POOLS``)."""
    plain = all(token.kind in ("word", "name") or token.text == "." for token in tokens)
    if plain and 1 < len(tokens) <= 4:
        return Finding("read", "`SHOW` prints settings")
    return unknown("this `SHOW` has a form that we don't know")


_SHOWN = re.compile(
    r"((full )?processlist|(global |session )?(status|variables)|engine [a-z]+ (status|mutex)|engines|databases|schemas"
    r"|(full )?tables|open tables|table status|(full )?columns|fields|(index|indexes|keys)|create (table|view|database)"
    r"|(replica|slave|master|binary log) status|(replicas|slave hosts)|all slaves status|(binary|master) logs|grants"
    r"|plugins|events|triggers|warnings|errors|privileges|character set|collation|(procedure|function) status)"
    r"( (from|in) (\S+|\S+ \. \S+)){0,2}(( for)? [a-z_]+( @ [a-z%.]+)?| [a-z_]+ \. [a-z_]+)?( like '')?"
)


def _show_mysql(tokens: Sequence[Token]) -> Finding:
    said = " ".join("''" if token.kind == "string" else token.text.lower() for token in tokens[1:])
    if _SHOWN.fullmatch(said) and not any(token.text in "();" for token in tokens):
        return Finding("read", "`SHOW` prints what the server knows")
    return unknown("this `SHOW` has a form that we don't know")


def _pragma(tokens: Sequence[Token]) -> Finding:
    name = tokens[1].text.lower() if len(tokens) > 1 else ""
    rest = [token.text for token in tokens[2:]]
    asks = len(rest) == 3 and (rest[0], rest[2]) == ("(", ")") and tokens[3].kind in ("word", "name", "string")
    if (name in words("sqlite-pragma-with-name") and asks) or (name in words("sqlite-pragmas") and not rest):
        return Finding("read", f"`PRAGMA {name}` only asks")
    return unknown(f"`PRAGMA {name}` may change how the database works")


def _explain(statement: Statement) -> Finding:
    """``EXPLAIN`` only plans; with ``ANALYZE`` it runs the query, so the query must be proved either way."""
    rest = list(statement.tokens[1:])
    options: list[str] = []
    if rest and rest[0].text == "(" and any(token.text == ")" for token in rest):
        end = next(place for place, token in enumerate(rest) if token.text == ")")
        options = [token.text.lower() for token in rest[1:end] if token.text != ","]
        rest = rest[end + 1 :]
    else:
        while rest and rest[0].text.lower() in ("analyze", "analyse", "verbose", "extended", "query", "plan"):
            options.append(rest.pop(0).text.lower())
    odd = [word for word in options if word not in _EXPLAIN_OPTIONS | _EXPLAIN_VALUES | _RUNS]
    if odd:
        return unknown(f"`{odd[0]}` is not an option of `EXPLAIN` that we know")
    if statement.dialect == "mysql" and rest and not options and all(_named(token) for token in rest):
        return Finding("read", "`DESCRIBE` shows the columns of a table")
    inner = statement.tail(len(rest))
    explained = _statement(inner) if inner else unknown("nothing stands after `EXPLAIN`")
    runs = bool(_RUNS & set(options))
    if explained.word == "read" and inner and inner.tokens[0].text.upper() not in ("EXPLAIN", "SHOW", "PRAGMA"):
        what = "`EXPLAIN` with `ANALYZE` runs the query" if runs else "`EXPLAIN` without `ANALYZE` only plans the query"
        return Finding("read", f"{what}, and the query only reads", explained.traits)
    if runs and explained.word == "change":
        return change(f"`EXPLAIN` with `ANALYZE` runs the statement: {explained.why}", *explained.traits)
    why = explained.why or "it is not a query"
    return unknown(f"`EXPLAIN` stands before a statement that is not proved: {why}", *explained.traits)


def _named(token: Token) -> bool:
    keyword = token.text.upper() in (
        "SELECT",
        "WITH",
        "INSERT",
        "UPDATE",
        "DELETE",
        "REPLACE",
        "TABLE",
        "FOR",
        "FORMAT",
        "VALUES",
    )
    return (token.kind == "word" and not keyword) or token.kind == "name" or token.text == "."
