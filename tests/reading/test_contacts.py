"""Contacts, rotations and channels in the shapes in which teams write them down."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Contact, Runbook
from tocsin.reading import read


def _book(text: str) -> Runbook:
    return read(text.encode(), "library.md")


def _contacts(title: str, body: str) -> tuple[Contact, ...]:
    return _book(f"# Library\n\n## {title}\n\n{body}\n").contacts


_SHAPES = [
    ("bold role", "Contacts", "- **Head librarian**: Ana Alves"),
    ("plain role", "Emergency Contacts", "- Head librarian: Ana Alves"),
    ("table", "Contacts", "| Role | Name | Phone |\n|---|---|---|\n| Head librarian | Ana Alves | +49 30 555 0101 |"),
    (
        "name first",
        "Contacts",
        "| Name | Role | Email |\n|---|---|---|\n| Ana Alves | Head librarian | ana@library.example |",
    ),
    ("card of a list", "Contacts", "- **Head librarian**\n  - Name: Ana Alves\n  - Phone: +49 30 555 0101"),
    ("card of a label", "Contacts", "**Head librarian:**\n- Name: Ana Alves\n- Slack: @ana"),
    ("card of a heading", "Who to call", "### Head librarian\n- Name: Ana Alves\n- Email: ana@library.example"),
    (
        "german",
        "Ansprechpartner",
        "| Rolle | Name | Telefon |\n|---|---|---|\n| Head librarian | Ana Alves | 030 555 0101 |",
    ),
    ("chinese", "紧急联系人", "| 角色 | 姓名 | 电话 |\n|---|---|---|\n| Head librarian | Ana Alves | 030 555 0101 |"),
]


@pytest.mark.parametrize(("title", "body"), [one[1:] for one in _SHAPES], ids=[one[0] for one in _SHAPES])
def test_a_contact_is_a_role_and_how_to_reach_it(title: str, body: str) -> None:
    """One contact, whatever the shape: the role is never taken for the name."""
    (one,) = _contacts(title, body)
    assert (one.role, one.name) == ("Head librarian", "Ana Alves")


def test_fields_are_told_by_their_labels() -> None:
    """Mail, chat and phone from a table with a column for each."""
    body = (
        "| Team | Slack | Email | Phone |\n|---|---|---|---|\n"
        "| Reading room | #reading | r@library.example | +49 30 555 0101 |"
    )
    (one,) = _contacts("Contacts", body)
    assert (one.role, one.chat, one.email, one.phone) == (
        "Reading room",
        "#reading",
        "r@library.example",
        "+49 30 555 0101",
    )


@pytest.mark.parametrize("gap", ["TBD", "[phone]", "<phone>", "+1-XXX-XXX-XXXX", "___", "-"])
def test_what_is_not_filled_in_is_named(gap: str) -> None:
    """A gap is no phone number."""
    (one,) = _contacts("Contacts", f"| Role | Name | Phone |\n|---|---|---|\n| Porter | Ben | {gap} |")
    assert one.phone is None
    assert one.unfilled == ("phone",)


def test_a_template_of_a_contact_form_is_no_contact() -> None:
    """A form that readers fill in reaches nobody."""
    assert _contacts("Contact Form Template", "- Name: Ana\n- Phone: 1") == ()


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("Weekly rotation, handover on Mondays", "week"),
        ("Each librarian is on call for one week", "week"),
        ("Rotates every 2 weeks", "two weeks"),
        ("7-day shifts", "week"),
        ("Wöchentlicher Wechsel", "week"),
        ("Rotación semanal", "week"),
        ("每周轮换", "week"),
        ("격주 교대", "two weeks"),
        ("Daily, 08:00 to 08:00", "day"),
    ],
)
def test_a_rotation_says_how_often_the_duty_changes(text: str, every: str) -> None:
    """Words for periods in several languages; and lengths of a shift."""
    book = _book(f"# L\n\n## On-Call Rotation\n\n- {text}\n- P1: 24/7\n")
    assert book.rotation is not None
    assert book.rotation.every == every


@pytest.mark.parametrize(
    "body",
    [
        "- 24/7 for P1, business hours for P2",
        "- P1: 24/7\n- P2: business hours",
        "| Severity | Coverage |\n|---|---|\n| P1 | 24/7 |\n| P2 | business hours |",
        "**P1:** 24/7\n\n**P2:** business hours",
    ],
)
def test_coverage_says_when_which_severity_is_covered(body: str) -> None:
    """The hours may stand before or behind the severity."""
    book = _book(f"# L\n\n## On-Call Rotation\n\n{body}\n")
    assert book.rotation is not None
    assert [(one.severities, one.hours) for one in book.rotation.coverage] == [
        (("P1",), "24/7"),
        (("P2",), "business hours"),
    ]


def test_channels_are_for_severities() -> None:
    """From lists and tables; several rooms in one cell are several channels."""
    body = "| Severity | Channel |\n|---|---|\n| P1 | #fire, #library |\n| P2 | #library |"
    book = _book(f"# L\n\n## Communication Channels\n\n{body}\n")
    assert [(one.address, one.severities) for one in book.channels] == [
        ("#fire", ("P1",)),
        ("#library", ("P1",)),
        ("#library", ("P2",)),
    ]
    book = _book("# L\n\n## Alert Channels\n\n- **Email**: desk@library.example for P3\n- PagerDuty: P1\n")
    assert [(one.kind, one.address) for one in book.channels] == [
        ("email", "desk@library.example"),
        ("pager", "PagerDuty"),
    ]
