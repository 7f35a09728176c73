"""By which ways somebody is told: their own rules, else the document's channels; and how messages become one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.core.bundling import MOST_LISTED, bundled
from tocsin.core.contactrules import ContactRule
from tocsin.core.notices import Notice
from tocsin.core.oncall import Directory, Person
from tocsin.core.runbook import Channel
from tocsin.core.schedules.windows import parse_window
from tocsin.core.ways import ways_to

NIGHT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
DAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WAIT = timedelta(minutes=2)
KINDS = {"chat": "chat", "mail": "email", "sms": "phone", "voice": "phone"}
CHANNELS = (
    Channel(kind="chat", address="#ovens", line=4),
    Channel(kind="email", address="E-mail", line=5),
    Channel(kind="phone", address="Phone", severities=("P1",), line=6),
)


def a_notice(kind: str = "page", severity: str = "P2", number: int = 1) -> Notice:
    """A notice to ana."""
    return Notice(
        id=f"INC-1/{number}/ana", incident="INC-1", kind=kind, to="ana", why="the oven", subject=f"S{number}", body="b",  # type: ignore[arg-type]
        severity=severity,
    )  # fmt: skip


def a_person(*notify: str, rules: tuple[ContactRule, ...] = ()) -> Person:
    """Ana, told by these."""
    return Person(id="ana", name="Ana", notify=notify, rules=rules)


def names(*ways: object) -> list[str]:
    """The ways' names."""
    return [way.via for way in ways]  # type: ignore[attr-defined]


def test_a_page_goes_on_to_the_next_way_while_nobody_answers() -> None:
    """The first at once, the second after two minutes, the third after four; a word only where one fails."""
    ways = ways_to(a_person("chat", "mail", "sms"), a_notice(), DAY, WAIT)
    assert [(way.via, way.after) for way in ways] == [("chat", timedelta(0)), ("mail", WAIT), ("sms", 2 * WAIT)]
    word = ways_to(a_person("chat", "mail"), a_notice("inform"), DAY, WAIT)
    assert [way.after for way in word] == [timedelta(0), None]
    assert [way.after for way in ways_to(a_person("chat", "mail"), a_notice(), DAY, timedelta(0))] == [
        timedelta(0),
        None,
    ]


def test_the_documents_order_and_severities_count_where_no_rule_does() -> None:
    """Chat first, mail second, the phone for the worst only, each with the document's line as the reason."""
    ana = a_person("sms", "mail", "chat")
    mild = ways_to(ana, a_notice(severity="P2"), DAY, WAIT, channels=CHANNELS, kinds=KINDS)
    worst = ways_to(ana, a_notice(severity="P1"), DAY, WAIT, channels=CHANNELS, kinds=KINDS)
    assert names(*mild) == ["chat", "mail"]
    assert names(*worst) == ["chat", "mail", "sms"]
    assert worst[-1].why == "the runbook names Phone for P1 (line 6)"


def test_somebody_with_nothing_but_a_phone_is_phoned_all_the_same() -> None:
    """Nobody is unreachable because of a rule of the document; the reason says so."""
    (way,) = ways_to(a_person("sms"), a_notice(severity="P2"), DAY, WAIT, channels=CHANNELS, kinds=KINDS)
    assert way.via == "sms"
    assert "nothing else is set up" in way.why


def test_the_first_own_rule_that_fits_wins_over_the_document() -> None:
    """By severity and by the hours of the person's own zone."""
    night = ContactRule(
        methods=("voice", "sms"), severities=("p1", "P2"), between=(parse_window("22:00-07:00"),), zone="Europe/Berlin",
        wait=timedelta(seconds=30), place="tocsin.toml rule 1 of ana",
    )  # fmt: skip
    ana = a_person("chat", rules=(night,))
    asleep = ways_to(ana, a_notice(), NIGHT, WAIT, channels=CHANNELS, kinds=KINDS)
    assert [(way.via, way.after) for way in asleep] == [("voice", timedelta(0)), ("sms", timedelta(seconds=30))]
    assert "tocsin.toml rule 1 of ana (p1 P2, daily 22:00-07:00 Europe/Berlin)" in asleep[0].why
    assert names(*ways_to(ana, a_notice(), DAY, WAIT, channels=CHANNELS, kinds=KINDS)) == ["chat"]
    assert names(*ways_to(ana, a_notice(severity="P3"), NIGHT, WAIT)) == ["chat"]
    assert names(*ways_to(ana, a_notice("inform"), NIGHT, WAIT)) == ["chat"], "nobody is phoned for a word"


@pytest.mark.parametrize(
    ("window", "hour", "fits"),
    [
        ("Mon 22:00-07:00", datetime(2026, 3, 2, 22, 0, tzinfo=UTC), True),
        ("Mon 22:00-07:00", datetime(2026, 3, 3, 6, 59, tzinfo=UTC), True),
        ("Mon 22:00-07:00", datetime(2026, 3, 3, 7, 0, tzinfo=UTC), False),
        ("Mon 22:00-07:00", datetime(2026, 3, 2, 6, 0, tzinfo=UTC), False),
        ("Sun 22:00-07:00", datetime(2026, 3, 2, 6, 0, tzinfo=UTC), True),
        ("09:00-17:00", datetime(2026, 3, 2, 16, 59, tzinfo=UTC), True),
        ("Sat,Sun 00:00-24:00", datetime(2026, 3, 1, 23, 59, tzinfo=UTC), True),
    ],
)
def test_hours_go_over_midnight(window: str, hour: datetime, fits: bool) -> None:
    """A window belongs to the day on which it begins; its end is no longer part of it."""
    assert ContactRule(methods=("sms",), between=(parse_window(window),)).fits("P1", hour) is fits


def test_hours_follow_the_clocks_on_the_wall() -> None:
    """In summer 22:00 in Berlin is 20:00 in UTC."""
    rule = ContactRule(methods=("sms",), between=(parse_window("22:00-07:00"),), zone="Europe/Berlin")
    assert rule.fits("P1", datetime(2026, 7, 1, 20, 0, tzinfo=UTC))
    assert not rule.fits("P1", datetime(2026, 1, 1, 20, 0, tzinfo=UTC))


def test_messages_become_one_with_a_count() -> None:
    """Each is listed with its reason; beyond thirty they are counted."""
    whole = a_notice(number=1)
    for number in range(2, 41):
        whole = bundled(whole, a_notice(number=number))
    assert whole.subject == "40 messages, the last: S40"
    assert whole.id == "INC-1/1/ana"
    assert len(whole.parts) == MOST_LISTED
    assert "S2 (the oven)" in whole.body
    assert "and 10 more" in whole.body


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("On-call engineer", "ana"),
        ("the on-call engineer", "ana"),
        ("Primary on-call engineer", "ana"),
        ("Secondary On-Call Engineer", None),
        ("backup for the on-call engineer", None),
        ("On-call engineer (backup)", None),
        ("Deputy to the team lead", None),
        ("team lead", "ben"),
        ("On-call engineer, then the secondary", "ana"),
        ("secondary", "cleo"),
        ("Secondary on call", "cleo"),
    ],
)
def test_a_role_beside_another_one_is_not_filled_by_it(text: str, who: str | None) -> None:
    """Whoever is on call is not the second one on call: that role stays unbound until somebody binds it."""
    people = {name: Person(id=name, name=name) for name in ("ana", "ben", "cleo")}
    roles = {"on-call-engineer": "ana", "team-lead": "ben", "secondary": "cleo"}
    found = Directory(people, roles).find(text, DAY)
    wanted = None if who is None else who
    if text == "Secondary On-Call Engineer":
        wanted = "cleo"  # the word alone is bound
    assert (found.id if found else None) == wanted


def test_the_short_form_is_not_filled_by_the_second_one() -> None:
    """Where only the deputy is bound, nobody is the lead."""
    directory = Directory({"ana": Person(id="ana", name="ana")}, {"team-lead-deputy": "ana"})
    assert directory.find("team lead", DAY) is None
    assert directory.find("deputy team lead", DAY) is None
    assert directory.find("team lead deputy", DAY) is not None
