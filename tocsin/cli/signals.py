"""``tocsin signals`` and ``tocsin health``: what is measured, and whether it can be."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.core.systemhealth import Check, SystemHealth
from tocsin.core.watching import say_unit
from tocsin.service.gauging import Measured
from tocsin.service.systemhealth import Examined
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


@click.command("health", short_help="Say whether the system under care is healthy, and why not.")
@click.option("--last", is_flag=True, help="By what was read last; nothing is read anew, and a viewer may ask.")
@output.as_json
@remote
def health(remote: Remote, last: bool, as_json: bool) -> None:
    """Have the server read every signal once, now, and put all of it together: is the system under care healthy?

    `unhealthy`: a check fails, or a threshold of the worst severity fires. `degraded`: a milder one, a supplier's
    trouble, or a check with `essential = false`. `unknown`: a signal has no value. Of what is `unjudged` nothing says
    which values are healthy; it does not count. Nothing else follows from the reading.

    Exit code 1 where the system is not healthy.

    \b
    Example:
      tocsin health
      tocsin health --last --json
    """
    answer = remote.get("/api/v1/health") if last else remote.post("/api/v1/signals/read", {})
    found, seconds = _examined(answer, last=last)
    if as_json:
        output.give(answer)
    else:
        click.secho(
            output.one_line(f"The system is {found.state}: {found.why}" if found.checks else found.why), bold=True
        )
        rows = [_checked(each, seconds.get(each.metric)) for each in found.checks]
        if rows:
            output.table(("STATE", "METRIC", "PROBE", "VALUE", "TOOK", "SAYS"), rows)
    if found.state != "healthy":
        raise click.exceptions.Exit(1)


def _examined(answer: object, *, last: bool) -> tuple[SystemHealth, dict[str, float]]:
    """The health that was told, and how long each reading took where they were taken for it."""
    if last:
        return understood(SystemHealth, answer), {}
    told = understood(Examined, answer)
    return told.health, {each.metric: each.seconds for each in told.readings}


def _checked(each: Check, seconds: float | None) -> tuple[str, ...]:
    took = "-" if seconds is None else f"{seconds * 1000:.0f} ms"
    value = _amount(each.value, each.unit)
    return each.state, each.metric, each.probe, value, took, "; ".join(filter(None, (each.why, each.says)))


def _amount(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.6g} {say_unit(unit)}".rstrip()


def _rows(each: Measured, now: datetime) -> list[tuple[str, ...]]:
    age = say_duration(max(timedelta(0), now - each.at)) if each.at else "-"
    took = "-" if each.seconds is None else f"{each.seconds * 1000:.0f} ms"
    first = (each.metric, each.probe or "nothing", _amount(each.value, each.unit), age, took)
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
