"""Escalations where teams put them: below levels, in rotations and contacts, in tables of actions, in many tongues."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Escalation
from tocsin.reading import read

Told = list[tuple[str | None, float | None]]


def _read(body: str) -> tuple[Escalation, ...]:
    return read(f"# Bakery\n\n{body}\n".encode(), "bakery.md").escalations


def _told(body: str) -> Told:
    return [(one.to, one.after_minutes) for one in _read(body)]


_PLACES: list[tuple[str, str, Told]] = [
    (
        "conditions below levels",
        (
            "## Escalation\n\n### Level 1: Baker on duty (0-15 min)\n- Follow this page\n\n"
            "### Level 2: Shift lead (15-30 min)\n- If the oven stays cold\n- If nobody knows why\n\n"
            "### Level 3: Owner (30+ min)\n- If the street has no power"
        ),
        [("Baker on duty", 0), ("Shift lead", 15), ("Shift lead", 15), ("Owner", 30)],
    ),
    (
        "levels in Japanese",
        (
            "## エスカレーション\n\n### レベル1: 当番（0〜15分）\n- 手順に従う\n\n"
            "### レベル2: チームリーダー（15分後）\n- 原因が不明の場合\n\n### レベル3: 店長（1時間後）"
        ),
        [("当番", 0), ("チームリーダー", 15), ("店長", 60)],
    ),
    (
        "a rotation's second",
        (
            "## On-call rotation\n\n- **Primary:** watches the pager\n"
            "- **Secondary:** takes over if the primary doesn't answer within 10 minutes\n"
            "- Manager: Siv — called after 20 minutes without acknowledgement"
        ),
        [("Secondary", 10), ("Manager", 20)],
    ),
    (
        "a sentence among contacts",
        "## 連絡先\n\n- 当番: 090-0000-0000\n\n15分以内に当番が応答しない場合は、店長に電話してください。",
        [("店長", 15)],
    ),
    (
        "tasks of severities",
        (
            "## Response\n\n1. **Tell the crew**\n   - P0: Page Shift Lead, Owner immediately\n"
            "   - P1: Page the shift lead\n   - P2: post in the channel, no page"
        ),
        [("Shift Lead, Owner", 0), ("shift lead", None)],
    ),
    (
        "a table of actions",
        (
            "## Escalation\n\n| Severity | What to do |\n|---|---|\n| P1 | Page the owner after 15 min |\n"
            "| P2 | Call the shift lead after 1 hour |\n| P3 | Create a ticket |"
        ),
        [("owner", 15), ("shift lead", 60)],
    ),
    (
        "a table in Russian",
        "## Эскалация\n\n| Через | Кому звонить |\n|---|---|\n| 15 минут | Начальник смены |\n| 1 час | Директор |",
        [("Начальник смены", 15), ("Директор", 60)],
    ),
    (
        "dashes instead of arrows",
        (
            "## Эскалация\n\n1. Дежурный пекарь — сразу\n2. Если нет ответа 10 минут — начальник смены\n"
            "3. Если не решено за 30 минут — директор"
        ),
        [("Дежурный пекарь", 0), ("начальник смены", 10), ("директор", 30)],
    ),
    (
        "a time and a name each",
        "## Escalation\n\n- 0 min – On-call engineer\n- 10 min – Oven lead\n- 60 min – Flour office (phone only)",
        [("On-call engineer", 0), ("Oven lead", 10), ("Flour office", 60)],
    ),
    (
        "labels that ask when",
        (
            "## Escalation\n\n**Escalate to the shift lead when:**\n- oven off for more than 10 minutes\n\n"
            "**Escalate to the owner when:**\n- someone is hurt (immediately)"
        ),
        [("shift lead", 10), ("owner", 0)],
    ),
    (
        "names over conditions",
        (
            "## When to escalate\n\n- To the shift lead:\n  - no progress after 15 minutes\n  - two ovens down\n"
            "- To the owner:\n  - any injury"
        ),
        [("shift lead", 15), ("shift lead", None), ("owner", None)],
    ),
    (
        "when and who as labels",
        "## Escalation\n\n**When to escalate:** no progress after 20 minutes\n**Who:** the owner",
        [("owner", 20)],
    ),
    (
        "when to call for help",
        (
            "## When to call for help\n\n- Oven off longer than 30 minutes: call the chief engineer\n"
            "- Fire: call the fire brigade at once"
        ),
        [("chief engineer", 30), ("fire brigade", 0)],
    ),
    (
        "a value with two rungs",
        "**Escalade :** chef d'équipe après 30 min, direction après 1 h",
        [("chef d'équipe", 30), ("direction", 60)],
    ),
    ("at once, to nobody named", "**Эскалация:** Немедленная (звонок и чат)", [(None, 0)]),
    (
        "a chain of calls",
        "## 連絡フロー\n\n当番 → (15分) → リーダー → (30分) → 店長",
        [("リーダー", 15), ("店長", 30)],
    ),
    (
        "verbs of many tongues",
        (
            "## Ескалація\n\n- Через 15 хвилин без відповіді: повідомити керівника зміни\n"
            "- Якщо піч димить, негайно викликати пожежників"
        ),
        [("керівника зміни", 15), ("пожежників", 0)],
    ),
    ("a fire in German", "## Eskalation\n\n- Bei Brand: sofort Feuerwehr rufen", [("Feuerwehr", 0)]),
    ("an hour in words", "## Escalation\n\n- Dopo due ore: avvisare la direzione", [("direzione", 120)]),
    (
        "hours in Chinese words",
        "## 升级\n\n- 两小时未恢复：通知店长\n- 半小时未恢复：通知班长",
        [("店长", 120), ("班长", 30)],
    ),
]


@pytest.mark.parametrize(("body", "told"), [case[1:] for case in _PLACES], ids=[case[0] for case in _PLACES])
def test_an_escalation_is_read_where_it_stands(body: str, told: Told) -> None:
    """Who is drawn in and after how many minutes, whatever the form and the language."""
    assert _told(body) == told


_QUIET: list[tuple[str, str]] = [
    ("a console is nobody", "## Contacts\n\n| Role | Escalation |\n|---|---|\n| Cloud support | Cloud Console |"),
    ("when to call a function", "### When to call the API\n\n- If the token is old\n- If 5 minutes passed"),
    ("a page that is no pager", "## Steps\n\n- P1: page size must be below 4 kB\n- P0: Page cache is flushed"),
    (
        "messages to guests",
        "## Communication\n\n- Chat → (5 min) → status page → (30 min) → e-mail to guests\n- Update every 30 minutes",
    ),
    ("a duty of the first one", "## On-call rotation\n\n- Primary: answers within 15 minutes\n- Secondary: shadow"),
]


@pytest.mark.parametrize("body", [case[1] for case in _QUIET], ids=[case[0] for case in _QUIET])
def test_what_looks_like_an_escalation_pages_nobody(body: str) -> None:
    """Words of escalations in another sense make none: nobody is woken for a status page."""
    assert _told(body) == []


def test_a_point_below_a_level_that_acts_or_goes_on_is_no_condition_of_it() -> None:
    """ "If it persists, escalate to level 2" leads on, "If the queue is long, restart it" is a step."""
    body = (
        "## Escalation\n\n### Level 1: On-call\n- If the queue is long, restart it\n"
        "- If it persists, escalate to level 2\n\n### Level 2: Team lead\n- Phone: 555"
    )
    assert [(one.to, one.when) for one in _read(body)] == [("Team lead", "If it persists, escalate to level 2")]


def test_a_severity_that_is_raised_draws_nobody_in_and_keeps_its_level() -> None:
    """ "P2 → P1 if …", "Upgrade to P1 when …" and "升级为P1：…" name the severity, not a person."""
    body = (
        "## Escalation\n\n- P2 → P1 if more than 2 ovens are cold\n- Upgrade to P1 when the shop is closed\n"
        "- 升级为P1：超过两台烤箱"
    )
    assert [(one.to, one.severities) for one in _read(body)] == [(None, ("P1",))] * 3


def test_in_doubt_one_escalates_to_a_higher_severity_and_to_nobody() -> None:
    """A higher severity is no person."""
    assert _told("## Classify\n\n- When in doubt, escalate to the higher severity") == [(None, None)]
