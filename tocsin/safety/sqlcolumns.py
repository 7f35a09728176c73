"""The columns of what a query itself makes: of a subquery, of ``VALUES`` and of ``WITH`` they stand in the text.

PostgreSQL takes ``x.f`` for the call ``f(x)`` where ``x`` has no column ``f``. Where the columns of ``x`` stand in the
text, a name that is none of them is a call; a table's stand elsewhere, and so do those of ``select *`` over one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from sqlglot import exp

from tocsin.safety.finding import Finding, unknown
from tocsin.safety.sqlscan import Token, fold, folded

Columns = frozenset[str] | None
"""``None``: they don't stand in the text."""
_MOST_PARTS = 50
_NAMED_INSIDE = (exp.Cast, exp.Paren, exp.Bracket, exp.Collate)
"""Expressions without an alias that are called as what is inside of them."""


def judge_columns(tree: exp.Expr, tokens: Sequence[Token], functions: frozenset[str]) -> Iterator[Finding]:
    """A finding for each ``x.f`` where ``x`` is made in the text without a column ``f``. ``functions``: those of the
    server that only read, for a column without a name is called as its function."""
    called = [token for token, after in pairwise(tokens) if after == Token("sign", "(")]
    reading = _Reading(tree, functions & frozenset(map(folded, called)))
    if reading.odd:
        yield unknown(reading.odd)
        return
    sources = reading.sources()
    for source, dot, name, after in zip(tokens, tokens[1:], tokens[2:], [*tokens[3:], None], strict=False):
        named = source.kind in ("word", "name") and name.kind in ("word", "name")
        if not named or dot != Token("sign", ".") or after == Token("sign", "("):
            continue
        columns = sources.get(folded(source))
        if columns is not None and folded(name) not in columns:
            why = f"`{source.text}` has no column `{name.text}` here, so `{source.text}.{name.text}` calls a function"
            yield unknown(why, fix="name a column that stands in the query")


class _Reading:
    """One query, and the columns of each ``WITH`` in it, found in the order in which they are written."""

    def __init__(self, tree: exp.Expr, implicit: frozenset[str]) -> None:
        self.tree, self.implicit = tree, implicit
        parts = {_alias(part): part for part in tree.find_all(exp.CTE)}
        # What is not yet known counts as a table: a recursive part sees itself only through its first half.
        self.known: Mapping[str, Columns] = dict.fromkeys(parts)
        self.odd = ""
        if len(parts) < sum(1 for _ in tree.find_all(exp.CTE)):
            self.odd = "two parts of the query have one name"
        elif len(parts) > _MOST_PARTS:
            self.odd = f"it has more than {_MOST_PARTS} parts in `WITH`"
        for _ in parts if not self.odd else ():
            found = {name: self._listed(part, part.this) for name, part in parts.items()}
            if found == self.known:
                break
            self.known = found

    def sources(self) -> Mapping[str, frozenset[str]]:
        """Each name under which something made in the text is asked, with its columns; of two, those of both."""
        found = dict[str, frozenset[str]]()
        for node in self.tree.walk():
            if not isinstance(node, (exp.Subquery, exp.Values, exp.Lateral, exp.Table)) or _printed(node):
                continue
            name = _alias(node) or (_name(node.this) if isinstance(node, exp.Table) else "")
            columns = self._columns(node)
            if name and columns is not None:
                found[name] = found[name] & columns if name in found else columns
        return found

    def _columns(self, node: exp.Expr) -> Columns:
        if isinstance(node, exp.Table):
            made = None if node.args.get("db") else self.known.get(_name(node.this))
            return self._renamed(node, made)
        if isinstance(node, exp.Values):
            first = node.expressions[0] if node.expressions else None
            width = len(first.expressions) if isinstance(first, exp.Tuple) else 1
            return self._renamed(node, frozenset(f"column{place}" for place in range(1, width + 1)))
        if isinstance(node, exp.Subquery):
            query = isinstance(node.this, (exp.Select, exp.SetOperation))
            return self._renamed(node, self._columns(node.this) if query else self._together(_items(node.this)))
        if isinstance(node, exp.Lateral):
            return self._listed(node, node.this) if isinstance(node.this, exp.Subquery) else None
        if isinstance(node, exp.SetOperation):
            return self._columns(node.this)
        return self._selected(node) if isinstance(node, exp.Select) else None

    def _listed(self, node: exp.Expr, made: exp.Expr) -> Columns:
        return self._renamed(node, self._columns(made))

    @staticmethod
    def _renamed(node: exp.Expr, columns: Columns) -> Columns:
        """``AS x(a, b)``: only these names are taken for sure, where there are more columns too."""
        alias = node.args.get("alias")
        given = alias.args.get("columns") if isinstance(alias, exp.TableAlias) else None
        return columns if columns is None or not given else frozenset(_name(each) for each in given)

    def _selected(self, select: exp.Select) -> Columns:
        names = frozenset[str]()
        for each in select.expressions:
            starred = isinstance(each, exp.Star) or (isinstance(each, exp.Column) and isinstance(each.this, exp.Star))
            more = self._starred(select, each) if starred else self._called(each)
            if more is None:
                return None
            names |= more
        return names

    def _called(self, each: exp.Expr) -> Columns:
        """What one printed expression is called."""
        if isinstance(each, exp.Alias):
            return frozenset({_name(each.args["alias"])})
        inner = each
        while isinstance(inner, _NAMED_INSIDE):
            inner = inner.this
        if isinstance(inner, exp.Case) and isinstance(inner.args.get("default"), exp.Column):
            inner = inner.args["default"]
        if isinstance(inner, exp.Column):
            return frozenset({_name(inner.this)})
        if isinstance(inner, exp.Subquery):
            named = _alias(inner)
            return frozenset({named}) if named else self._columns(inner)
        return self.implicit | {"case", "array", "exists"}

    def _starred(self, select: exp.Select, star: exp.Expr) -> Columns:
        """``*``, or ``x.*``, which is no more than ``*``."""
        start = select.args.get("from_") or select.args.get("from")
        if start is None or select.args.get("laterals") or star.args.get("except_"):
            return None
        items = list(_items(start.this))
        for join in select.args.get("joins") or ():
            items += _items(join.this)
        if isinstance(star, exp.Column):
            wanted = _name(star.args["table"])
            items = [each for each in items if (_alias(each) or _name(each.this)) == wanted]
        return self._together(items) if items else None

    def _together(self, items: Iterable[exp.Expr]) -> Columns:
        names = frozenset[str]()
        for item in items:
            more = self._columns(item)
            if more is None:
                return None
            names |= more
        return names


def _items(node: exp.Expr) -> Iterator[exp.Expr]:
    """A part of FROM and what is joined to it without a bracket between."""
    yield node
    for join in node.args.get("joins") or ():
        yield from _items(join.this)


def _printed(node: exp.Expr) -> bool:
    """Whether this stands among what a query prints: its alias is then a column's name."""
    return isinstance(node.parent, exp.Select) and node.arg_key == "expressions"


def _alias(node: exp.Expr) -> str:
    alias = node.args.get("alias")
    return _name(alias.this) if isinstance(alias, exp.TableAlias) and alias.this is not None else _name(alias)


def _name(node: object) -> str:
    """The name of an identifier as PostgreSQL keeps it; empty where this is none."""
    if isinstance(node, exp.ColumnDef):
        node = node.this
    return fold(node.name, quoted=bool(node.args.get("quoted"))) if isinstance(node, exp.Identifier) else ""
