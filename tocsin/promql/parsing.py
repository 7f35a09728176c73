"""PromQL → tree. The grammar and the types are checked by promql-parser; what we don't evaluate is refused here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tocsin.core.labels import Matcher, make_matcher
from tocsin.errors import Invalid, Unsupported
from tocsin.promql.aggregating import AGGREGATIONS
from tocsin.promql.arithmetic import COMPARISONS, OPERATORS
from tocsin.promql.functions import FUNCTIONS
from tocsin.promql.ranges import RANGES
from tocsin.promql.series import LOOKBACK, NAME, Selector
from tocsin.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Matching,
    Negative,
    Node,
    Number,
    Range,
    Select,
    Subquery,
    Text,
)

LONGEST_QUERY = 4_000
DEEPEST_QUERY = 40
"""Parentheses, and signs in a row: the parser descends into them by recursion, and a stack ends without a word."""
MOST_OPERATORS = 150
MOST_STEPS = 11_000
DEFAULT_STEP = 60_000
SETS = frozenset({"and", "or", "unless"})
BIND = 'Bind the signal to a Prometheus instead (probe = "prometheus").'

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`|#[^\n]*')
_OPERATOR = re.compile(r"[-+*/%^]|[=!<>]=|[<>]|\b(?:and|or|unless)\b", re.IGNORECASE)
_SIGNS = re.compile(rf"(?:[-+]\s*){{{DEEPEST_QUERY},}}")
_UNKNOWN = re.compile(r"unknown function with name '([^']*)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """An expression that can be evaluated. ``reads``: its selectors, and how far back (ms) each of them reaches."""

    text: str
    root: Node
    reads: tuple[tuple[Selector, int], ...] = ()


def parse(text: str) -> Query:
    """The expression as a tree.

    Raises `Invalid` for what is no PromQL, `Unsupported` for what only a Prometheus evaluates; both are one sentence.
    """
    parser = _parser(text)
    try:
        found = parser.parse(text)
    except ValueError as error:
        name = _UNKNOWN.search(str(error))
        if name:
            raise _unsupported(f"The function {name[1]}()") from None
        words = str(error).strip().rstrip(".")
        raise Invalid(f"The expression can't be read: {words[:300]}.") from None
    root = _Reader(parser).node(found)
    if isinstance(root, Text | Range | Subquery):
        raise Invalid("The expression yields a text or a range, not a value.", "Use avg_over_time() or the like.")
    reads: dict[Selector, int] = {}
    _gather(root, 0, reads)
    return Query(text=text, root=root, reads=tuple(reads.items()))


def _parser(text: str) -> Any:
    """The parser, where the text is short and flat enough for it."""
    if not text.strip():
        raise Invalid("The expression is empty.")
    if len(text) > LONGEST_QUERY:
        raise Invalid(f"The expression is longer than {LONGEST_QUERY:,} characters.")
    bare = _STRINGS.sub('""', text)
    depth = deepest = 0
    for char in bare:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST_QUERY or _SIGNS.search(bare):
        raise Invalid(f"The expression is nested deeper than {DEEPEST_QUERY}.")
    if len(_OPERATOR.findall(bare)) > MOST_OPERATORS:
        raise Invalid(f"The expression has more than {MOST_OPERATORS} operators.")
    import promql_parser

    return promql_parser


class _Reader:
    """Walks the parser's tree once. Its classes are untyped for us: names and fields are promql-parser's."""

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self._makers: Mapping[type, Callable[[Any], Node]] = {
            parser.NumberLiteral: lambda found: Number(float(found.val)),
            parser.StringLiteral: lambda found: Text(str(found.val)),
            parser.ParenExpr: lambda found: self.node(found.expr),
            parser.UnaryExpr: lambda found: Negative(self.node(found.expr)),
            parser.VectorSelector: self._select,
            parser.MatrixSelector: lambda found: Range(
                select=self._select(found.vector_selector), width=_millis(found.range)
            ),
            parser.SubqueryExpr: self._subquery,
            parser.Call: self._call,
            parser.AggregateExpr: self._aggregate,
            parser.BinaryExpr: self._binary,
        }

    def node(self, found: Any) -> Node:
        """One node of the parser's tree with all below it."""
        make = self._makers.get(type(found))
        if make is None:
            raise _unsupported(f"An expression of the kind {type(found).__name__}")
        return make(found)

    def _select(self, found: Any) -> Select:
        if found.matchers.or_matchers:
            raise _unsupported("The word or within a selector")
        named = [Matcher(NAME, "=", str(found.name))] if found.name else []
        matchers = [make_matcher(str(one.name), self._word(one.op), str(one.value)) for one in found.matchers.matchers]
        return Select(selector=(*named, *matchers), offset=_millis(found.offset), fixed=self._fixed(found.at))

    def _word(self, op: Any) -> str:
        ops = self._parser.MatchOp
        words = ((ops.Equal, "="), (ops.NotEqual, "!="), (ops.Re, "=~"), (ops.NotRe, "!~"))
        return next(word for known, word in words if known == op)  # they have no hash

    def _fixed(self, at: Any) -> bool:
        if at is not None and at.type == self._parser.AtModifierType.At:
            raise _unsupported("A moment that is fixed by @")
        return at is not None

    def _subquery(self, found: Any) -> Subquery:
        width, step = _millis(found.range), _millis(found.step) or DEFAULT_STEP
        if width // step > MOST_STEPS:
            raise Invalid(f"A subquery has more than {MOST_STEPS:,} steps.", "Make its step longer.")
        return Subquery(
            inner=self.node(found.expr), width=width, step=step, offset=_millis(found.offset),
            fixed=self._fixed(found.at),
        )  # fmt: skip

    def _call(self, found: Any) -> Call:
        name = str(found.func.name)
        if name not in FUNCTIONS and name not in RANGES:
            raise _unsupported(f"The function {name}()")
        return Call(name=name, arguments=tuple(self.node(argument) for argument in found.args))

    def _aggregate(self, found: Any) -> Aggregate:
        op = str(found.op)
        if op not in AGGREGATIONS:
            raise _unsupported(f"The aggregation {op}()")
        modifier = found.modifier
        return Aggregate(
            op=op,
            inner=self.node(found.expr),
            parameter=None if found.param is None else self.node(found.param),
            labels=frozenset(map(str, modifier.labels)) if modifier else frozenset(),
            without=modifier is not None and modifier.type == self._parser.AggModifierType.Without,
        )

    def _binary(self, found: Any) -> Binary:
        op, modifier = str(found.op), found.modifier
        if op not in OPERATORS and op not in COMPARISONS and op not in SETS:
            raise _unsupported(f"The operator {op}")
        if modifier is not None and (modifier.fill_values.lhs, modifier.fill_values.rhs) != (None, None):
            raise _unsupported("The modifier fill()")
        return Binary(
            op=op, left=self.node(found.lhs), right=self.node(found.rhs),
            truth=bool(modifier and modifier.return_bool), matching=self._matching(modifier),
        )  # fmt: skip

    def _matching(self, modifier: Any) -> Matching:
        if modifier is None:
            return Matching()
        cardinality = self._parser.VectorMatchCardinality
        on = modifier.matching is not None and modifier.matching.type == self._parser.LabelModifierType.Include
        return Matching(
            labels=frozenset(map(str, modifier.matching.labels)) if modifier.matching else frozenset(),
            on=on,
            many="left" if modifier.card == cardinality.ManyToOne
            else "right" if modifier.card == cardinality.OneToMany else "",
            included=tuple(map(str, modifier.group_labels or ())),
        )  # fmt: skip


def _unsupported(what: str) -> Unsupported:
    return Unsupported(f"{what} is not among what we evaluate ourselves.", BIND)


def _millis(span: timedelta | None) -> int:
    return 0 if span is None else span // timedelta(milliseconds=1)


def _gather(node: Node, behind: int, reads: dict[Selector, int]) -> None:
    """Every selector with the farthest that it reaches back behind the moment of the question."""
    match node:
        case Select():
            _note(node, behind, LOOKBACK, reads)
        case Range():
            _note(node.select, behind, node.width, reads)
        case Subquery():
            _gather(node.inner, max(0, behind + node.width + node.offset), reads)
    for part in _parts(node):
        _gather(part, behind, reads)


def _parts(node: Node) -> tuple[Node, ...]:
    """What stands right below a node and is evaluated for the same moment."""
    match node:
        case Call():
            return node.arguments
        case Aggregate():
            return (node.inner,) if node.parameter is None else (node.parameter, node.inner)
        case Binary():
            return (node.left, node.right)
        case Negative():
            return (node.inner,)
    return ()


def _note(select: Select, behind: int, width: int, reads: dict[Selector, int]) -> None:
    reads[select.selector] = max(reads.get(select.selector, 0), behind + select.offset + width)
