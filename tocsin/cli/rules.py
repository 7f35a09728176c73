"""``tocsin runbook rules``: the thresholds of a runbook, and the same as rules for Prometheus."""

from __future__ import annotations

from pathlib import Path

import click

from tocsin.cli import output, places
from tocsin.times import say_duration


@click.command("rules", short_help="List a runbook's thresholds, or write them as rules for Prometheus.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--config", type=click.Path(path_type=Path),
              help="The configuration that binds signals; unless told, tocsin.toml beside the first file.")  # fmt: skip
@click.option("--prometheus", is_flag=True, help="Write a rule file for Prometheus 2.42 or newer on stdout.")
@output.as_json
def command(files: tuple[Path, ...], config: Path | None, prometheus: bool, as_json: bool) -> None:
    """List the thresholds of runbooks: where each alert begins and ends, for how long, and which signal measures it.

    With --prometheus the thresholds whose signals are bound to a PromQL expression are written as alerting rules, which
    behave as Tocsin's own watching does: for, keep_firing_for, another number for the end, gaps in the data. The others
    are comments that say why they are not there. Exit code 1 where none could be written.

    \b
    Example:
      tocsin runbook rules docs/incidents.md
      tocsin runbook rules docs/incidents.md --prometheus > rules.yml && promtool check rules rules.yml
    """
    from tocsin.cli.named import read_named
    from tocsin.service.prometheus_rules import rule_file
    from tocsin.service.thresholds import stated, units_of
    from tocsin.settings import read_settings

    if prometheus and as_json:
        raise click.UsageError("--prometheus writes YAML; leave out --json.")
    books = [read_named(file) for file in files]
    settings = read_settings(places.config_of(config, files))
    if prometheus:
        written = rule_file(books, settings)
        click.echo(written.text, nl=False)
        output.say(f"{output.count(written.rules, 'rule')} written, {len(written.left_out)} left out.")
        if not written.rules:
            raise click.exceptions.Exit(1)
        return
    rows, units = [], units_of(settings, books)
    for watched in stated(books, settings):
        signal, rule = settings.signal(watched.rule.metric), watched.rule
        rows.append(
            {
                "line": rule.line, "alert": watched.alert, "threshold": watched.says(),
                "ends": watched.says_end(settings),
                "for_seconds": (rule.for_minutes or 0) * 60, "severity": rule.severity, "scenario": rule.scenario,
                "runbook": watched.book.title, "signal": signal.metric if signal else None,
                "probe": type(signal.probe).__name__.lower() if signal else None,
                "unit": units.get(signal.metric, "") if signal else None,
            }
        )  # fmt: skip
    triggers = [
        {"line": each.line, "text": each.text, "severity": each.severity, "runbook": book.title}
        for book in books
        for each in book.triggers
    ]
    if as_json:
        output.give({"rules": rows, "triggers": triggers})
    else:
        _table(rows, triggers)


def _table(rows: list[dict[str, object]], triggers: list[dict[str, object]]) -> None:
    from datetime import timedelta

    declared = [
        (str(one["line"]), "-", str(one["text"]), "-", "-", str(one["severity"]), "nobody: declare it")
        for one in triggers
    ]
    if not rows and not declared:
        output.say("No threshold was understood.")
        return
    output.table(
        ("LINE", "ALERT", "BEGINS AT", "ENDS AT", "FOR", "SEVERITY", "MEASURED BY"),
        [
            (
                str(row["line"]), str(row["alert"]), str(row["threshold"]), str(row["ends"] or "the same"),
                say_duration(timedelta(seconds=float(str(row["for_seconds"])))) if row["for_seconds"] else "-",
                str(row["severity"] or "-"), _measured_by(row),
            )
            for row in rows
        ] + declared,
    )  # fmt: skip


def _measured_by(row: dict[str, object]) -> str:
    if not row["signal"]:
        return "nothing"
    return f"{row['signal']} ({', in '.join(str(row[key]) for key in ('probe', 'unit') if row[key])})"
