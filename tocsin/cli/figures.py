"""``tocsin figures``: how long things took, who was woken, what was promised, which alerts were noise; and reports."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.core.figures.counting import Figures, Group, Spread
from tocsin.core.figures.meanings import MEANINGS, MEASURES, NAMES, PROMISES
from tocsin.core.figures.report import Report
from tocsin.core.figures.report import said as report_said
from tocsin.core.figures.sheets import SHEETS, as_csv
from tocsin.errors import Invalid
from tocsin.times import SystemClock, parse_duration, say_duration

LONGEST = timedelta(days=3650)


@click.group("figures", invoke_without_command=True, short_help="Times, people, promises, alerts and steps in figures.")
@click.option("--since", default="90d", show_default=True, help="How far back (30d, 12h), or a day: 2026-03-01.")
@click.option("--until", default="", help="Until that day, it included; unless told, until now.")
@click.option(
    "--by", default="severity", show_default=True,
    help="Group by severity, service, scenario, month, runbook, or a label: label:cluster.",
)  # fmt: skip
@click.option("--csv", "in_csv", is_flag=True, help="Print one table as CSV.")
@click.option(
    "--table", type=click.Choice(list(SHEETS)), default="times", show_default=True, help="Which table, with --csv."
)
@click.option("--meanings", is_flag=True, help="Say what each figure means, and what is left out of it.")
@output.as_json
@remote
@click.pass_context
def command(
    ctx: click.Context, remote: Remote, *, since: str, until: str, by: str, in_csv: bool, table: str, meanings: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Show the figures of a period: times as median and p90 with n, the pages of each person, promises, alerts, steps.

    Of fewer than 5 values the values themselves are shown. `--meanings` says what each figure means.

    \b
    Example:
      tocsin figures --since 30d --by severity
      tocsin figures --since 2026-01-01 --by label:cluster --csv --table times
      tocsin figures report --daily
    """
    if ctx.invoked_subcommand is not None:
        return
    if meanings:
        for name, text in MEANINGS.items():
            output.tell(f"{name}: {text}")
        return
    query = {"since": _since(since), "by": by, **({"until": _until(until)} if until else {})}
    answer = remote.get("/api/v1/figures", **query)
    if as_json:
        output.give(answer)
        return
    told = understood(Figures, answer)
    if in_csv:
        click.echo(as_csv(told, table), nl=False)
    else:
        _show(told)


@command.command("report", short_help="Print the daily or the weekly report.")
@click.option("--daily", "kind", flag_value="daily", default="daily", help="Of the day until now (unless told).")
@click.option("--weekly", "kind", flag_value="weekly", help="Of the week until now.")
@output.as_json
@remote
def report(remote: Remote, kind: str, as_json: bool) -> None:
    """Print the report of the day or the week until now, as it would be sent. Nothing is sent.

    \b
    Example:
      tocsin figures report --daily
      tocsin figures report --weekly
    """
    answer = remote.get("/api/v1/figures/report", kind=kind)
    if as_json:
        output.give(answer)
        return
    made = understood(Report, answer)
    output.say(made.subject)
    output.tell(made.text.rstrip("\n"))


def _show(told: Figures) -> None:
    left = [output.count(number, word) for number, word in ((told.drills, "drill"), (told.duplicates, "duplicate"))]
    output.say(f"{output.count(told.whole.incidents, 'incident')}; left out: {' and '.join(left)}.")
    if told.behind:
        output.say(f"! {output.count(told.behind, 'incident')} changed and are not counted anew yet. Ask again.")
    columns = (told.asked.by.upper(), "INCIDENTS", "OPEN", *(NAMES[each].upper() for each in MEASURES), "IN TIME")
    output.table(columns, [_row("all", told.whole), *(_row(each.name or "none", each) for each in told.groups)])
    _section(
        "Pages", ("PERSON", "PAGES", "AT NIGHT", "NIGHTS", "ZONE"),
        [(one.person, str(one.pages), str(one.at_night), str(one.nights), one.zone) for one in told.load],
    )  # fmt: skip
    _section(
        "Promises", ("PROMISE", "KEPT", "MISSED"),
        [(PROMISES[one.kind], str(one.kept), str(one.missed)) for one in told.promises],
    )  # fmt: skip
    _section(
        "Alerts", ("ALERT", "FIRED", "INCIDENTS", "TAKEN", "ACTED ON", "FLAPPED"),
        [
            (one.alert, str(one.fired), str(one.incidents), str(one.acknowledged), str(one.acted), str(one.flapped))
            for one in told.alerts
        ],
    )  # fmt: skip
    _section(
        "Steps that failed", ("STEP", "RUNS", "FAILED", "IN DOUBT"),
        [(one.command or one.step, str(one.runs), str(one.failed), str(one.in_doubt)) for one in told.steps],
    )  # fmt: skip


def _section(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if rows:
        output.heading(title)
        output.table(columns, rows)


def _row(name: str, group: Group) -> tuple[str, ...]:
    due = group.responses_kept + group.responses_missed
    in_time = f"{group.responses_kept} of {due}" if due else "-"
    if group.target is not None and due:
        in_time += f" ({say_duration(timedelta(seconds=group.target))})"
    spans = (_said(group.times.get(each, Spread())) for each in MEASURES)
    return (name, str(group.incidents), str(group.open), *spans, in_time)


def _said(spread: Spread) -> str:
    return report_said(spread) if spread.n else "-"


def _until(text: str) -> str:
    """A day, or a moment with its zone, as it was written."""
    said = text.strip()
    try:
        if said == date.fromisoformat(said[:10]).isoformat() or datetime.fromisoformat(said).tzinfo is not None:
            return said
    except ValueError:
        pass
    hint = "Write 2026-03-01, or 2026-03-01T08:00:00Z."
    raise Invalid(f"{text[:40]!r} is neither a day nor a time with a zone.", hint, where="--until")


def _since(text: str) -> str:
    """A span as the moment that lies so far back; a day as it is."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 -- a day has no zone
    except ValueError:
        pass
    try:
        return (SystemClock().now() - min(parse_duration(text), LONGEST)).isoformat()
    except ValueError:
        raise Invalid(
            f"{text[:40]!r} is neither a span nor a day.", "Write 30d or 2026-03-01.", where="--since"
        ) from None
