"""``tocsin check``: what an operations engineer would remark on a runbook, before the incident."""

from __future__ import annotations

import difflib
import importlib.resources
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from tocsin.cli import output
from tocsin.cli.checked import LEVELS, Checked, check_document, chosen, documents
from tocsin.cli.remote import DEFAULT_URL, TOKEN_VARIABLE, URL_VARIABLE, Remote, checked, read_token
from tocsin.core.runbook import Level, Problem
from tocsin.errors import Invalid
from tocsin.lint.codes import CODES
from tocsin.times import SystemClock

SCHEMA = "tocsin.check/1"
_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
_LONGEST = 160
_SILENCE = """
## Silence it

Where it is known and accepted, say so in the document: `<!-- tocsin: ignore={code} -->` at the end of the line, or on a
line of its own above the line, fence or table; in a code fence, `# tocsin: ignore={code}`. For all files:
`tocsin check --without {code}`.
"""


@click.command("check", short_help="Check runbooks, and say what would not work in an incident.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...",
                help="Markdown files, folders of them, or - for standard input.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path),
              help="The configuration; unless told, tocsin.toml beside the document or in this folder.")  # fmt: skip
@click.option("--repository", type=click.Path(path_type=Path), metavar="DIR",
              help="The root of the checkout; unless told, the folder above the document that has .git.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(LEVELS), default="warning", show_default=True,
              help="From which level on a finding gives exit code 1.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif", "github"]), default="text",
              show_default=True, help="For people, programs, code scanning, or GitHub Actions.")  # fmt: skip
@output.as_json
@click.option("--code", "only", multiple=True, metavar="CODE", help="Show this kind of finding only; repeatable.")
@click.option("--without", multiple=True, metavar="CODE", help="Leave out this kind of finding; repeatable.")
@click.option("--people", is_flag=True,
              help="Ask the server whom the next four weeks would page, and what is not ready; no files.")  # fmt: skip
@click.option("--targets", is_flag=True, help="With --people: let the server look at its targets first.")
@click.option("--url", envvar=URL_VARIABLE, default=DEFAULT_URL, show_default=True,
              help=f"With --people: the server (or {URL_VARIABLE}).")  # fmt: skip
@click.option("--token-file", type=click.Path(path_type=Path),
              help=f"With --people: a file that holds the token (else {TOKEN_VARIABLE} is taken).")  # fmt: skip
@click.option("--explain", default="", metavar="CODE", help="Say what a code means, with examples; `all` lists them.")
def command(
    *,
    files: tuple[Path, ...],
    config: Path | None,
    repository: Path | None,
    fail_on: Level,
    form: str,
    as_json: bool,
    only: tuple[str, ...],
    without: tuple[str, ...],
    people: bool,
    targets: bool,
    url: str,
    token_file: Path | None,
    explain: str,
) -> None:
    """Check runbooks, and say what would not work in an incident.

    Exit code 0: nothing at or above --fail-on. 1: findings. 2: a file can't be read; the others are still checked.
    Links, scripts, package scripts and services are looked up where the document lies in a checkout; roles, metrics,
    channels and variables where there is a configuration. A finding that is known and accepted is silenced in the
    document: <!-- tocsin: ignore=CODE -->.

    With --people the server of --url is asked instead: who would be called for each severity at each hour of the next
    four weeks, whom nothing reaches, gaps, people who stand alone, access that nobody has tried, drills.

    \b
    Example:
      tocsin check docs/incidents.md
      tocsin check --people
      tocsin check docs --fail-on error --format github
      tocsin check --explain dead-link
    """
    if explain:
        output.tell(page(explain))
        return
    if people or targets:
        if files or form not in ("text", "json"):
            raise click.UsageError("--people asks a server about its own runbooks: name no files, and no other format.")
        asked = Remote(checked(url), read_token(token_file))
        _people(asked, fail_on, as_json=as_json or form == "json", look=targets, only=only, without=without)
        return
    if not files:
        raise click.UsageError("Name a file or a folder, or - for standard input.")
    for code in (*only, *without):
        known(code)
    found = _check(files, config, repository)
    found = [chosen(document, only, without) for document in found]
    _show(found, "json" if as_json else form)
    if any(document.error for document in found):
        raise click.exceptions.Exit(2)
    counted = LEVELS[: LEVELS.index(fail_on) + 1]
    if any(document.count(level) for document in found for level in counted):
        raise click.exceptions.Exit(1)


def _people(remote: Remote, fail_on: Level, **wanted: Any) -> None:
    """What the server says of its own configuration and runbooks."""
    from tocsin.cli.ready import show  # what it shows takes a while to import, and files are checked far more often

    show(remote, fail_on, **wanted)


def known(code: str) -> None:
    """Raises a usage error that names the nearest code, where there is none of this name."""
    if code not in CODES:
        near = difflib.get_close_matches(code, CODES, 1)
        advice = f"Did you mean {near[0]}?" if near else "`tocsin check --explain all` lists the codes."
        raise click.UsageError(f"There is no code {code!r}. {advice}")


def page(code: str) -> str:
    """The page of a code, or the list of all codes."""
    if code == "all":
        width = max(map(len, CODES))
        return "\n".join(f"{each.name:{width}}  {each.level:7}  {each.about}" for each in CODES.values())
    known(code)
    return _page(code).rstrip("\n") + "\n" + _SILENCE.format(code=code).rstrip("\n")


def _page(code: str) -> str:
    return (importlib.resources.files("tocsin.lint") / "pages" / f"{code}.md").read_text("utf-8")


def _check(files: Sequence[Path], config: Path | None, root: Path | None) -> list[Checked]:
    """Every document in turn. Whoever waits for many of them is told how far it is."""
    clock = SystemClock()
    now = clock.now()
    today, told = now.astimezone().date(), now
    paths = list(dict.fromkeys(documents(files)))
    if not paths:
        raise Invalid("There is no Markdown file in there.", "Name the runbook, or the folder that it lies in.")
    found: list[Checked] = []
    complaints: dict[str, None] = {}
    for number, path in enumerate(paths):
        if (clock.now() - told).total_seconds() > 1:
            told = clock.now()
            output.say(f"{number} of {len(paths)} files are checked …")
        document, complaint = check_document(path, today=today, config=config, root=root)
        found.append(document)
        if complaint:
            complaints.setdefault(complaint)
    for complaint in complaints:
        output.say(complaint)
    return found


def _show(found: Sequence[Checked], form: str) -> None:
    if form == "json":
        output.give(_json(found))
    elif form == "sarif":
        from tocsin.cli.sarif import log

        used = {problem.code for document in found for problem in document.problems}
        output.give(log(found, {code: _page(code) for code in used}))
    elif form == "github":
        from tocsin.cli.annotations import annotation, unread

        for document in found:
            if document.error:
                output.tell(unread(document))
            for problem in document.problems:
                output.tell(annotation(document, problem))
    else:
        _text(found)
    if form in ("text", "github"):
        output.say(_summary(found))


def _json(found: Sequence[Checked]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "files": [
            {
                "file": document.file,
                "title": document.title,
                "error": document.error or None,
                "problems": [asdict(problem) for problem in document.problems],
                "checked": {"repository": document.in_repository, "bindings": document.bound},
            }
            for document in found
        ],
        "counts": {level: sum(document.count(level) for document in found) for level in LEVELS},
    }


def _text(found: Sequence[Checked]) -> None:
    shown = [document for document in found if document.error or document.problems]
    for number, document in enumerate(shown):
        if number:
            click.echo()
        if document.error:
            output.say(f"tocsin: {document.error}")
        for problem in document.problems:
            _finding(document, problem)


def _finding(document: Checked, problem: Problem) -> None:
    place = output.one_line(f"{document.file}:{problem.line}")
    level = click.style(problem.level, fg=_COLOURS[problem.level], bold=True)
    code = click.style(problem.code, bold=True)
    click.echo(f"{place}: {level} {code}  {output.one_line(problem.message)}")
    source = output.one_line(document.text(problem.line), _LONGEST)
    if source:
        click.echo(f"    {click.style(source, dim=True)}")
    if problem.hint:
        click.echo(f"    → {output.one_line(problem.hint)}")


def _summary(found: Sequence[Checked]) -> str:
    read = [document for document in found if not document.error]
    counts = [output.count(sum(document.count(level) for document in read), level) for level in LEVELS]
    parts = [f"{output.count(len(read), 'file')} checked: {', '.join(counts)}.".capitalize()]
    if len(read) < len(found):
        parts.append(f"{output.count(len(found) - len(read), 'file')} can't be read.")
    outside = sum(not document.in_repository for document in read)
    if outside:
        some = "" if outside == len(read) else f" ({outside} of them)"
        parts.append(f"Not in a repository{some}: links, scripts and services were not checked.")
    loose = next((document for document in read if not document.bound), None)
    if loose is not None and loose.refused:
        parts.append("The configuration has a fault: bindings were not checked.")
    elif loose is not None:
        advice = "" if loose.from_pipe else f"; `tocsin init {loose.file}` writes one"
        parts.append(f"No configuration to go by: bindings were not checked{advice}.")
    return " ".join(parts)
