"""``tocsin signals`` and ``tocsin health``: what is measured, and whether it can be."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.service.gauging import Measured, Read
from tocsin.times import SystemClock, say_duration


@click.command("signals", short_help="List what is measured, and the state of every threshold.")
@output.as_json
@remote
def command(remote: Remote, as_json: bool) -> None:
    """List the metrics of the runbooks: what each is bound to, its newest value, its thresholds and their state.

    TOOK is how long the last reading took; why one gave no value stands behind the state.

    A threshold is `inactive`, `pending` while it must last, or `firing`. A metric that nothing measures neither alerts
    nor closes an incident.

    \b
    Example:
      tocsin signals
      tocsin signals --json
    """
    answer = remote.get("/api/v1/signals")
    if as_json:
        output.give(answer)
        return
    found, now = understood(dict[str, list[Measured]], answer)["signals"], SystemClock().now()
    if not found:
        output.say("Nothing is measured: no runbook states a threshold, and tocsin.toml binds no signal.")
        return
    rows = [row for each in found for row in _rows(each, now)]
    output.table(("METRIC", "BOUND TO", "VALUE", "AGE", "TOOK", "THRESHOLD", "STATE", "LINE"), rows)


@click.command("health", short_help="Read everything that is bound once, now.")
@output.as_json
@remote
def health(remote: Remote, as_json: bool) -> None:
    """Have the server read every signal once, now, and show each value, or why there is none. Nothing else follows.

    Exit code 1 where a signal has no value.

    \b
    Example:
      tocsin health
    """
    answer = remote.post("/api/v1/signals/read", {})
    found = understood(dict[str, list[Read]], answer)["readings"]
    if as_json:
        output.give(answer)
    elif not found:
        output.say("tocsin.toml binds no signal.")
    else:
        rows = [
            (each.metric, each.probe, _number(each.value), f"{each.seconds * 1000:.0f} ms", each.problem or each.detail)
            for each in found
        ]
        output.table(("METRIC", "PROBE", "VALUE", "TOOK", "SAYS"), rows)
    if any(each.value is None for each in found):
        raise click.exceptions.Exit(1)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def _rows(each: Measured, now: datetime) -> list[tuple[str, ...]]:
    age = say_duration(max(timedelta(0), now - each.at)) if each.at else "-"
    took = "-" if each.seconds is None else f"{each.seconds * 1000:.0f} ms"
    first = (each.metric, each.probe or "nothing", _number(each.value), age, took)
    if not each.thresholds:
        return [(*first, "-", each.problem or "-", "-")]
    rows: list[tuple[str, ...]] = []
    for threshold in each.thresholds:
        lasting = f" for {say_duration(timedelta(seconds=threshold.for_seconds))}" if threshold.for_seconds else ""
        ends = f", ends at {threshold.ends}" if threshold.ends else ""
        since = f" since {output.moment(threshold.since)}" if threshold.since else ""
        state = f"{threshold.state}{since}" if each.probe else "not watched"
        said = f"{state} ({each.problem})" if each.problem and each.probe else state
        rows.append((*first, f"{threshold.text}{lasting}{ends}", said, f"{threshold.runbook}:{threshold.line}"))
        first = ("", "", "", "", "")
    return rows
