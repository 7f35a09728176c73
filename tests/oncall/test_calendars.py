"""Calendars as text: written so that others read them, and read as others write them."""

from __future__ import annotations

import http.server
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oncall import ferry
from tests.oncall.ferry import BEGIN
from tocsin.app import App
from tocsin.core.schedules import Shift
from tocsin.errors import Invalid
from tocsin.plug import icalendars
from tocsin.service import calendars, duty, oncall

LISBON = "Europe/Lisbon"
AHEAD = BEGIN + timedelta(days=60)


def calendar(*events: str) -> str:
    inside = "".join(f"BEGIN:VEVENT\r\nDTSTAMP:20261101T000000Z\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//ferry//EN\r\n{inside}END:VCALENDAR\r\n"


def event(uid: str, *lines: str) -> str:
    return "\r\n".join((f"UID:{uid}", *lines))


def read(text: str) -> list[tuple[str, str, str]]:
    found = icalendars.read(text, LISBON, BEGIN - timedelta(days=1), AHEAD)
    assert found.problems == ()
    return [(f"{each.begins:%m-%dT%H:%M}", f"{each.ends:%m-%dT%H:%M}", each.names[0]) for each in found.entries]


def test_an_event_is_a_shift_in_whatever_way_it_tells_its_time() -> None:
    """In UTC, in a zone, on the wall, as a whole day, with a duration; a cancelled one is none."""
    text = calendar(
        event("1", "SUMMARY:Ana", "DTSTART:20261201T090000Z", "DTEND:20261201T170000Z"),
        event("2", "SUMMARY:Ben", "DTSTART;TZID=America/New_York:20261202T090000", "DURATION:PT8H"),
        event("3", "SUMMARY:Zoe", "DTSTART:20261203T090000", "DTEND:20261203T100000"),
        event("4", "SUMMARY:Ana", "DTSTART;VALUE=DATE:20261204", "DTEND;VALUE=DATE:20261206"),
        event("5", "SUMMARY:Ben", "DTSTART;VALUE=DATE:20261207"),
        event("6", "SUMMARY:no", "DTSTART:20261208T090000Z", "DTEND:20261208T170000Z", "STATUS:CANCELLED"),
    )
    assert read(text) == [
        ("12-01T09:00", "12-01T17:00", "Ana"),
        ("12-02T14:00", "12-02T22:00", "Ben"),
        ("12-03T09:00", "12-03T10:00", "Zoe"),
        ("12-04T00:00", "12-06T00:00", "Ana"),
        ("12-07T00:00", "12-08T00:00", "Ben"),
    ]


def test_a_rule_of_weeks_repeats_on_the_wall_with_exceptions_and_moved_ones() -> None:
    """Every other Monday from October on, over the end of summer time; one left out, one moved."""
    rule = event(
        "1", "SUMMARY:Ana", "DTSTART;TZID=Europe/Lisbon:20261019T090000", "DTEND;TZID=Europe/Lisbon:20261019T170000",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20270104T090000Z", "EXDATE;TZID=Europe/Lisbon:20261214T090000",
    )  # fmt: skip
    moved = event(
        "1", "SUMMARY:Ben", "RECURRENCE-ID;TZID=Europe/Lisbon:20261130T090000", "DTSTART:20261201T100000Z",
        "DTEND:20261201T110000Z",
    )  # fmt: skip
    assert read(calendar(rule, moved)) == [
        ("12-01T10:00", "12-01T11:00", "Ben"), ("12-28T09:00", "12-28T17:00", "Ana"),
    ]  # fmt: skip


def test_a_shift_over_the_change_of_the_clocks_ends_on_the_wall() -> None:
    """From nine to nine, and an hour shorter in March."""
    text = calendar(
        event(
            "1", "SUMMARY:A", "DTSTART;TZID=Europe/Berlin:20260301T090000", "DURATION:P1D", "RRULE:FREQ=DAILY;COUNT=60"
        )
    )
    found = icalendars.read(text, LISBON, datetime(2026, 3, 28, 8, tzinfo=UTC), datetime(2026, 3, 29, 7, tzinfo=UTC))
    assert [each.ends - each.begins for each in found.entries] == [timedelta(hours=23)]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("RRULE:FREQ=SECONDLY",), "is not read"),
        (("RRULE:FREQ=DAILY;BYHOUR=1,2,3",), "is not read"),
        (("RRULE:FREQ=DAILY;BYSECOND=1",), "is not read"),
        (("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), "several rules"),
        (("DTEND:20261101T080000Z",), "ends before it begins"),
    ],
)
def test_what_is_not_understood_is_left_out_and_told(lines: tuple[str, ...], says: str) -> None:
    """The other events count."""
    start = "DTSTART:20261130T090000Z"
    own = () if any(line.startswith("DTEND") for line in lines) else ("DTEND:20261130T100000Z",)
    good = event("2", "SUMMARY:Ben", start, "DTEND:20261130T100000Z")
    found = icalendars.read(calendar(event("1", "SUMMARY:Odd", start, *own, *lines), good), LISBON, BEGIN, AHEAD)
    assert [each.names[0] for each in found.entries] == ["Ben"]
    assert len(found.problems) == 1
    assert says in found.problems[0]
    assert "“Odd”" in found.problems[0]


@pytest.mark.parametrize("text", ["", "<html>", "BEGIN:VCALENDAR", "BEGIN:VTODO\r\nEND:VTODO\r\n", "\x00"])
def test_what_is_no_calendar_is_refused(text: str) -> None:
    """With a sentence."""
    with pytest.raises(Invalid, match="calendar"):
        icalendars.read(text, LISBON, BEGIN, AHEAD)


@given(lines=st.lists(st.text(max_size=60), max_size=6))
@settings(max_examples=150, deadline=None)
def test_whatever_stands_in_an_event_is_entries_or_problems(lines: list[str]) -> None:
    """Hostile text never gets further than a refusal."""
    text = calendar(event("1", "SUMMARY:A", "DTSTART:20261130T090000Z", "DTEND:20261130T100000Z", *lines))
    try:
        found = icalendars.read(text, LISBON, BEGIN, AHEAD)
    except Invalid:
        return
    assert len(found.entries) <= 10


def test_a_rule_that_never_comes_true_ends_quickly() -> None:
    """The thirtieth of February is looked for in the time that is asked for, not for ever."""
    text = calendar(
        event("1", "SUMMARY:A", "DTSTART:19700101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    )
    assert icalendars.read(text, LISBON, BEGIN, AHEAD).entries == ()


def test_what_is_written_can_be_read_again_whatever_the_names() -> None:
    """Stable names for shifts, CRLF, lines of 75 octets at most, hostile names as text."""
    name = 'Ana; "the", captain\nBEGIN:VEVENT' + "ö" * 80
    shift = Shift(begins=BEGIN, ends=BEGIN + timedelta(hours=8), person="ana", why="week 48")
    feed = icalendars.Feed(name="primary", shifts=[("primary", shift)], at=BEGIN, ends=AHEAD, titles={"ana": name})
    text = icalendars.write(feed)
    assert text == icalendars.write(feed)
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert text.count(b"\r\nBEGIN:VEVENT") == 1
    (found,) = icalendars.read(text.decode(), LISBON, BEGIN, AHEAD).entries
    assert (found.begins, found.ends) == (shift.begins, shift.ends)
    assert found.names[0].startswith('Ana; "the", captain BEGIN:VEVENTö')


def test_an_imported_calendar_is_the_lowest_layer_and_its_last_copy_counts(tmp_path: Path) -> None:
    """Names and addresses mean people, unknown ones are told; a source that is down leaves the last good copy."""
    plan = tmp_path / "vendor.ics"
    config = ferry.CONFIG.replace("[schedules.night]", '[schedules.vendor]\nics = "vendor.ics"\n[schedules.night]')
    app, clock = ferry.enter(tmp_path, config)
    try:
        assert "The calendar of vendor was not read yet." in oncall.overview(app).problems
        plan.write_text(
            calendar(
                event("1", "SUMMARY:On call", "ATTENDEE:mailto:ANA@ferry.example", "DTSTART:20261124T000000Z",
                      "DTEND:20261125T000000Z"),
                event("2", "SUMMARY:Eve", "DTSTART:20261125T000000Z", "DTEND:20261126T000000Z"),
            ),
            "utf-8",
        )  # fmt: skip
        clock.at += timedelta(minutes=11)

        assert calendars.refresh(app) == {"vendor": ""}

        directory = duty.directory_now(app)
        filled = directory.filled("vendor", clock.at)
        assert filled.person is not None
        assert (filled.person.id, filled.why) == ("ana", "Ana is on call by vendor, as the calendar says: On call")
        eve = directory.filled("vendor", BEGIN + timedelta(days=1))
        assert eve.person is None
        assert "'Eve' is on call by vendor and is nobody under [people]" in eve.why
        assert "“Eve” stands in the calendar of vendor and is nobody under [people]." in oncall.overview(app).problems

        plan.write_text("gone", "utf-8")
        clock.at += timedelta(minutes=5)
        assert calendars.refresh(app) == {}  # not due yet
        clock.at += timedelta(hours=2)
        assert "calendar" in calendars.refresh(app)["vendor"]
        found = duty.directory_now(app).find("vendor", clock.at)
        assert found is not None
        told = [each for each in oncall.overview(app).problems if "last copy counts, 2 h 05 min old" in each]
        assert len(told) == 1
        assert str(tmp_path) not in told[0]
    finally:
        app.db.close()


def test_an_address_inside_is_not_asked_unless_it_is_allowed(tmp_path: Path) -> None:
    """The guard of every request that leaves; the secret of the address is not repeated."""
    address = "http://127.0.0.1:9/secret-rota.ics"
    config = ferry.CONFIG.replace("[schedules.night]", f'[schedules.vendor]\nics = "{address}"\n[schedules.night]')
    app, _ = ferry.enter(tmp_path, config)
    try:
        problem = calendars.refresh(app)["vendor"]
        assert "127.0.0.1" in problem
        assert "secret-rota" not in problem
    finally:
        app.db.close()


class Rota(http.server.BaseHTTPRequestHandler):
    """Somebody else's calendar: its status and body are what the test says."""

    status, body = 200, b""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_calendar_at_an_address_is_read_again_and_again(tmp_path: Path) -> None:
    """Its last good copy survives a server that is down, one that says something else, and one that says too much."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rota) as server:
        Rota.status = 200
        Rota.body = calendar(event("1", "SUMMARY:Ben", "DTSTART:20261124T000000Z", "DTEND:20261128T000000Z")).encode()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        table = f'[schedules.vendor]\nics = "http://127.0.0.1:{server.server_port}/rota"\nallow = ["127.0.0.0/8"]\n'
        app, clock = ferry.enter(tmp_path, ferry.CONFIG.replace("[schedules.night]", f"{table}[schedules.night]"))
        try:
            assert calendars.refresh(app) == {"vendor": ""}
            bodies = (b"", b"<html>", b"\xff\xfe", calendar().encode() + b" " * icalendars.LARGEST)
            for status, body in ((503, Rota.body), *((200, body) for body in bodies)):
                Rota.status, Rota.body = status, body
                clock.at += timedelta(minutes=11)
                assert calendars.refresh(app)["vendor"] != ""
                person = duty.directory_now(app).find("vendor", clock.at)
                assert person is not None
                assert person.id == "ben"
        finally:
            app.db.close()
            server.shutdown()


@pytest.mark.parametrize(
    ("title", "person"),
    [
        ("On call: Ana", "ana"), ("Ana on call: primary", "ana"), ("On Call - Ben - Ferries", "ben"),
        ("BEN (backup)", "ben"), ("Ana | Ben", None), ("Anabel", None), ("Ana's dentist", None),
        ("week of the ferry", None),
    ],
)  # fmt: skip
def test_a_title_means_the_one_person_who_is_a_whole_part_of_it(app: App, title: str, person: str | None) -> None:
    """As calendars write it around the name; of two people, or of half a name, nobody guesses."""
    entry = icalendars.CalendarEntry(begins=BEGIN, ends=AHEAD, names=(title,))
    (shift,) = duty.shifts_of(app.settings.directory, [entry])
    assert shift.person == (person or title)


def test_a_guest_is_known_by_name_where_the_address_says_nothing() -> None:
    """What a calendar program shows of a guest counts, too."""
    text = calendar(
        event(
            "1", "SUMMARY:Duty", 'ATTENDEE;CN="Ben":mailto:b@else.example', "DTSTART:20261201T090000Z", "DURATION:PT1H"
        )
    )
    (entry,) = icalendars.read(text, LISBON, BEGIN, AHEAD).entries
    assert entry.names == ("Duty", "b@else.example", "Ben")
