"""``tocsin up``: everything in one process, until it is told to stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from tocsin.app import App
from tocsin.cli import collecting, output, places
from tocsin.cli.named import read_named
from tocsin.cli.unbound import bindings_of
from tocsin.core.runbook import Runbook
from tocsin.lint.bindings import Loose, loose_ends
from tocsin.plug import sandbox
from tocsin.service import access
from tocsin.service.opening import open_app
from tocsin.settings import read_settings
from tocsin.settings.targets import labels as labels_of
from tocsin.store.workers import carries

MOST_NAMED = 8


@click.command("up", short_help="Serve everything in one process: pages, API, clocks, commands.")
@click.argument("runbooks", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUNBOOK.md...",
                help="The team's runbooks, as they are.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path),
              help="The configuration; unless told, tocsin.toml beside the first runbook.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--labels", default=None, metavar="LABEL,...",
              help="Labelled targets that it carries out itself; unless told, those of [server] labels.")  # fmt: skip
@places.data_option
@places.database_option
@output.as_json
def command(
    *, runbooks: tuple[Path, ...], config: Path | None, host: str, port: int, labels: str | None, data: Path,
    database: str, as_json: bool,
) -> None:  # fmt: skip
    """Serve everything in one process until SIGTERM or Ctrl-C: the page, the API, the clocks, the commands.

    Who may come in: the tokens of the configuration; without any, TOCSIN_TOKEN (16 characters or more) is the admin's;
    without that a token is made and printed once. What was answered is kept, however the process ends.

    \b
    Example:
      tocsin up docs/incidents.md
      tocsin up docs/incidents.md docs/database.md --config tocsin.toml --port 9000
    """
    chosen = places.config_of(config, runbooks)
    for path in runbooks:
        read_named(path)
    read_settings(chosen)  # whatever is wrong is said before a folder is made for the data
    if not database:
        places.made(data)
    url = places.address(data, database)
    with places.held(url):
        app = open_app(runbooks=runbooks, config=chosen, database=url)
        if labels is not None:
            app.labels = frozenset(labels_of([part.strip() for part in labels.split(",") if part.strip()], "--labels"))
        try:
            _serve(app, host, port, as_json)
        finally:
            app.db.close()


def _serve(app: App, host: str, port: int, as_json: bool) -> None:
    from tocsin.web.mail import taking_mail
    from tocsin.web.server import serve

    access.configured(app)  # a token that is too short is said before anything runs
    loose = loose_ends(app.books, bindings_of(app.books, app.settings))

    def announce(address: str) -> None:
        token = access.first_token(app)
        if as_json:
            output.give(_announcement(app, address, token, loose))
        else:
            _introduce(app, address, token, loose)

    collecting.for_long()
    with taking_mail(app) as mail:
        if mail:
            output.say(f"E-mails for alerts are taken at {mail[0]}, port {mail[1]}.")
        serve(app, host, port, announce=announce)


def _announcement(app: App, address: str, token: str | None, loose: Sequence[Loose]) -> dict[str, Any]:
    books = [
        {"title": book.title, "source": book.source, "scenarios": len(book.scenarios), "problems": len(book.problems)}
        for book in app.books
    ]
    return {"url": address, "token": token, "runbooks": books, "unbound": [asdict(each) for each in loose]}


def _introduce(app: App, address: str, token: str | None, loose: Sequence[Loose]) -> None:
    """The address is data; all else is words."""
    for book in app.books:
        output.say(_summary(book))
    for kind, words in (
        ("role", "Nobody is bound under [roles] to"),
        ("metric", "No signal under [signals] measures"),
        ("channel", "No notifier under [channels] serves"),
        ("variable", "Commands use what `env` under [target] does not hand to them:"),
    ):
        names = [each.name for each in loose if each.kind == kind]
        if names:
            output.say(f"{words} {_named(names)}.")
    if unfenced := sandbox.sentence(app.settings.sandbox):
        output.say(output.one_line(unfenced))
    for place in app.settings.places:
        wanted = place.target.labels
        if not carries(app.labels, frozenset(wanted), serves=True):
            hint = f"`tocsin work --labels {','.join(wanted)}` does"
            output.say(f"Steps on {output.one_line(place.target.name, 60)} are not carried out here; {hint}.")
    if token:
        output.say(f"The admin's token, shown this once: {token}")
    output.say("Stop it with Ctrl-C. Tocsin is at:")
    output.tell(address)


def _summary(book: Runbook) -> str:
    steps = list(book.steps())
    reads = sum(step.verdict == "read" for step in steps)
    findings = sum(problem.level != "note" for problem in book.problems)
    told = f"; `tocsin check {book.source}` tells them" if findings else ""
    parts = (
        output.count(len(book.scenarios), "scenario") + ("" if book.scenarios else " that an alert could select"),
        f"{output.count(len(steps), 'step')} ({reads} proved to read)",
        f"{output.count(findings, 'finding')}{told}",
    )
    return f"{book.title} ({book.source}): {', '.join(parts)}."


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(output.one_line(name, 60) for name in names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} more"
