"""Escalations in tables and drawings: by the columns, in boxes and trees, along arrows."""

from __future__ import annotations

import pytest

from tocsin.reading import read

Told = list[tuple[str | None, float | None]]


def _under(title: str, body: str) -> Told:
    book = read(f"# Bakery\n\n## {title}\n\n{body}\n".encode(), "bakery.md")
    return [(one.to, one.after_minutes) for one in book.escalations]


_TABLES: list[tuple[str, str, str, Told]] = [
    (
        "role and when",
        "Contacts",
        ("| Role | Phone | When |\n|---|---|---|\n| Shift lead | 1 | No answer in 10 min |\n| Owner | 2 | Any fire |"),
        [("Shift lead", 10), ("Owner", None)],
    ),
    (
        "time and who",
        "Escalation",
        "| Elapsed | Who |\n|---|---|\n| 0-15 min | On-call baker |\n| > 15 min | Shift lead |",
        [("On-call baker", 0), ("Shift lead", 15)],
    ),
    (
        "severity column",
        "Severity Levels",
        (
            "| Severity | Means | Response Time | Escalation |\n|---|---|---|---|\n"
            "| P1 | no bread | 5 min | Owner, immediately |\n"
            "| P2 | late bread | 1 h | Shift lead after 30 min |\n"
            "| P3 | stale bread | 1 day | Create ticket |"
        ),
        [("Owner", 0), ("Shift lead", 30)],
    ),
    (
        "notify column",
        "Severity Levels",
        (
            "| Severity | Response | Notify |\n|---|---|---|\n| P1 | 5 min | Owner + shift lead |\n"
            "| P2 | 1 h | Shift lead |\n| P3 | 1 d | N/A |"
        ),
        [("Owner + shift lead", None), ("Shift lead", None)],
    ),
    (
        "waiting column",
        "Alerts",
        (
            "| Alert | Response Time | Escalation |\n|---|---|---|\n| OvenCold | 5 min | 20 min |\n"
            "| DoughDry | 30 min | 1 hour |"
        ),
        [(None, 20), (None, 60)],
    ),
    (
        "level table with response times",
        "Escalation Matrix",
        (
            "| Level | Contact | Response Time |\n|---|---|---|\n| L1 | On-call baker | 15 min |\n"
            "| L2 | Shift lead | 30 min |"
        ),
        [("On-call baker", None), ("Shift lead", None)],
    ),
    (
        "trigger and target",
        "Escalation",
        ("| Trigger | Escalate To |\n|---|---|\n| Unresolved for 45 min | Shift lead |\n| Fire | Fire brigade |"),
        [("Shift lead", 45), ("Fire brigade", None)],
    ),
    (
        "issue and target",
        "Escalation Paths",
        (
            "| Issue | Escalate to | Contact |\n|---|---|---|\n| Oven | Oven team | #oven |\n"
            "| Till | Finance team | #till |"
        ),
        [("Oven team", None), ("Finance team", None)],
    ),
    (
        "duration and action",
        "Escalation",
        (
            "| Duration | Action |\n|---|---|\n| 0-10 min | On-call works alone |\n"
            "| 10-30 min | Escalate to shift lead |\n| 30+ min | Page the owner |"
        ),
        [("On-call", 0), ("shift lead", 10), ("owner", 30)],
    ),
    (
        "turned round, who",
        "Severity Levels",
        (
            "| | P1 | P2 | P3 |\n|---|---|---|---|\n| Response time | 5 min | 1 h | 1 d |\n"
            "| Escalation | Owner | Shift lead | none |"
        ),
        [("Owner", None), ("Shift lead", None)],
    ),
    (
        "turned round, when",
        "Escalation",
        ("| Who | P1 | P2 |\n|---|---|---|\n| Shift lead | immediately | 30 min |\n| Owner | 15 min | 2 hours |"),
        [("Shift lead", 0), ("Shift lead", 30), ("Owner", 15), ("Owner", 120)],
    ),
    (
        "header times",
        "Severity Levels",
        (
            "| Severity | First | Escalation (15 min) | Escalation (1 h) |\n|---|---|---|---|\n"
            "| P1 | On-call | Shift lead | Owner |\n"
        ),
        [("Shift lead", 15), ("Owner", 60)],
    ),
    (
        "escalate after",
        "Severity Levels",
        ("| Severity | Response | Escalate After |\n|---|---|---|\n| P1 | 5 min | 30 min |\n| P2 | 1 h | 4 h |"),
        [(None, 30), (None, 240)],
    ),
    (
        "card",
        "Overview",
        "| | |\n|---|---|\n| **Escalation** | Shift lead (after 20 min) → Owner (after 1 h) |",
        [("Shift lead", 20), ("Owner", 60)],
    ),
    (
        "french severity table",
        "Classification",
        (
            "| Niveau | Délai de réponse | Escalade |\n|---|---|---|\n| P1 | 15 min | Direction |\n"
            "| P2 | 1 h | Chef d'équipe |\n| P3 | 1 j | Aucune |"
        ),
        [("Direction", None), ("Chef d'équipe", None)],
    ),
    (
        "german time table",
        "Eskalation",
        "| Zeit | Rolle |\n|---|---|\n| sofort | Rufbereitschaft |\n| nach 30 Minuten | Teamleitung |",
        [("Rufbereitschaft", 0), ("Teamleitung", 30)],
    ),
    (
        "chinese time table",
        "升级流程",
        "| 时间 | 联系人 |\n|---|---|\n| 立即 | 值班工程师 |\n| 30分钟 | 技术经理 |",
        [("值班工程师", 0), ("技术经理", 30)],
    ),
    (
        "japanese time table",
        "エスカレーション",
        "| 経過時間 | 連絡先 |\n|---|---|\n| 15分 | チームリーダー |\n| 1時間 | 部長 |",
        [("チームリーダー", 15), ("部長", 60)],
    ),
]


@pytest.mark.parametrize(("title", "body", "expected"), [one[1:] for one in _TABLES], ids=[one[0] for one in _TABLES])
def test_a_table_tells_by_its_columns(title: str, body: str, expected: Told) -> None:
    """A waiting time is no response time, and rows without a person draw nobody in."""
    assert _under(title, body) == expected


_FENCES: list[tuple[str, str, Told]] = [
    ("ranked chain", "L1: On-call baker → L2: Shift lead → L3: Owner\n", [("Shift lead", None), ("Owner", None)]),
    (
        "tree",
        "OVEN FIRE:\n  ├─ Owner → call at once\n  └─ Safety officer → evacuate\n",
        [("Owner", 0), ("Safety officer", None)],
    ),
    (
        "boxes",
        (
            "+----------------+\n| On-call baker  |\n+----------------+\n        |\n"
            "        v (not solved in 20 min)\n+----------------+\n|   Shift lead   |\n+----------------+\n"
            "        |\n        v (1 hour)\n+----------------+\n|     Owner      |\n+----------------+\n"
        ),
        [("Shift lead", 20), ("Owner", 60)],
    ),
    (
        "unicode boxes",
        (
            "┌───────────────┐\n│ On-call baker │\n└───────┬───────┘\n        │ 15 min\n        ▼\n"
            "┌───────────────┐\n│  Shift lead   │\n└───────────────┘\n"
        ),
        [("Shift lead", 15)],
    ),
    ("one line", "On-call baker → Shift lead → Owner\n", [("Shift lead", None), ("Owner", None)]),
    (
        "one line with times",
        "On-call baker --(15 min)--> Shift lead --(1 hour)--> Owner\n",
        [("Shift lead", 15), ("Owner", 60)],
    ),
    (
        "arrows down",
        (
            "Level 1: On-call baker (0-15 min)\n    ↓\nLevel 2: Shift lead (15-60 min)\n    ↓\n"
            "Level 3: Owner (60+ min)\n"
        ),
        [("On-call baker", 0), ("Shift lead", 15), ("Owner", 60)],
    ),
    (
        "arrow points",
        "P1:\n  -> Page the owner immediately\n  -> Post in #bakery\nP2:\n  -> Notify the shift lead\n",
        [("owner", 0), ("shift lead", None)],
    ),
    (
        "times",
        "0 min   → On-call baker\n15 min  → Shift lead\n60 min  → Owner\n",
        [("On-call baker", 0), ("Shift lead", 15), ("Owner", 60)],
    ),
]


@pytest.mark.parametrize(("drawing", "expected"), [one[1:] for one in _FENCES], ids=[one[0] for one in _FENCES])
def test_a_drawing_is_read_from_the_top(drawing: str, expected: Told) -> None:
    """The first level of a chain escalates to nobody unless it has a time."""
    assert _under("Escalation Path", f"```\n{drawing}```") == expected


def test_a_mermaid_graph_is_read_by_its_edges() -> None:
    """The words on an edge are the condition; boxes that are no people draw nobody in."""
    graph = (
        "graph TD\n    A[On-call baker] -->|15 min| B[Shift lead]\n    B -- 1 hour --> C(Owner)\n"
        "    A --> D[Check the oven]\n    C -->|fire| E{Safety officer}\n"
    )
    assert _under("Escalation Path", f"```mermaid\n{graph}```") == [
        ("Shift lead", 15),
        ("Owner", 60),
        ("Safety officer", None),
    ]


def test_a_matrix_of_roles_draws_in_whom_its_cells_name() -> None:
    """A column for each role; the legend says what a sign means, and the first responder escalates to nobody."""
    table = (
        "| Incident | Primary On-Call | Shift Lead | Director |\n|---|---|---|---|\n"
        "| P1 - no bread | ✅ Responds | ✅ Paged | 📧 Told |\n| P1 - fire | ✅ Responds | ✅ Paged | ✅ Paged |\n"
        "| P2 - late bread | ✅ Responds | 📞 Available | - |\n\n**Legend:**\n- ✅ Paged immediately\n- 📧 By e-mail\n"
    )
    assert _under("Escalation Matrix", table) == [
        ("Shift Lead", 0),
        ("Director", None),
        ("Shift Lead", 0),
        ("Director", 0),
    ]


def test_boxes_side_by_side_are_read_one_by_one() -> None:
    """A name of two lines stays one; the first responder is where the ladder begins."""
    drawing = (
        "        ┌──────────┐\n        │   Owner  │\n        └────┬─────┘\n      ┌──────┴──────┐\n"
        "┌─────┴─────┐ ┌─────┴─────┐\n│ Dough     │ │ Oven      │\n│ Lead      │ │ Engineer  │\n"
        "└─────┬─────┘ └─────┬─────┘\n      ┌─────┴──────┐\n      │ On-Call    │\n      │ Engineer   │\n"
        "      └────────────┘\n"
    )
    assert _under("Escalation Hierarchy", f"```\n{drawing}```") == [
        ("Owner", None),
        ("Dough Lead", None),
        ("Oven Engineer", None),
    ]


def test_a_mermaid_sequence_is_read_by_its_messages() -> None:
    """Only those that draw a person in; a block around them gives the time."""
    body = (
        "sequenceDiagram\n  participant A as On-call engineer\n  participant B as Shift manager\n"
        "  participant C as Oven\n"
        "  A->>C: Restart\n  alt after 20 min\n  A->>B: Page\n  end\n  B->>A: Thank you\n"
    )
    assert _under("Escalation Path", f"```mermaid\n{body}```") == [("Shift manager", 20)]


def test_an_escalation_column_stands_before_a_notify_column() -> None:
    """Who is notified is an entry too, without the waiting time."""
    table = (
        "| Severity | Notify | Escalate after | Escalate to |\n|---|---|---|---|\n"
        "| P1 | Shift lead | 15 min | Director |\n"
    )
    assert sorted(_under("Severity Levels", table), key=str) == [("Director", 15), ("Shift lead", None)]
