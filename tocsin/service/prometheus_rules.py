"""The thresholds of runbooks as a rule file for Prometheus that behaves as Tocsin's own watching does.

Format: prometheus.io/docs, "Alerting rules" (``keep_firing_for`` is in Prometheus 2.42 and newer). JSON is YAML, so
texts are written as JSON strings; labels and annotations are Go templates there, so their braces are escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tocsin.core.runbook import Runbook
from tocsin.core.watching import Terms
from tocsin.service.thresholds import NO_DATA, Watched, silence_labels, stated
from tocsin.settings import Settings, Signal

EXPRESSIONS = ("Prometheus", "Promql")
"""The probes whose ``query`` a Prometheus can evaluate."""
_UNQUOTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NOT = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A rule file, how many of the thresholds stand in it, and why each of the others does not."""

    text: str
    rules: int
    left_out: tuple[str, ...]


def rule_file(books: Sequence[Runbook], settings: Settings) -> Written:
    """The rule file for these runbooks with the expressions that the configuration binds."""
    every = stated(books, settings)
    left_out = tuple(f"{_place(each)}: {each.says()}: {why}" for each in every if (why := _why_not(each, settings)))
    told = [each for each in every if not _why_not(each, settings)]
    lines = [
        "# Made from the runbooks by `tocsin runbook rules --prometheus`. Needs Prometheus 2.42 or newer.",
        *(f"# Not here: {_plain(each)}" for each in (*left_out, *_without_a_number(books))),
        *(["groups:"] if told else ["groups: []"]),
        *(line for signal in settings.signals for line in _group(signal, told, settings)),
    ]
    return Written(text="\n".join(lines) + "\n", rules=len(told), left_out=left_out)


def _without_a_number(books: Sequence[Runbook]) -> Iterator[str]:
    for book in books:
        for each in book.triggers:
            yield f"{Path(book.source).name} line {each.line}: {each.text} ({each.severity}): it states no number"


def _why_not(watched: Watched, settings: Settings) -> str:
    signal = settings.signal(watched.rule.metric)
    if signal is None:
        return f"no signal is bound to {watched.rule.metric}"
    if not _query(signal.probe):
        return f"its signal is read by the probe {type(signal.probe).__name__.lower()}, which has no expression"
    return ""


def _query(probe: Any) -> str:
    known = type(probe).__name__ in EXPRESSIONS
    return str(getattr(probe, "query", "")) if known else ""


def _group(signal: Signal, told: Sequence[Watched], settings: Settings) -> Iterator[str]:
    """One group for each signal, because the rules of a group are evaluated together and equally often."""
    measured = [each for each in told if settings.signal(each.rule.metric) is signal]
    if not measured:
        return
    yield f"- name: {_text(f'tocsin: {signal.metric}')}"
    yield f"  interval: {_span(max(signal.every, timedelta(seconds=1)))}"
    yield "  rules:"
    for each in measured:
        yield from _rule(each, signal, settings)
    if signal.terms.no_data == "say":
        summary = {"summary": f"{signal.metric} has no reading"}
        terms = Terms(lasting=signal.terms.no_data_after)
        yield from _entry(NO_DATA, f"absent({_value(signal)})", terms, silence_labels(signal), summary)


def _rule(watched: Watched, signal: Signal, settings: Settings) -> Iterator[str]:
    terms = watched.terms(signal)
    yield f"  # {_plain(_place(watched))}"
    labels = dict(watched.labels)
    notes = {
        "summary": f"{watched.rule.metric} crosses the threshold {watched.says()}",
        "runbook_url": _url(watched, settings),
    }
    expression = _condition(watched, signal, settings)
    yield from _entry(watched.alert, expression, terms, labels, notes)
    if terms.no_data == "fire":
        silent = Terms(lasting=terms.no_data_after)
        yield from _entry(watched.alert, f"absent({_value(signal)})", silent, {**labels, "reason": "no data"}, notes)


def _condition(watched: Watched, signal: Signal, settings: Settings) -> str:
    """Beyond the threshold; or it fires, and is not yet at its end; or it fires, and nothing is known."""
    value, bound = _value(signal, watched.factor), watched.bound(settings)
    parts = [f"{value} {bound.op} {bound.value!r}"]
    firing = (
        f'ALERTS{{alertstate="firing",{",".join(f"{name}={_text(text)}" for name, text in watched.labels.items())}}}'
    )
    if bound.end_op is not None:
        parts.append(f"(({value} {_NOT[bound.end_op]} {bound.end_value!r}) and on() {firing})")
    if signal.terms.no_data in ("keep", "say"):
        parts.append(f"(sum({firing}) unless on() {value})")
    return "\nor\n".join(parts)


def _value(signal: Signal, factor: float = 1.0) -> str:
    """The query's one value, without labels, in the unit of the document. A comment may end the query."""
    scale = float(getattr(signal.probe, "scale", 1.0)) * factor
    inner = f"max(\n{_query(signal.probe).strip()}\n)"
    return inner if scale == 1.0 else f"({scale!r} * {inner})"


def _entry(
    name: str, expression: str, terms: Terms, labels: Mapping[str, str], notes: Mapping[str, str]
) -> Iterator[str]:
    yield f"  - alert: {_text(name)}"
    yield f"    expr: {_text(expression)}"
    if terms.lasting:
        yield f"    for: {_span(terms.lasting)}"
    if terms.keep_firing:
        yield f"    keep_firing_for: {_span(terms.keep_firing)}"
    yield "    labels:"
    yield from (f"      {label}: {_template(text)}" for label, text in labels.items() if label != "alertname")
    yield "    annotations:"
    yield from (f"      {note}: {_template(text)}" for note, text in notes.items())


def _plain(text: str) -> str:
    """A text in one line, for a comment."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))


def _place(watched: Watched) -> str:
    return f"{Path(watched.book.source).name} line {watched.rule.line}"


def _url(watched: Watched, settings: Settings) -> str:
    name = quote(Path(watched.book.source).name)
    anchor = f"#{watched.scenario.id}" if watched.scenario else ""
    return (f"{settings.base_url}/runbooks/{name}" if settings.base_url else name) + anchor


def _span(span: timedelta) -> str:
    """A duration as Prometheus writes it: whole seconds where they are, else milliseconds."""
    milliseconds = round(span / timedelta(milliseconds=1))
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"


def _text(text: str) -> str:
    """A double-quoted string of YAML; what YAML takes for a line end or forbids is escaped as JSON does."""
    return _UNQUOTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _template(text: str) -> str:
    """A text that the templates of Prometheus leave as it is."""
    return _text(text.replace("{{", '{{ "{{" }}'))
