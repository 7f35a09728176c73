"""``tocsin incident context``: what lies around an incident."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.context import SignalAt, SupplierAt, in_words
from tocsin.core.similar import Similar
from tocsin.core.watching import say_value
from tocsin.service.context import Context
from tocsin.service.views import SignalView
from tocsin.times import say_duration

_BARS = "▁▂▃▄▅▆▇█"
_WIDE = 24


@click.command("context", short_help="Show what lies around an incident: changes, signals, suppliers, earlier ones.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@output.as_json
@remote
def show(remote: Remote, ref: str, as_json: bool) -> None:
    """Show what lies around an incident: values, the system's health, changes near its beginning, suppliers, earlier
    incidents like it.

    \b
    Example:
      tocsin incident context INC-1
      tocsin incident context INC-1 --json
    """
    answer = remote.get(incident(ref, "context"))
    if as_json:
        output.give(answer)
        return
    found = understood(Context, answer)
    if found.empty:
        output.say("Nothing is known yet: no signal, no change, no supplier, no earlier incident like it.")
        return
    output.tell(f"{found.incident} began {output.moment(found.start)} UTC")
    _people(found)
    _signals(found.signals)
    _health(found)
    _changes(found)
    _traces(found)
    _suppliers(found.suppliers)
    _similar(found.similar)


def _people(found: Context) -> None:
    if found.affected:
        output.tell(f"People affected: {found.affected.says()}")
    if found.then and found.then.affected:
        output.tell(f"When it began: {found.then.affected.says()}")


def _signals(signals: Sequence[SignalView]) -> None:
    if not signals:
        return
    output.heading("Signals, last 2 h")
    rows = [
        (
            each.metric,
            _value(each.value, each.unit),
            f"{each.rule}{' crossed' if each.bad else ''}" if each.rule else "-",
            drawn([value for _, value in each.points]) or each.problem,
        )
        for each in signals
    ]
    output.table(("METRIC", "NOW", "THRESHOLD", "LAST HOURS"), rows)


def _health(found: Context) -> None:
    """The whole, and what is measured besides the scenario's signals."""
    if found.health is None or not (found.health.checks or found.health.state != "unknown"):
        return
    output.heading(output.one_line(f"The system is {found.health.state}: {found.health.why}"))
    then = {each.metric: each for each in found.then.signals} if found.then else {}
    rows = [
        (each.state, each.metric, _value(each.value, each.unit), _then(then.get(each.metric)), each.why)
        for each in found.beside
    ]
    if rows:
        output.table(("STATE", "METRIC", "NOW", "WHEN IT BEGAN", "WHY"), rows)


def _then(one: SignalAt | None) -> str:
    return "-" if one is None else _value(one.value, one.unit)


def _value(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{say_value(value)} {unit}".rstrip()


def _changes(found: Context) -> None:
    if not found.changes:
        return
    output.heading("Changes, from 24 h before on")
    rows = [
        ("→" if each.nearest else "", each.distance(), in_words(each.change), each.change.source)
        for each in found.changes
    ]
    output.table(("", "WHEN", "WHAT", "TOLD BY"), rows)
    if found.more:
        output.say(f"{found.more} more: `tocsin change list`.")


def _traces(found: Context) -> None:
    if found.traces:
        output.heading("Runs of the system, from 15 min before on")
        output.tell(found.traces.says())
        for each in found.traces.latest:
            output.tell(f"  {output.moment(each.started_at)}  {output.one_line(each.says())}")


def _suppliers(suppliers: Sequence[SupplierAt]) -> None:
    if suppliers:
        output.heading("Suppliers, as they say themselves")
        output.table(("SUPPLIER", "STATE"), [(each.name, each.problem or each.state()) for each in suppliers])


def _similar(similar: Sequence[Similar]) -> None:
    if not similar:
        return
    output.heading("Earlier incidents like it")
    rows = [
        (
            each.incident,
            each.title,
            each.status if each.took_seconds is None else f"took {say_duration(timedelta(seconds=each.took_seconds))}",
            ": ".join(filter(None, (each.branch, each.resolution))) or "-",
            "; ".join(each.why),
        )
        for each in similar
    ]
    output.table(("INCIDENT", "TITLE", "END", "HOW", "WHY IT IS SHOWN"), rows)


def drawn(values: Sequence[float]) -> str:
    """Values as a row of bars, the highest of each part; empty for fewer than two."""
    if len(values) < 2:
        return ""
    size = max(1, -(-len(values) // _WIDE))
    parts = [max(values[start : start + size]) for start in range(0, len(values), size)]
    low, high = min(*parts, 0.0), max(parts)
    span = (high - low) or 1.0
    return "".join(_BARS[round((value - low) / span * (len(_BARS) - 1))] for value in parts)
