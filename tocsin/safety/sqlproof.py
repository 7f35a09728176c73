"""The proof of SQL, word by word: how each statement begins, and every function that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tocsin.safety.finding import Finding, Part
from tocsin.safety.lexer import GAP, VARIABLE
from tocsin.safety.sql import judge_sql
from tocsin.safety.sqlquery import named_functions
from tocsin.safety.sqlscan import Dialect, Statement, Unscannable, statements

_DIALECTS: dict[str, Dialect] = {"sql": "postgres", "mysql": "mysql", "sqlite": "sqlite"}
_MOST_STATEMENTS = 20


def with_parts(finding: Finding, rule: str, text: str) -> Finding:
    """The finding about this SQL with its parts; ``rule`` is the rule of the value in which it stands."""
    dialect = _DIALECTS.get(rule)
    if dialect is None or text.lstrip().startswith("\\") or VARIABLE in text:
        return finding
    try:
        found = statements(text.replace(GAP, "x1"), dialect)
    except Unscannable:
        return finding
    parts: list[Part] = []
    for statement in found[:_MOST_STATEMENTS]:
        judged = finding if len(found) == 1 else judge_sql(statement.text, dialect)
        parts += _parts(statement, dialect, judged)
    return replace(finding, parts=tuple(parts))


def _parts(statement: Statement, dialect: Dialect, judged: Finding) -> Iterator[Part]:
    functions = [
        Part(-1, "SQL function", each.why or "only computes or looks", each.word, text=name)
        for name, each in named_functions(statement.tokens[1:], dialect)
        if each.word == "read" or judged.word != "read"
    ]
    guilty = any(part.word == judged.word for part in functions) if judged.word != "read" else False
    word = "read" if guilty else judged.word
    known = "a function in it decides" if guilty else judged.why or "only reads"
    yield Part(-1, "SQL statement", known, word, text=statement.tokens[0].text)
    yield from dict.fromkeys(functions)
