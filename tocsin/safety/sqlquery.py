"""A query: each function, type and part of its syntax must stand on a list (``specs/sql.toml``), by token and tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tocsin.safety.finding import READ, Finding, change, unknown, worst
from tocsin.safety.specs import Effect, load_sql, parse_effects, words
from tocsin.safety.sqlattributes import judge_attributes
from tocsin.safety.sqlcolumns import judge_columns
from tocsin.safety.sqlscan import Dialect, Statement, Token

_DEEPEST = 40
_MOST_ROWS = 100_000
_MOST_FREE_TABLES = 2
_WRITING = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
_SECRET_TABLES = words("sql-secret-tables")
_SECRET_WORDS = ("password", "passwd", "secret", "token", "api_key", "apikey", "private_key", "credential")
_GROUPING = frozenset({"rollup", "cube", "sets"})
_MAKES_MANY = frozenset({"generate_series", "repeat", "lpad", "rpad", "space", "zeroblob", "range"})


@cache
def known() -> Mapping[str, Mapping[str, Effect]]:
    """The lists of ``specs/sql.toml`` whose names have reasons: ``functions`` and ``statements``."""
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


def _reading(dialect: Dialect) -> frozenset[str]:
    return _list("reading") if dialect == "postgres" else _list(f"{dialect}_reading")


def _types(dialect: Dialect) -> frozenset[str]:
    return _list("types") if dialect == "postgres" else _list("other_types")


def judge_query(statement: Statement) -> Finding:
    """What a statement that begins like a query does."""
    tokens = statement.tokens
    called = worst([*_functions(tokens, statement.dialect), *_casts(tokens, statement.dialect), *_odd(statement)])
    if statement.dialect == "postgres":
        acting, keywords = frozenset(known()["functions"]), _list("before_parenthesis")
        called = worst([called, *judge_attributes(tokens, acting, keywords)])
    if called.word == "change":
        return called
    if _depth(tokens) > _DEEPEST:
        return unknown(f"it is nested more than {_DEEPEST} deep")
    try:
        trees = sqlglot.parse(_unqualified(statement), read=statement.dialect, error_level=sqlglot.ErrorLevel.RAISE)
    except (SqlglotError, ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError):
        return _mentions_writing(tokens) or unknown("it is not SQL that we can read")
    secret = _secrets(tokens)
    found = worst([_tree(trees, statement.dialect), called])
    if found.word == "read" and statement.dialect == "postgres" and isinstance(trees[0], exp.Expr):
        found = worst([found, *judge_columns(trees[0], tokens, _list("reading"))])
    if found.word == "read":
        return Finding("read", "the query only reads", tuple(dict.fromkeys((*found.traits, *secret))))
    return Finding(found.word, found.why, (*found.traits, *secret))


def _unqualified(statement: Statement) -> str:
    """The text with ``pg_catalog.lower(…)`` as ``lower(…)``, for the parser knows its functions by their bare names."""
    text, tokens, starts = statement.text, statement.tokens, statement.starts
    for place in range(len(starts) - 4, -1, -1):
        schema, dot, name, opening = tokens[place : place + 4]
        called = (dot.text, name.kind, opening) == (".", "word", Token("sign", "("))
        if called and schema.kind == "word" and schema.text.lower() == "pg_catalog" and _before(tokens, place) != ".":
            text = text[: starts[place]] + text[starts[place + 2] :]
    return text


# Tokens --------------------------------------------------------------------------------------------------------------


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


def _functions(tokens: Sequence[Token], dialect: Dialect) -> Iterator[Finding]:
    """A finding for each name before an opening parenthesis (a function) or before a quoted text (a type)."""
    for place, token in enumerate(tokens[:-1]):
        if token.kind not in ("word", "name"):
            continue
        if tokens[place + 1].kind == "string":
            if token.kind == "name" or token.text.lower() not in _list("before_text"):
                yield unknown(f"`{token.text}` before a quoted text is a type of the database's own")
        elif tokens[place + 1] == Token("sign", "("):
            yield _function(tokens, place, dialect)


def _function(tokens: Sequence[Token], place: int, dialect: Dialect) -> Finding:
    token, name = tokens[place], tokens[place].text.lower()
    schema = tokens[place - 2].text.lower() if place >= 2 and tokens[place - 1] == Token("sign", ".") else ""
    effect = known()["functions"].get(name) or known()["functions"].get(f"{schema}.{name}")
    if effect is not None:
        return Finding(effect.word, f"`{name}` {effect.why}", tuple(trait.name for trait in effect.traits))
    if token.kind == "name":
        return unknown(f'`"{token.text}"(…)` may be a function of the database\'s own')
    if name in _list("before_parenthesis") and not schema:
        return READ
    if (name in _GROUPING and _before(tokens, place) in ("by", "grouping")) or _before(tokens, place) == "tablesample":
        return READ
    if _names_columns(tokens, place):
        return READ
    if name not in _reading(dialect) or schema not in ("", "pg_catalog") or not token.text.isascii():
        return unknown(f"`{name}` may be a function of the database's own")
    if name in _MAKES_MANY and any(_huge(each) for each in _arguments(tokens, place + 1)):
        return unknown(f"`{name}` is asked for more than {_MOST_ROWS:,}, and may fill the memory")
    return Finding("read", traits=("heavy",)) if name == "generate_series" else READ


def _before(tokens: Sequence[Token], place: int) -> str:
    return tokens[place - 1].text.lower() if place else ""


def _names_columns(tokens: Sequence[Token], place: int) -> bool:
    """``WITH name(a, b) AS (…)`` and ``FROM (…) AS name(a, b)``: names in parentheses, and no call."""
    inside = list(_arguments(tokens, place + 1))
    end = place + len(inside) + 2  # the closing parenthesis
    plain = bool(inside) and all(each.kind in ("word", "name") or each.text == "," for each in inside)
    before = _before(tokens, place)
    after = [each.text.lower() for each in tokens[end + 1 : end + 4]]
    if before == "as":
        return plain
    return plain and before in ("with", "recursive", ",") and after in (["as", "(", "select"], ["as", "(", "values"])


def _arguments(tokens: Sequence[Token], opening: int) -> Iterator[Token]:
    """The tokens between this parenthesis and the one that closes it."""
    depth = 0
    for token in tokens[opening:]:
        depth += int(token == Token("sign", "(")) - int(token == Token("sign", ")"))
        if not depth:
            return
        if depth > 1 or token != Token("sign", "("):
            yield token


def _huge(token: Token) -> bool:
    if token.kind != "number":
        return False
    try:
        return float(token.text.replace("_", "")) > _MOST_ROWS
    except ValueError:
        return True


def _casts(tokens: Sequence[Token], dialect: Dialect) -> Iterator[Finding]:
    """A finding for each type of a cast: only the server's own, for a type of the database's own may run code."""
    for place, token in enumerate(tokens):
        if token == Token("sign", ":") and tokens[place + 1 : place + 2] == (Token("sign", ":"),):
            yield _type(tokens[place + 2 : place + 5], dialect)
        elif token.kind == "word" and token.text.lower() in ("cast", "try_cast"):
            inside = list(_arguments(tokens, place + 1))
            after = [at for at, each in enumerate(inside) if each.kind == "word" and each.text.lower() == "as"]
            yield _type(inside[after[-1] + 1 : after[-1] + 4], dialect) if after else READ


def _type(tokens: Sequence[Token], dialect: Dialect) -> Finding:
    if len(tokens) == 3 and [each.text.lower() for each in tokens[:2]] == ["pg_catalog", "."]:
        tokens = tokens[2:]
    first = tokens[0] if tokens else Token("sign", "")
    qualified = len(tokens) > 1 and tokens[1].text == "."
    if first.kind == "word" and first.text.isascii() and first.text.lower() in _types(dialect) and not qualified:
        return READ
    return unknown(f"`{first.text}` in a cast may be a type of the database's own")


def _odd(statement: Statement) -> Iterator[Finding]:
    """What the tree doesn't tell: MySQL's ``INTO`` and locks; sampling methods; recursion without an end."""
    texts = [token.text.lower() if token.kind == "word" else "" for token in statement.tokens]
    for place, word in enumerate(texts):
        following = texts[place + 1] if place + 1 < len(texts) else ""
        if statement.dialect == "mysql" and word in ("into", "lock", "procedure") and following != "(":
            yield (
                change("`INTO` writes a file or a variable") if word == "into" else unknown(f"`{word}` may take a lock")
            )
        if word == "using" and following == "sample":
            yield unknown("`USING SAMPLE` is not PostgreSQL's")
        if word == "tablesample" and following not in ("system", "bernoulli"):
            yield unknown(f"`TABLESAMPLE {following}` may be a method of the database's own")
        if word == "recursive" and not {"where", "limit", "fetch"} & set(texts[place:]):
            yield unknown("a recursive query without `WHERE` or `LIMIT` may never end")
        elif word == "recursive" and "limit" not in texts[place:]:
            yield Finding("read", traits=("heavy",))


def _mentions_writing(tokens: Sequence[Token]) -> Finding | None:
    for token in tokens:
        if token.kind == "word" and token.text.upper() in ("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "DROP"):
            effect = known()["statements"][token.text.upper()]
            traits = tuple(trait.name for trait in effect.traits)
            return Finding("change", f"`{token.text.upper()}` {effect.why}", traits)
    return None


def _secrets(tokens: Sequence[Token]) -> tuple[str, ...]:
    for token in tokens:
        name = token.text.lower()
        if token.kind in ("word", "name") and (name in _SECRET_TABLES or any(word in name for word in _SECRET_WORDS)):
            return ("secret",)
    return ()


# The tree ------------------------------------------------------------------------------------------------------------


def _tree(trees: Sequence[exp.Expr | None], dialect: Dialect) -> Finding:
    if len(trees) != 1 or trees[0] is None:
        return unknown("it is not exactly one statement")
    tree = trees[0]
    if not isinstance(tree, (exp.Select, exp.SetOperation, exp.Values, exp.Subquery)):
        return unknown(f"it is read as {type(tree).__name__}, not as a query")
    verdict = READ
    for node in tree.walk():
        found = _node(node, dialect)
        if found.word == "change":
            return found
        verdict = found if found.word == "unknown" else verdict
    return verdict


def _node(node: exp.Expr, dialect: Dialect) -> Finding:
    if isinstance(node, _WRITING):
        word = type(node).__name__.upper()
        traits = ("destructive",) if isinstance(node, exp.Delete) else ()
        return change(f"`{word}` inside the query writes rows", *traits)
    if isinstance(node, exp.Into) or node.args.get("into"):
        return change("the query makes a table")
    if isinstance(node, exp.Lock) or node.args.get("locks"):
        return change("the query locks rows")
    if isinstance(node, exp.Anonymous):
        own = node.name.lower() not in _reading(dialect)
        return unknown(f"`{node.name}` may be a function of the database's own") if own else READ
    name = type(node).__name__
    if name not in _list("nodes") and not (dialect != "postgres" and name in _list(f"{dialect}_nodes")):
        return unknown(f"it holds a part of SQL that we don't prove ({name})")
    if isinstance(node, exp.DataType) and node.this in (exp.DataType.Type.USERDEFINED, exp.DataType.Type.UNKNOWN):
        return (
            READ
            if str(node.args.get("kind", "")).lower() in _types(dialect)
            else unknown("it casts to a type of the database's own")
        )
    if isinstance(node, exp.Select) and _multiplies(node):
        return unknown("it joins many tables without a condition, and may never end")
    return READ


def _multiplies(select: exp.Select) -> bool:
    """Whether more than a few tables are joined with nothing that says which rows belong together."""
    free = [
        join
        for join in select.args.get("joins") or ()
        if not join.args.get("on") and not join.args.get("using") and isinstance(join.this, exp.Table)
    ]
    return len(free) >= _MOST_FREE_TABLES and not select.args.get("where")


def named_functions(tokens: Sequence[Token], dialect: Dialect) -> Iterator[tuple[str, Finding]]:
    """Each function that these tokens name, with the finding about it; words of the language are left out."""
    for place, token in enumerate(tokens[:-1]):
        if token.kind in ("word", "name") and tokens[place + 1] == Token("sign", "("):
            found = _function(tokens, place, dialect)
            if found.word != "read" or token.text.lower() in _reading(dialect):
                yield token.text, found
