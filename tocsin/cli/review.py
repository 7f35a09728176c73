"""``tocsin review``: post-mortems in the terminal and in an editor."""

from __future__ import annotations

import os
from pathlib import Path

import click

from tocsin.cli import output, written
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.cli.reviewfiles import export, import_review, list_reviews, open_review
from tocsin.core.incident import Incident
from tocsin.core.shown import Review
from tocsin.errors import Invalid, Refused, TocsinError

LARGEST = 1024 * 1024
_REF = click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")


@click.group("review", short_help="Read, edit and publish post-mortems.")
def command() -> None:
    """Read, edit and publish post-mortems. They are Markdown, drafted from the timeline until somebody edits them.

    \b
    Example:
      tocsin review show INC-1 > INC-1.md
      tocsin review edit INC-1
      tocsin review export INC-1 docs/INC-1.md
      tocsin review import docs/INC-1.md
      tocsin incident schedule_review INC-1 2026-03-05T14:00
      tocsin review publish INC-1
    """


@command.command("show", short_help="Print a post-mortem.")
@_REF
@output.as_json
@remote
def show(remote: Remote, ref: str, as_json: bool) -> None:
    """Print a post-mortem as Markdown; while nobody has edited it, as it would be drafted now.

    \b
    Example:
      tocsin review show INC-1
    """
    answer = remote.get(incident(ref, "review"))
    output.give(answer) if as_json else output.tell(understood(Review, answer).text.rstrip("\n"))


@command.command("edit", short_help="Change a post-mortem, in an editor or from a file.")
@_REF
@click.option(
    "--file", type=click.Path(path_type=Path, allow_dash=True),
    help="Take the text from this file instead of an editor; - is standard input.",
)  # fmt: skip
@output.as_json
@remote
def edit(remote: Remote, ref: str, file: Path | None, as_json: bool) -> None:
    """Change a post-mortem, in $VISUAL or $EDITOR or from a file.

    What somebody saved in the meantime is merged; where both changed the same place, yours is kept in a file here.

    \b
    Example:
      tocsin review edit INC-1
      tocsin review edit INC-1 --file INC-1.md
    """
    before = understood(Review, remote.get(incident(ref, "review")))
    text = written.text_of(file, LARGEST) if file else _from_editor(before.text)
    if text == before.text and before.version > 0:
        output.say("Nothing was changed.")
        return
    try:
        answer = remote.put(incident(ref, "review"), {"text": text, "version": before.version})
    except TocsinError as error:
        if file is None:
            _keep(before.incident, text, error)
        raise
    after = understood(Review, answer)
    output.give(answer) if as_json else output.tell(f"{after.incident}  version {after.version}  {after.status}")


@click.command("publish", short_help="Release the post-mortem.")
@_REF
@output.as_json
@remote
def publish(remote: Remote, ref: str, as_json: bool) -> None:
    """Release the post-mortem, once somebody has edited it or saved it as it is. It takes the role responder.

    \b
    Example:
      tocsin review publish INC-1
    """
    known = understood(Review, remote.get(incident(ref, "review")))
    if known.version == 0:
        raise Refused(
            f"Nobody has read the draft of {known.incident} yet.",
            f"Read it with `tocsin review edit {known.incident}` and save it, changed or not.",
        )
    after = remote.post(incident(ref, "publish_review"), {})
    if as_json:
        output.give(after)
        return
    seen = understood(Incident, after)
    output.tell(f"{seen.id}  post-mortem {seen.review}")


for _each in (list_reviews, open_review, export, import_review, publish):
    command.add_command(_each)


def _from_editor(text: str) -> str:
    if not output.person_there():
        raise Invalid("There is no terminal for an editor.", "Give the text with --file.")
    if not (os.environ.get("VISUAL") or os.environ.get("EDITOR")):
        raise Invalid("Neither VISUAL nor EDITOR names an editor.", "Set one, or give the text with --file.")
    edited = click.edit(text, extension=".md", require_save=True)
    if edited is None:
        raise Refused("The editor was left without saving, so nothing was changed.")
    return edited


def _keep(ref: str, text: str, error: TocsinError) -> None:
    """What somebody wrote in an editor must not go with the editor's own file."""
    place = Path(f"{ref}-review.md")
    number = 1
    while place.exists():
        place, number = Path(f"{ref}-review-{number}.md"), number + 1
    place.write_text(text, "utf-8")
    output.say(f"It was not stored ({error.message}) Your text is in {place}.")
