"""``tocsin status-page``: what the public sees, what it is told, planned maintenance, and a copy for any web server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.errors import Invalid, NotFound

_HERE = "/api/v1/status-page"


@click.group("status-page", short_help="See and write the public status page; plan maintenance.")
def command() -> None:
    """See and write the public status page; plan maintenance, and export the page for any web server.

    \b
    Example:
      tocsin status-page show
      tocsin status-page publish INC-1 --title 'Boats are late' --component timetable=degraded 'We look into it.'
      tocsin status-page maintenance on --for 30m --title 'A new database' 'Tickets can be bought again at 4.'
      tocsin status-page export public/
    """


@command.command("show", short_help="Say how the public sees everything now.")
@output.as_json
@remote
def show(remote: Remote, as_json: bool) -> None:
    """Say how the public sees everything now, and what is planned.

    \b
    Example:
      tocsin status-page show
    """
    answer = remote.get(_HERE)
    if as_json:
        output.give(answer)
        return
    output.tell(output.one_line(f"{answer['name']}: {answer['indicator']}  {answer['url'] or answer['path']}"))
    rows = [(each["id"], each["name"], each["group"], each["state"]) for each in answer["components"]]
    if rows:
        output.table(("COMPONENT", "NAME", "GROUP", "STATE"), rows)
    _reports(answer["reports"])
    told = output.count(answer["subscribers"], "subscriber")
    output.say(f"{told}, and {answer['waiting']} who have yet to confirm.")


@command.command("publish", short_help="Publish an incident, or an update of it.")
@click.argument("ref", metavar="INCIDENT", help="The incident: INC-1, inc-1 or 1.")
@click.argument("text", required=False, help="What people notice, and what they can do; - reads it from stdin.")
@click.option("--title", default="", help="What the public calls it; asked for once.")
@click.option("--stage", default="", help="investigating, identified, monitoring or resolved.")
@click.option(
    "--component", "components", multiple=True, metavar="ID=STATE", help="degraded, partial, major, maintenance."
)
@click.option("--message", "messages", multiple=True, metavar="ID=TEXT", help="What its users read meanwhile.")
@click.option("--began", default="", metavar="MOMENT", help="Since when, in UTC.")
@click.option("--preview", is_flag=True, help="Only say what is proposed, and publish nothing.")
@output.as_json
@remote
def publish(
    remote: Remote, *, ref: str, text: str | None, title: str, stage: str, components: tuple[str, ...],
    messages: tuple[str, ...], began: str, preview: bool, as_json: bool,
) -> None:  # fmt: skip
    """Publish an incident, or an update of it. It takes the role responder.

    What is not given stays as the public knows it; at the first time the components are those that the configuration
    proposes. The title is always yours: nothing of the incident's own words goes out.

    \b
    Example:
      tocsin status-page publish INC-1 --preview
      tocsin status-page publish INC-1 --title 'Boats are late' --component timetable=degraded 'We look into it.'
    """
    name = remote.get(incident(ref))["incident"]["id"]
    proposal = remote.get(f"{_HERE}/proposal", incident=name)
    if preview:
        output.give(proposal) if as_json else _propose(proposal)
        return
    if text is None:
        raise Invalid("Nothing says what to publish.", "Give the text, or --preview to see what is proposed.")
    known = proposal["components"] if not components else {}
    chosen = {part: each["state"] for part, each in known.items()} | _pairs(components)
    said = {part: each["message"] for part, each in proposal["components"].items() if part in chosen}
    words = sys.stdin.read().strip() if text == "-" else text
    body = {
        "text": words, "title": title or proposal["title"],
        "stage": stage or proposal["stage"], "components": chosen, "messages": said | _pairs(messages), "began": began,
    }  # fmt: skip
    answer = remote.post(incident(ref, "publish"), body)
    output.give(answer) if as_json else output.tell(f"{name} is public as {body['stage']}: {body['title']}")


@command.command("update", short_help="Say more of a maintenance.")
@click.argument("report", metavar="MAINTENANCE", help="Its id, or words that only its title has.")
@click.argument("text", help="What the public reads.")
@output.as_json
@remote
def update(remote: Remote, report: str, text: str, as_json: bool) -> None:
    """Say more of a maintenance that is planned or goes on. (Of an incident: `tocsin status-page publish`.)

    \b
    Example:
      tocsin status-page update 'new database' 'It takes half an hour longer.'
    """
    answer = remote.post(f"{_HERE}/maintenance/{_find(remote, report)}/update", {"text": text})
    output.give(answer) if as_json else _reports([answer])


@command.group("maintenance", short_help="Plan maintenance; switch maintenance mode on and off.")
def maintenance() -> None:
    """Plan maintenance; switch maintenance mode on and off. Each begins and ends by itself.

    \b
    Example:
      tocsin status-page maintenance plan --from 2026-03-07T22:00 --for 2h --title 'A new database' 'No tickets then.'
      tocsin status-page maintenance on --for 30m --title 'A new database' 'Back at four.'
      tocsin status-page maintenance end 'new database'
    """


def _planning(function: Any) -> Any:
    for decorate in reversed((
        click.argument("text", help="What people notice, and what they can do."),
        click.option("--title", required=True, help="What the public calls it."),
        click.option("--for", "lasts", default="", metavar="SPAN", help="For how long: 30m, 2h."),
        click.option("--until", "ends_at", default="", metavar="MOMENT", help="Until when, in UTC, in place of --for."),
        click.option("--component", "components", multiple=True, metavar="ID", help="What it touches."),
        click.option("--message", "messages", multiple=True, metavar="ID=TEXT", help="What its users read meanwhile."),
        output.as_json,
        remote,
    )):  # fmt: skip
        function = decorate(function)
    return function


@maintenance.command("plan", short_help="Plan a maintenance.")
@click.option("--from", "starts_at", default="", metavar="MOMENT", help="When it begins, in UTC; unless told, now.")
@click.option(
    "--remind", default="24h", metavar="SPAN", show_default=True, help="So long before, subscribers are reminded."
)
@click.option("--offline", is_flag=True, help="Maintenance mode: health checks answer 503 while it lasts.")
@_planning
def plan(remote: Remote, *, as_json: bool, messages: tuple[str, ...], **given: Any) -> None:
    """Plan a maintenance. It takes the role responder.

    \b
    Example:
      tocsin status-page maintenance plan --from 2026-03-07T22:00 --for 2h --title 'A new database' 'No tickets then.'
    """
    answer = remote.post(f"{_HERE}/maintenance", {**given, "messages": _pairs(messages)})
    output.give(answer) if as_json else _reports([answer])


@maintenance.command("on", short_help="Switch maintenance mode on, now.")
@_planning
def on(remote: Remote, *, as_json: bool, messages: tuple[str, ...], **given: Any) -> None:
    """Switch maintenance mode on, now: health checks answer 503 until its end. It takes the role responder.

    \b
    Example:
      tocsin status-page maintenance on --for 30m --title 'A new database' 'Back at four.'
    """
    body = {**given, "messages": _pairs(messages), "offline": True}
    answer = remote.post(f"{_HERE}/maintenance", body)
    output.give(answer) if as_json else _reports([answer])


@maintenance.command("end", short_help="End a maintenance now, or call it off.")
@click.argument("report", metavar="MAINTENANCE", help="Its id, or words that only its title has.")
@click.option("--text", default="", help="What the public reads.")
@output.as_json
@remote
def end(remote: Remote, report: str, text: str, as_json: bool) -> None:
    """End a maintenance now, or call off one that has not begun. It takes the role responder.

    \b
    Example:
      tocsin status-page maintenance end 'new database'
    """
    answer = remote.post(f"{_HERE}/maintenance/{_find(remote, report)}/end", {"text": text})
    output.give(answer) if as_json else _reports([answer])


@command.command("subscribers", short_help="List who is told, or remove one.")
@click.option("--remove", default="", metavar="ID", help="End the subscription of this id.")
@output.as_json
@remote
def subscribers(remote: Remote, remove: str, as_json: bool) -> None:
    """List who is told by the status page, or remove one. It takes the role admin.

    \b
    Example:
      tocsin status-page subscribers
    """
    if remove:
        answer = remote.post(f"{_HERE}/subscribers/{remove}/end", {})
        output.give(answer) if as_json else output.say("They are told no more.")
        return
    answer = remote.get(f"{_HERE}/subscribers")
    if as_json:
        output.give(answer)
        return
    rows = [
        (each["id"], each["kind"], each["address"], str(each["confirmed_at"])[:19]) for each in answer["subscribers"]
    ]
    output.table(("SUBSCRIBER", "KIND", "ADDRESS", "SINCE (UTC)"), rows)


@command.command("export", short_help="Write the page into a folder, for any web server.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER")
@output.as_json
@remote
def export(remote: Remote, folder: Path, as_json: bool) -> None:
    """Write the page into a folder: HTML, JSON, the feed and the badge, to be served by any web server.

    `[status] export` keeps a folder current by itself.

    \b
    Example:
      tocsin status-page export public/
    """
    from tocsin.web.statuspage.files import write_files

    files = understood(dict[str, dict[str, str]], remote.get(f"{_HERE}/files"))["files"]
    strange = next((name for name in files if name.startswith("/") or ".." in name.split("/")), None)
    if strange is not None:
        raise Invalid(f"{remote.url} names a file {strange!r}, which would lie elsewhere.", "Is that your Tocsin?")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_files(folder, {name: text.encode() for name, text in files.items()})
    except OSError as error:
        raise Invalid(f"{folder} can't be written to: {error.strerror}.", "Name another folder.") from None
    told = {"folder": str(folder), "files": sorted(files)}
    output.give(told) if as_json else output.tell(f"{len(files)} files lie in {folder}.")


def _find(remote: Remote, words: str) -> str:
    known = [each for each in remote.get(_HERE)["reports"] if each["kind"] == "maintenance"]
    fitting = [
        each["id"] for each in known if each["id"] == words or words.casefold() in each["title"].casefold()
    ]  # fmt: skip
    if len(fitting) != 1:
        raise NotFound(f"{words!r} means {len(fitting)} maintenances.", "`tocsin status-page show` lists them.")
    return str(fitting[0])


def _reports(reports: list[dict[str, Any]]) -> None:
    rows = [
        (
            each["id"], each["kind"], each["stage"] + (", offline" if each["offline"] else ""),
            str(each["begun_at"])[:16], str(each["over_at"] or "-")[:16], each["title"],
        )
        for each in reports
    ]  # fmt: skip
    if rows:
        output.table(("REPORT", "KIND", "STAGE", "FROM (UTC)", "UNTIL (UTC)", "TITLE"), rows)


def _propose(proposal: dict[str, Any]) -> None:
    output.tell(f"title: {proposal['title'] or '(yours to write)'}")
    output.tell(f"stage: {proposal['stage']}")
    for part, each in proposal["components"].items():
        why = proposal["why"].get(part)
        output.tell(output.one_line(f"{part}={each['state']}  {each['message']}{f'  ({why})' if why else ''}"))


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    strange = next((each for each in given if "=" not in each), None)
    if strange is not None:
        raise Invalid(f"{strange!r} has no =.", "Write for example --component timetable=degraded.")
    return {name.strip(): words.strip() for name, _, words in (each.partition("=") for each in given)}
