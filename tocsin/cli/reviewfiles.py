"""Post-mortems as files: written out with their charts, read back and merged with what others wrote meanwhile."""

from __future__ import annotations

import re
from pathlib import Path

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.merging import has_markers, merge
from tocsin.core.shown import Review
from tocsin.errors import Invalid, NotFound, Refused
from tocsin.service.review import ReviewSummary

LARGEST = 1024 * 1024
_HEAD = re.compile(r"\A\ufeff?<!-- tocsin review (?P<ref>INC-\d{1,18}) version (?P<version>\d{1,9}) -->\r?\n")
_CHART = re.compile(r"\((charts/(INC-\d+-[\w-]+\.svg))\)")
_REF = click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")


@click.command("list", short_help="List post-mortems, and what is still to be written.")
@output.as_json
@remote
def list_reviews(remote: Remote, as_json: bool) -> None:
    """List post-mortems, and the resolved incidents that have none, with what the document wants by when.

    \b
    Example:
      tocsin review list
    """
    answer = remote.get("/api/v1/reviews")
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[ReviewSummary]], answer)["reviews"]
    if not found:
        output.say("There is nothing to review: no incident was resolved yet.")
        return
    rows = [
        (
            each.incident, each.severity, each.status, _by_when(each), output.moment(each.meeting_at),
            str(each.open_actions), output.one_line(each.title, 50),
        )
        for each in found
    ]  # fmt: skip
    output.table(("INCIDENT", "SEVERITY", "STATUS", "MEETING BY", "MEETING (UTC)", "OPEN ITEMS", "TITLE"), rows)


@click.command("open", short_help="Draft a post-mortem, and say where it is.")
@_REF
@output.as_json
@remote
def open_review(remote: Remote, ref: str, as_json: bool) -> None:
    """Draft a post-mortem from the timeline, unless somebody has edited it, and say where it is.

    \b
    Example:
      tocsin review open INC-1
    """
    answer = remote.post(incident(ref, "review"), {})
    found = understood(Review, answer)
    if as_json:
        output.give(answer)
    else:
        output.tell(f"{remote.url}/incidents/{found.incident}/review  version {found.version}  {found.status}")


@click.command("export", short_help="Write a post-mortem and its charts to files.")
@_REF
@click.argument("file", type=click.Path(path_type=Path), required=False, help="The file; unless told, INC-1.md here.")
@output.as_json
@remote
def export(remote: Remote, ref: str, file: Path | None, as_json: bool) -> None:
    """Write a post-mortem to a Markdown file, with its charts in a folder beside it.

    Its first line says which version it was made from. Keep that line: with it, `tocsin review import` merges what
    you write with what others wrote meanwhile.

    \b
    Example:
      tocsin review export INC-1 docs/post-mortems/INC-1.md
    """
    found = understood(Review, remote.post(incident(ref, "review"), {}))
    place = file or Path(f"{found.incident}.md")
    known = _head(place.read_text("utf-8", "replace")) if place.exists() else None
    if place.exists() and (known is None or known[0] != found.incident):
        raise Refused(f"{place} is another file already.", "Name another file.")
    _write(place, _with_head(found, _CHART.sub(r"(\1)", found.text)))
    charts = list(dict.fromkeys(name for _, name in _CHART.findall(found.text)))
    for name in charts:
        (place.parent / "charts").mkdir(parents=True, exist_ok=True)
        _write(place.parent / "charts" / name, remote.text(incident(found.incident, "charts", name)))
    if as_json:
        output.give({"file": str(place), "version": found.version, "charts": charts})
    else:
        output.tell(f"{place}  version {found.version}  {output.count(len(charts), 'chart')}")


@click.command("import", short_help="Take a post-mortem back from a file.")
@click.argument("file", type=click.Path(path_type=Path), help="A file that `tocsin review export` wrote.")
@output.as_json
@remote
def import_review(remote: Remote, file: Path, as_json: bool) -> None:
    """Take a post-mortem back from a file, and merge it with what others wrote since it was exported.

    Where both changed the same place nothing is stored: the file then holds both sides between markers, and what you
    wrote stays beside it. Decide at each marker and import it again. Exit 1 in that case.

    \b
    Example:
      tocsin review import docs/post-mortems/INC-1.md
    """
    text = _read(file)
    head = _head(text)
    if head is None:
        raise Invalid(f"{file} does not say which post-mortem it is.", "`tocsin review export` writes that line.")
    ref, version, body = head
    if has_markers(body):
        raise Refused(f"{file} still holds both sides of a conflict.", "Decide at each marker, then import it.")
    now = understood(Review, remote.get(incident(ref, "review")))
    try:
        base = understood(Review, remote.get(incident(ref, "review", "version"), version=version)).text
    except NotFound:
        raise Refused(f"Nobody knows version {version} of {ref}.", "Export it again.") from None
    found = merge(base, body, now.text, mine_is=str(file), theirs_is=f"version {now.version}")
    if found.conflicts:
        _write(file.with_name(f"{file.name}.mine"), text)
        _write(file, _with_head(now, found.text))
        places = output.count(found.conflicts, "place")
        raise Refused(
            f"You and {now.updated_by} changed {places} differently.",
            f"{file} holds both sides between markers; {file.name}.mine is what you wrote.",
        )
    answer = remote.put(incident(ref, "review"), {"text": found.text, "version": now.version})
    after = understood(Review, answer)
    _write(file, _with_head(after, after.text))
    output.give(answer) if as_json else output.tell(f"{after.incident}  version {after.version}  {after.status}")


def _with_head(review: Review, text: str) -> str:
    return f"<!-- tocsin review {review.incident} version {review.version} -->\n{text}"


def _head(text: str) -> tuple[str, int, str] | None:
    """Which post-mortem a file is, of which version, and its text."""
    found = _HEAD.match(text)
    return (found["ref"], int(found["version"]), text[found.end() :].replace("\r\n", "\n")) if found else None


def _read(file: Path) -> str:
    try:
        data = file.read_bytes()
        if len(data) > LARGEST:
            raise Invalid(f"{file} is larger than {LARGEST:,} bytes.")
        return data.decode("utf-8")
    except OSError as error:
        raise Invalid(f"{file} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Invalid(f"{file} is not UTF-8 text.", "Save it as UTF-8.") from None


def _write(file: Path, text: str) -> None:
    """Whole or not at all: nobody is left with half a file."""
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_text(text, "utf-8", newline="\n")
        beside.replace(file)
    except OSError as error:
        raise Invalid(f"{file} can't be written: {error.strerror}.") from None


def _by_when(each: ReviewSummary) -> str:
    return f"{output.moment(each.due)}{' LATE' if each.late else ''} (line {each.line})" if each.due else "-"
