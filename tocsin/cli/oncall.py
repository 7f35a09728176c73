"""``tocsin oncall``: who it is now and in the next weeks, overrides, swaps, addresses for calendar programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, remote, understood
from tocsin.core.schedules import shown_at
from tocsin.errors import Invalid, NotFound
from tocsin.service.calendars import FeedView
from tocsin.service.oncall import OnCall, ScheduleView
from tocsin.service.planning import ChangeView


@click.group("oncall", invoke_without_command=True, short_help="Say who is on call, and change it for a while.")
@click.option("--at", default="", metavar="MOMENT", help="At that moment, in UTC unless it says otherwise.")
@click.option("--weeks", default=0, type=click.IntRange(0, 26), metavar="N", help="The shifts of so many weeks, too.")
@click.option("--check", "strict", is_flag=True, help="Exit 1 where something would hurt in four weeks, such as a gap.")
@output.as_json
@remote
@click.pass_context
def command(ctx: click.Context, remote: Remote, at: str, weeks: int, strict: bool, as_json: bool) -> int:
    """Say who is on call, and what would hurt: gaps, people booked twice, calendars that can't be read.

    \b
    Example:
      tocsin oncall                                  who it is now
      tocsin oncall --at 2026-12-24T20:00+01:00      and then
      tocsin oncall --weeks 4                        with the shifts of four weeks
      tocsin oncall override ben --for 8h --why 'Ana is at the dentist'
    """
    if ctx.invoked_subcommand is not None:
        ctx.obj = remote
        return 0
    asked = {"at": _zoned(at)} if at else {}
    answer = remote.get("/api/v1/oncall", weeks=str(max(weeks, 4) if strict or not weeks else weeks), **asked)
    view = understood(OnCall, answer)
    output.give(answer) if as_json else _report(view, weeks)
    return 1 if strict and view.problems else 0


@command.command("changes", short_help="List overrides, temporary schedules and swaps.")
@click.option("--past", is_flag=True, help="Those of the last year, too.")
@output.as_json
@remote
def changes(remote: Remote, past: bool, as_json: bool) -> None:
    """List overrides, temporary schedules and swaps, with who made them.

    \b
    Example:
      tocsin oncall changes --past
    """
    answer = remote.get("/api/v1/oncall/changes", past="true" if past else "false")
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[ChangeView]], answer)["changes"]
    if not found:
        output.say("Nothing is changed: the plan counts as it is written.")
        return
    rows = [
        (each.id, each.schedule, each.kind, each.state, _wall(each.begins, each.zone), _wall(each.ends, each.zone),
         each.zone, ", ".join(each.names) or "nobody", each.instead_of_name, each.made_by, each.why)
        for each in found
    ]  # fmt: skip
    head = ("CHANGE", "SCHEDULE", "KIND", "STATE", "FROM", "UNTIL", "ZONE", "WHO", "INSTEAD OF", "BY", "WHY")
    output.table(head, rows)


@command.command("override", short_help="Put somebody else on call for a while.")
@click.argument("people", nargs=-1, metavar="PERSON...", help="Who; several take turns; with --nobody none.")
@click.option("--nobody", is_flag=True, help="Nobody is on call.")
@click.option("--schedule", default="", metavar="NAME", help="Of which schedule, where there are several.")
@click.option("--from", "begins", default="", metavar="MOMENT", help="When it begins; unless told, now.")
@click.option("--until", "ends", default="", metavar="MOMENT", help="When it ends.")
@click.option("--for", "lasts", default="", metavar="SPAN", help="Or for how long: 8h, 2d.")
@click.option("--instead-of", default="", metavar="PERSON", help="Only where this person would be on call.")
@click.option("--every", default="", metavar="SPAN", help="How long a turn is, where several take turns: 12h, 1d.")
@click.option("--why", default="", help="The reason; it is shown wherever the change is.")
@output.as_json
@remote
def override(
    remote: Remote, *, people: tuple[str, ...], nobody: bool, schedule: str, begins: str, ends: str, lasts: str,
    instead_of: str, every: str, why: str, as_json: bool,
) -> None:  # fmt: skip
    """Put somebody else on call for a while. It takes the role responder.

    A moment without a zone is one of the schedule's own zone: 2026-12-24T20:00.

    \b
    Example:
      tocsin oncall override ben --for 8h --why 'Ana is at the dentist'
      tocsin oncall override ana ben --from 2026-12-24T09:00 --until 2026-12-27T09:00 --every 1d --why 'the fair'
    """
    if bool(people) is nobody:
        raise Invalid("Nothing says who is on call.", "Name somebody, or write --nobody.")
    moments = {"begins": _moment(begins, "--from"), "ends": _moment(ends, "--until")}
    body: dict[str, Any] = {"people": list(people), "schedule": schedule, "lasts": lasts, "instead_of": instead_of}
    body |= {"every": every, "why": why, **{name: text for name, text in moments.items() if text}}
    _told(remote.post("/api/v1/oncall/changes", body), as_json)


@command.command("end", short_help="End a change now, or call it off.")
@click.argument("change", metavar="CHANGE", help="Its id, as `tocsin oncall changes` shows it.")
@output.as_json
@remote
def end(remote: Remote, change: str, as_json: bool) -> None:
    """End an override, a temporary schedule or an accepted swap. It takes the role responder.

    \b
    Example:
      tocsin oncall end duty_0643f2a1c8e40_5be0cd1913
    """
    _told(remote.post(f"/api/v1/oncall/changes/{_id(change)}/end", {}), as_json)


@command.group("swap", short_help="Offer, accept and decline swaps.")
def swap() -> None:
    """Offer, accept and decline swaps. A swap counts when the other one has accepted it.

    \b
    Example:
      tocsin oncall swap offer ben --from 2026-12-24T09:00 --until 2026-12-25T09:00
    """


@swap.command("offer", short_help="Offer one's own time to another.")
@click.argument("to", metavar="PERSON", help="Who would take over.")
@click.option("--schedule", default="", metavar="NAME", help="Of which schedule, where there are several.")
@click.option("--from", "begins", required=True, metavar="MOMENT", help="From when on they take over.")
@click.option("--until", "ends", required=True, metavar="MOMENT", help="Until when.")
@click.option("--back-from", default="", metavar="MOMENT", help="From when on their time is taken in return.")
@click.option("--back-until", default="", metavar="MOMENT", help="Until when.")
@click.option("--of", "offered_by", default="", metavar="PERSON", help="Whose time; an admin may offer for others.")
@click.option("--why", default="", help="The reason.")
@output.as_json
@remote
def offer(
    remote: Remote, *, to: str, schedule: str, begins: str, ends: str, back_from: str, back_until: str, offered_by: str,
    why: str, as_json: bool,
) -> None:  # fmt: skip
    """Offer one's own time on call to another. It takes the role responder.

    \b
    Example:
      tocsin oncall swap offer ben --from 2026-12-24T09:00 --until 2026-12-25T09:00 \\
        --back-from 2026-12-31T09:00 --back-until 2027-01-01T09:00
    """
    body: dict[str, Any] = {"to": to, "schedule": schedule, "offered_by": offered_by, "why": why}
    told = {"begins": begins, "ends": ends, "back_begins": back_from, "back_ends": back_until}
    body |= {name: _moment(text, name) for name, text in told.items() if text}
    _told(remote.post("/api/v1/oncall/swaps", body), as_json)


@swap.command("accept", short_help="Accept a swap.")
@click.argument("change", metavar="CHANGE", help="Its id, as `tocsin oncall changes` shows it.")
@output.as_json
@remote
def accept(remote: Remote, change: str, as_json: bool) -> None:
    """Accept a swap that was offered to oneself.

    \b
    Example:
      tocsin oncall swap accept duty_0643f2a1c8e40_5be0cd1913
    """
    _told(remote.post(f"/api/v1/oncall/swaps/{_id(change)}/accept", {}), as_json)


@swap.command("decline", short_help="Decline a swap, or take an offer back.")
@click.argument("change", metavar="CHANGE", help="Its id, as `tocsin oncall changes` shows it.")
@output.as_json
@remote
def decline(remote: Remote, change: str, as_json: bool) -> None:
    """Decline a swap that was offered to oneself, or take one's own offer back.

    \b
    Example:
      tocsin oncall swap decline duty_0643f2a1c8e40_5be0cd1913
    """
    _told(remote.post(f"/api/v1/oncall/swaps/{_id(change)}/decline", {}), as_json)


@command.group("feed", short_help="Secret addresses for calendar programs.")
def feed() -> None:
    """Secret addresses at which calendar programs read a schedule, or one's own shifts.

    \b
    Example:
      tocsin oncall feed make
    """


@feed.command("make", short_help="Make a secret address.")
@click.option("--schedule", default="", metavar="NAME", help="Of everybody on this schedule.")
@click.option("--person", default="", metavar="PERSON", help="Of this person; unless told, one's own.")
@click.option("--replaces", default="", metavar="FEED", help="In place of this address, which ends.")
@output.as_json
@remote
def make(remote: Remote, schedule: str, person: str, replaces: str, as_json: bool) -> None:
    """Make a secret address. It is told this once; whoever knows it can read that calendar, and nothing else.

    \b
    Example:
      tocsin oncall feed make --schedule primary
    """
    body = {"schedule": schedule, "person": person, "replaces": replaces}
    answer = remote.post("/api/v1/oncall/feeds", body)
    if as_json:
        output.give(answer)
        return
    made = understood(FeedView, answer)
    output.tell(f"{remote.url.rstrip('/')}{made.path}")
    output.say(f"{made.id} is shown this once. `tocsin oncall feed revoke {made.id}` ends it.")


@feed.command("list", short_help="List the addresses in force.")
@output.as_json
@remote
def list_feeds(remote: Remote, as_json: bool) -> None:
    """List the addresses in force, without their secrets.

    \b
    Example:
      tocsin oncall feed list
    """
    answer = remote.get("/api/v1/oncall/feeds")
    if as_json:
        output.give(answer)
        return
    found = understood(dict[str, list[FeedView]], answer)["feeds"]
    if not found:
        output.say("There is no address of a calendar.")
        return
    rows = [
        (each.id, each.schedule or each.person, each.made_by, output.moment(each.made_at),
         output.moment(each.read_at) if each.read_at else "never")
        for each in found
    ]  # fmt: skip
    output.table(("FEED", "OF", "BY", "MADE (UTC)", "LAST READ (UTC)"), rows)


@feed.command("revoke", short_help="End a secret address.")
@click.argument("feed", metavar="FEED", help="Its id, as `tocsin oncall feed list` shows it.")
@output.as_json
@remote
def revoke(remote: Remote, feed: str, as_json: bool) -> None:
    """End a secret address; from then on it is unknown.

    \b
    Example:
      tocsin oncall feed revoke feed_0643f2a1c8e40_5be0cd1913
    """
    answer = remote.post(f"/api/v1/oncall/feeds/{_id(feed)}/revoke", {})
    output.give(answer) if as_json else output.tell(f"{feed} is revoked.")


def _report(view: OnCall, weeks: int) -> None:
    rows = [(one.name, one.now.role, one.now.name or "nobody", _until(one), one.now.why) for one in view.schedules] + [
        ("", one.role, one.name or "nobody", "", one.why) for one in view.roles if not one.schedule
    ]
    if rows:
        output.table(("SCHEDULE", "ROLE", "ON CALL", "UNTIL", "WHY"), rows)
    else:
        output.say("There is no schedule, and no role is bound.")
    for one in view.schedules if weeks else ():
        output.tell("")
        output.tell(f"{one.name} ({one.zone})")
        shifts = [(_wall(each.begins, one.zone), _wall(each.ends, one.zone), each.name or "nobody", each.why)
                  for each in one.shifts]  # fmt: skip
        output.table(("FROM", "UNTIL", "ON CALL", "WHY"), shifts)
    for problem in view.problems:
        output.say(f"! {problem}")


def _until(one: ScheduleView) -> str:
    return f"{_wall(one.now.until, one.zone)} {one.zone}" if one.now.until else ""


def _told(answer: Any, as_json: bool) -> None:
    if as_json:
        output.give(answer)
        return
    made = understood(ChangeView, answer)
    span = f"{_wall(made.begins, made.zone)} until {_wall(made.ends, made.zone)} {made.zone}"
    instead = f" instead of {made.instead_of_name}" if made.instead_of else ""
    who = ", ".join(made.names) or "nobody"
    output.tell(output.one_line(f"{made.id}  {made.kind} {made.state}: {made.schedule}, {who}{instead}, {span}"))


def _wall(moment: datetime, zone: str) -> str:
    return f"{shown_at(moment, zone):%a %Y-%m-%d %H:%M}"


def _moment(text: str, what: str) -> str:
    """A moment as the API takes it; without a zone it stays so, and is one of the schedule's zone."""
    if not text:
        return ""
    try:
        return datetime.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise Invalid(f"{text!r} is not a moment.", "Write for example 2026-03-07T22:00.", where=what) from None


def _zoned(text: str) -> str:
    found = datetime.fromisoformat(_moment(text, "--at"))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def _id(text: str) -> str:
    if not text.replace("_", "").isalnum():
        raise NotFound(f"{text!r} is no id.", "`tocsin oncall changes` and `tocsin oncall feed list` show them.")
    return text
