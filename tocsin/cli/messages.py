"""``tocsin incident message``: what the document's templates say of an incident, what they ask, and sending them."""

from __future__ import annotations

from pathlib import Path

import click

from tocsin.cli import addressing, output, written
from tocsin.cli.moves import report
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.core.incident import Incident
from tocsin.core.messages.drafts import Asked, Draft
from tocsin.errors import Invalid
from tocsin.service.messagedrafts import ChannelChoice, Messages

LARGEST = 64 * 1024
_REF = click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
_MESSAGE = click.argument("message", metavar="MESSAGE", help="Its id, or words that only its title has.")


@click.group("message", short_help="Fill, write and send the messages of the runbook's templates.")
def command() -> None:
    """Fill, write and send the messages of the runbook's templates.

    What the incident knows stands in them; what only a person knows is asked once, and kept for every later message.

    \b
    Example:
      tocsin incident message list INC-1
      tocsin incident message answer INC-1 impact='no bread in the north' symptom='empty shelves'
      tocsin incident message send INC-1 initial-update
    """


@command.command("list", short_help="List the messages, what each still asks, and the channels.")
@_REF
@output.as_json
@remote
def list_messages(remote: Remote, ref: str, as_json: bool) -> None:
    """List the messages of the incident's runbook. The one whose turn it is has a star.

    \b
    Example:
      tocsin incident message list INC-1
    """
    answer = remote.get(incident(ref, "messages"))
    if as_json:
        output.give(answer)
        return
    found = understood(Messages, answer)
    if not found.messages:
        output.say("Its runbook has no templates for messages.")
        return
    rows = [
        (f"{'*' if each.due else ' '} {each.id}", each.kind, each.state, str(each.line), each.title)
        for each in found.messages
    ]
    output.table(("  MESSAGE", "KIND", "STATE", "LINE", "TITLE"), rows)
    asked: dict[str, Asked] = {}
    for each in found.messages:
        for field in each.open_fields:
            asked.setdefault(field.field, field)
    for name, field in asked.items():
        output.say(f"asks {name}: {output.one_line(field.words)} (line {field.line})")
    chosen = ", ".join(each.name for each in found.channels if each.chosen) or "no channel"
    output.say(f"They go to {chosen} unless told otherwise.")


@command.command("show", short_help="Print a message as it would be sent now.")
@_REF
@_MESSAGE
@output.as_json
@remote
def show(remote: Remote, ref: str, message: str, as_json: bool) -> None:
    """Print a message as it would be sent now; a gap that is open stands there as the document writes it.

    \b
    Example:
      tocsin incident message show INC-1 initial-update
      tocsin incident message show INC-1 document > INC-1.md
    """
    found, _ = _find(remote, ref, message)
    if as_json:
        output.give(remote.get(incident(ref, "messages", found.id)))
        return
    output.tell(found.text)
    for each in found.open_fields:
        output.say(f"asks {each.field}: {output.one_line(each.words)} (line {each.line})")
    for each in found.waiting:
        output.say(f"{output.one_line(each.words)}: {each.waits}")


@command.command("answer", short_help="Answer what the messages ask, once for all of them.")
@_REF
@click.argument("answers", nargs=-1, required=True, metavar="FIELD=WORDS...", help="A field and what is said of it.")
@output.as_json
@remote
def answer(remote: Remote, ref: str, answers: tuple[str, ...], as_json: bool) -> None:
    """Answer what the messages ask; FIELD= takes an answer back. It takes the role responder.

    \b
    Example:
      tocsin incident message answer INC-1 impact='no bread in the north' cadence=30
    """
    after = remote.post(incident(ref, "fill_in"), {"answers": _pairs(answers)})
    output.give(after) if as_json else report(understood(Incident, after))


@command.command("draft", short_help="Write a message otherwise than its template.")
@_REF
@_MESSAGE
@click.option(
    "--file", type=click.Path(path_type=Path, allow_dash=True),
    help="Take the text from this file instead of an editor; - is standard input.",
)  # fmt: skip
@click.option("--template", is_flag=True, help="Take the template again.")
@output.as_json
@remote
def draft(remote: Remote, *, ref: str, message: str, file: Path | None, template: bool, as_json: bool) -> None:
    """Write a message otherwise, in an editor or from a file; it waits to be sent. It takes the role responder.

    \b
    Example:
      tocsin incident message draft INC-1 status-update
      tocsin incident message draft INC-1 status-update --file update.txt
    """
    found, _ = _find(remote, ref, message)
    text = "" if template else _text(file, found.text)
    after = remote.post(incident(ref, "draft_message"), {"message": found.id, "text": text})
    output.give(after) if as_json else report(understood(Incident, after))


@command.command("send", short_help="Send a message to the channels for this severity.")
@_REF
@_MESSAGE
@click.option("--to", "channels", multiple=True, metavar="CHANNEL", help="Only to this bound channel; may be repeated.")
@click.option("--status-page", is_flag=True, help="Publish it on the status page, too.")
@click.option("--title", default="", help="What the public calls it, at its first message there.")
@output.as_json
@remote
def send(
    remote: Remote, *, ref: str, message: str, channels: tuple[str, ...], status_page: bool, title: str, as_json: bool
) -> None:
    """Send a message, which keeps the promise of updates; refused while it asks something. It takes the role responder.

    \b
    Example:
      tocsin incident message send INC-1 initial-update
      tocsin incident message send INC-1 resolution --to '#ferries' --status-page --title 'Boats were late'
    """
    found, known = _find(remote, ref, message)
    body = {
        "message": found.id, "channels": dict.fromkeys(channels, "yes"), "status_page": status_page, "title": title,
        "seen": found.sent.times if found.sent else 0,
    }  # fmt: skip
    after = remote.post(incident(ref, "send_message"), body)
    if as_json:
        output.give(after)
        return
    seen = understood(Incident, after)
    names = {each.id: each.name for each in known}
    told = ", ".join(names.get(each, each) for each in seen.messages.sent[found.id].channels)
    output.tell(f"{seen.id}  {found.id} was sent to {output.one_line(told)}")


def _find(remote: Remote, ref: str, words: str) -> tuple[Draft, tuple[ChannelChoice, ...]]:
    """The message that is meant, and the channels that there are."""
    found = understood(Messages, remote.get(incident(ref, "messages")))
    name = addressing.by_words("messages", {each.id: each.title for each in found.messages}, words)
    return next(each for each in found.messages if each.id == name), found.channels


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    strange = next((each for each in given if "=" not in each), None)
    if strange is not None:
        raise Invalid(f"{strange!r} has no =.", "Write for example impact='no bread in the north'.")
    return {name.strip(): words.strip() for name, _, words in (each.partition("=") for each in given)}


def _text(file: Path | None, before: str) -> str:
    if file is None:
        if not output.person_there():
            raise Invalid("There is no terminal for an editor.", "Give the text with --file.")
        edited = click.edit(before, extension=".md", require_save=True)
        if edited is None:
            raise Invalid("The editor was left without saving, so nothing was changed.")
        return edited
    return written.text_of(file, LARGEST)
