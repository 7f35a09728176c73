"""The meeting about a post-mortem: an invitation that mail programs understand, by a real mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from tests.chats.house import Hands
from tests.house import ANA, CONFIG, boarding_stops, open_house
from tests.plug.test_smtp import Inbox, part_of, serving
from tocsin.app import App
from tocsin.core import moves
from tocsin.core.facts import Actor
from tocsin.engine.worker import Worker
from tocsin.service import answering, learning, respond, team

PEOPLE = (
    CONFIG.replace("[people.ana]", '[people.ana]\nname = "Ana"\nemail = "ana@ferry.example"\nnotify = ["mail"]')
    .replace("[people.ben]", '[people.ben]\nname = "Ben"\nemail = "ben@ferry.example"\nnotify = ["console", "mail"]')
)  # fmt: skip


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A mail server, and its port."""
    with serving() as (found, smtp):
        yield found, smtp.port


@pytest.fixture
def app(tmp_path: Path, inbox: tuple[Inbox, int]) -> Iterator[App]:
    """INC-1 was taken by ana."""
    mail = (
        f'[notifiers.mail]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {inbox[1]}\nsecurity = "none"\n'
        'sender = "tocsin@ferry.example"\n[server]\nurl = "https://tocsin.ferry.example"\n'
    )
    opened = open_house(tmp_path, f"sqlite://{tmp_path}/tocsin.db", config=PEOPLE + mail, clock=Hands())
    boarding_stops(opened)
    answering.acknowledge(opened, "INC-1", ANA)
    yield opened
    opened.db.close()


def send_all(app: App, inbox: Inbox) -> list[EmailMessage]:
    """What is in the box once everything that is due was sent."""
    worker = Worker(app)
    for _ in range(20):
        if not worker.turn():
            break
    worker.stop(10)
    return inbox.mails


def event_in(mail: EmailMessage) -> Any:
    """The meeting that a mail holds."""
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REQUEST"
    calendar = Calendar.from_ical(part.get_content())
    assert calendar["METHOD"] == "REQUEST"
    (event,) = calendar.walk("VEVENT")
    return event


def test_a_meeting_is_an_invitation_in_the_mail(app: App, inbox: tuple[Inbox, int]) -> None:
    """Who is asked gets text, page and calendar entry in one mail, also where another way is theirs otherwise."""
    learning.schedule_review(
        app, "INC-1", learning.Meeting(at="2026-03-04T14:00", minutes=30, where="The pier", people="ana, ben"), ANA
    )
    mails = [mail for mail in send_all(app, inbox[0]) if "meeting" in str(mail["Subject"])]
    assert {str(mail["To"]) for mail in mails} == {"Ana <ana@ferry.example>", "Ben <ben@ferry.example>"}
    kinds = [part.get_content_type() for part in mails[0].walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html", "text/calendar"]
    assert "Wed 04 Mar, 14:00" in part_of(mails[0], "plain") and "Wed 04 Mar, 14:00" in part_of(mails[0], "html")
    event = event_in(mails[0])
    assert event.decoded("DTSTART") == datetime(2026, 3, 4, 14, 0, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
    assert re.fullmatch(r"inc-1-post-mortem-\d{8}T\d{12}@tocsin", str(event["UID"]))  # other houses have an INC-1, too
    assert (event["SEQUENCE"], str(event["LOCATION"])) == (0, "The pier")
    assert {str(each) for each in event["ATTENDEE"]} == {"mailto:ana@ferry.example", "mailto:ben@ferry.example"}
    assert str(event["ORGANIZER"]) == "mailto:tocsin@ferry.example"
    assert "https://tocsin.ferry.example/incidents/INC-1/review" in str(event["DESCRIPTION"])


def test_unless_told_everybody_who_had_to_do_with_it_is_invited(app: App, inbox: tuple[Inbox, int]) -> None:
    """Not only who was called: also who wrote a note or said yes to a command."""
    respond.move(app, "INC-1", Actor("person", "ben"), lambda incident, _: moves.note(incident, "the gate squeaks"))
    learning.schedule_review(app, "INC-1", learning.Meeting(at="2026-03-04T14:00"), ANA)
    mails = [mail for mail in send_all(app, inbox[0]) if "meeting" in str(mail["Subject"])]
    assert {str(mail["To"]) for mail in mails} == {"Ana <ana@ferry.example>", "Ben <ben@ferry.example>"}


def test_a_meeting_that_is_moved_is_the_same_meeting(app: App, inbox: tuple[Inbox, int]) -> None:
    """Calendars put it at its new time instead of beside the old one."""
    for at in ("2026-03-04T14:00", "2026-03-05T09:00"):
        learning.schedule_review(app, "INC-1", learning.Meeting(at=at, people="ana"), ANA)
    mails = [mail for mail in send_all(app, inbox[0]) if "meeting" in str(mail["Subject"])]
    first, last = sorted(map(event_in, mails), key=lambda event: int(event["SEQUENCE"]))  # both left at one moment
    assert str(first["UID"]) == str(last["UID"]) and (first["SEQUENCE"], last["SEQUENCE"]) == (0, 1)
    assert last.decoded("DTSTART") == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def test_who_is_not_needed_any_more_has_it_out_of_their_calendar(app: App, inbox: tuple[Inbox, int]) -> None:
    """Moved without ben, the meeting is cancelled for him alone; asked again, nobody is told of it twice."""
    learning.schedule_review(app, "INC-1", learning.Meeting(at="2026-03-04T14:00", people="ana, ben"), ANA)
    send_all(app, inbox[0])
    inbox[0].mails.clear()
    learning.schedule_review(app, "INC-1", learning.Meeting(at="2026-03-05T09:00", people="ana"), ANA)
    told = {str(mail["To"]): mail for mail in send_all(app, inbox[0]) if "meeting" in str(mail["Subject"])}
    assert "is moved" in str(told["Ana <ana@ferry.example>"]["Subject"])
    mail = told["Ben <ben@ferry.example>"]
    assert "you are not needed any more" in str(mail["Subject"])
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert part.get_param("method") == "CANCEL"
    (event,) = Calendar.from_ical(part.get_content()).walk("VEVENT")
    assert (str(event["STATUS"]), event["SEQUENCE"], str(event["ATTENDEE"])) == (
        "CANCELLED",
        1,
        "mailto:ben@ferry.example",
    )
    assert str(event["UID"]) == str(event_in(told["Ana <ana@ferry.example>"])["UID"])

    inbox[0].mails.clear()
    learning.schedule_review(app, "INC-1", learning.Meeting(at="2026-03-05T10:00", people="ana"), ANA)
    assert {str(mail["To"]) for mail in send_all(app, inbox[0])} == {"Ana <ana@ferry.example>"}


def test_of_a_private_incident_the_invitation_holds_its_number_alone(app: App, inbox: tuple[Inbox, int]) -> None:
    """The title of the incident stands in no part of the mail."""
    team.make_private(app, "INC-1", team.Privately(why="a name", people="ana"), ANA)
    inbox[0].mails.clear()
    learning.schedule_review(app, "INC-1", learning.Meeting(at="2026-03-04T14:00", people="ana"), ANA)
    mails = send_all(app, inbox[0])
    meeting = next(mail for mail in mails if any(part.get_content_type() == "text/calendar" for part in mail.walk()))
    assert str(event_in(meeting)["SUMMARY"]) == "Post-mortem of INC-1"
    assert "oarding" not in meeting.as_string() and "oarding" not in part_of(meeting, "html")
