"""A subset of PromQL, evaluated over samples that are kept here. Pure.

`parsing` turns an expression into a `tree` of our own or refuses it; `evaluating` computes the tree's value at one
moment, reading through the small protocol of `series`; `window` is that protocol over columns in memory. The results
are those of Prometheus 2: a range is closed at both ends, and rates are extrapolated as it does.
"""

from tocsin.promql.evaluating import evaluate
from tocsin.promql.parsing import Query, parse
from tocsin.promql.series import STALE, Labels, Series, Source, Vector, is_stale
from tocsin.promql.window import Window

__all__ = ["STALE", "Labels", "Query", "Series", "Source", "Vector", "Window", "evaluate", "is_stale", "parse"]
