"""Escalations in the forms in which teams write them, and what looks like one and isn't."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Escalation
from tocsin.reading import read

Told = list[tuple[str | None, float | None]]


def _told(text: str) -> tuple[Escalation, ...]:
    return read(text.encode(), "bakery.md").escalations


def _under(title: str, body: str) -> Told:
    return [(one.to, one.after_minutes) for one in _told(f"# Bakery\n\n## {title}\n\n{body}\n")]


_LISTS: list[tuple[str, str, Told]] = [
    (
        "time, then verb",
        "- After 20 minutes: page the head baker\n- After 2 h: escalate to the owner",
        [("head baker", 20), ("owner", 120)],
    ),
    (
        "bold bands",
        (
            "1. **0–10 min**: Oven operator handles it alone\n2. **10–25 min**: Escalate to shift lead\n"
            "3. **25+ min**: Escalate to Bakery Director"
        ),
        [("Oven operator", 0), ("shift lead", 10), ("Bakery Director", 25)],
    ),
    (
        "first, then later",
        "- First 10 minutes: On-call baker responds\n- Then, after 20 minutes: page the dough team",
        [("On-call baker", 0), ("dough team", 20)],
    ),
    (
        "condition first",
        "- If the oven stays cold for 15 min, page the oven vendor\n- If flour runs out, call the Purchasing Manager",
        [("oven vendor", 15), ("Purchasing Manager", None)],
    ),
    (
        "verb, then condition",
        "- Page the shift lead if no progress in 30 minutes\n- Escalate to Marta when customers queue outside",
        [("shift lead", 30), ("Marta", None)],
    ),
    (
        "at once",
        "- Fire alarm: page the safety officer immediately\n- P1: call the owner right away",
        [("safety officer", 0), ("owner", 0)],
    ),
    (
        "levels",
        "1. **Level 1**: On-call baker\n2. **Level 2**: Shift lead\n3. **Level 3**: Owner",
        [("Shift lead", None), ("Owner", None)],
    ),
    (
        "levels with times",
        "- L1 (0-15 min): On-call baker\n- L2 (15-45 min): Shift lead\n- L3 (45+ min): Bakery Director",
        [("On-call baker", 0), ("Shift lead", 15), ("Bakery Director", 45)],
    ),
    (
        "names with times",
        "1. On-call baker (immediately)\n2. Shift lead (after 15 minutes)\n3. Owner (after 1 hour)",
        [("On-call baker", 0), ("Shift lead", 15), ("Owner", 60)],
    ),
    ("names in a chain", "1. On-call baker\n2. Shift lead\n3. Owner", [("Shift lead", None), ("Owner", None)]),
    (
        "role: when",
        "- **Shift lead**: after 30 minutes\n- **Security team**: if the till was opened",
        [("Shift lead", 30), ("Security team", None)],
    ),
    (
        "severities",
        "- P1: page the owner\n- P2: notify the shift lead within 30 minutes",
        [("owner", None), ("shift lead", 30)],
    ),
    (
        "nested under a severity",
        "- **P1**\n  - Immediately page the owner\n  - After 30 min: call the Mayor\n- **P2**\n  - Page the shift lead",
        [("owner", 0), ("Mayor", 30), ("shift lead", None)],
    ),
    (
        "two in one item",
        "- Page the on-call baker; if no answer in 10 minutes, escalate to the shift lead",
        [("on-call baker", None), ("shift lead", 10)],
    ),
    ("vendor case", "- Oven firmware faults: open a Brandt support case", [("Brandt support", None)]),
    (
        "since the start",
        "- T+0: On-call baker\n- T+15: Shift lead\n- T+60: Owner",
        [("On-call baker", 0), ("Shift lead", 15), ("Owner", 60)],
    ),
    (
        "passive",
        "- After 30 minutes without bread, the shift lead is paged\n- The owner must be called if a shop closes",
        [("shift lead", 30), ("owner", None)],
    ),
    ("time inside", "- Escalate after 45 minutes to the shift lead", [("shift lead", 45)]),
    (
        "role escalation",
        "- **Manager escalation:** 30 minutes\n- **Owner escalation:** 2 hours",
        [("Manager", 30), ("Owner", 120)],
    ),
    (
        "two clauses",
        "- Escalate to the Shift Lead after 30 minutes; Owner after 2 hours",
        [("Shift Lead", 30), ("Owner", 120)],
    ),
    (
        "named above its conditions",
        "- Escalate to the shift lead if:\n  - no bread for 30 minutes\n  - two ovens are cold",
        [("shift lead", 30), ("shift lead", None)],
    ),
    (
        "paragraph above its conditions",
        "Escalate to the owner when:\n\n- A shop closes\n- Bread is late for 2 hours",
        [("owner", None), ("owner", 120)],
    ),
    (
        "support tiers",
        "- Escalate to L2 after 15 minutes\n- Escalate to Level 3 after 1 hour",
        [("L2", 15), ("Level 3", 60)],
    ),
    ("checkbox", "- [ ] Page the shift lead after 10 minutes", [("shift lead", 10)]),
    ("handle", "- After 15 min: ping @head-baker", [("@head-baker", 15)]),
]


@pytest.mark.parametrize(("body", "expected"), [one[1:] for one in _LISTS], ids=[one[0] for one in _LISTS])
def test_a_list_about_escalation_names_whom_and_after_how_long(body: str, expected: Told) -> None:
    """Whatever comes first in a point, the time, the condition or the person."""
    assert _under("Escalation", body) == expected


_HEADINGS: list[tuple[str, str, Told]] = [
    (
        "whom",
        "**Escalate to Shift lead:**\n- Oven cold for 30 minutes\n- Two ovens down\n",
        [("Shift lead", 30), ("Shift lead", None)],
    ),
    ("whom and when", "### Escalate to Owner (after 1 hour)\n- Bread still missing\n", [("Owner", 60)]),
    ("if", "**Escalate if:**\n- No bread in 45 minutes\n- More than one shop is closed\n", [(None, 45), (None, None)]),
    ("at once", "### Escalate immediately if\n- Fire\n- Someone is hurt\n", [(None, 0), (None, 0)]),
    (
        "level headings",
        (
            "### Level 1: On-call baker\n- Response time: 10 minutes\n"
            "- Escalate to Level 2 if unresolved for 30 minutes\n\n### Level 2: Shift lead\n"
            "- Response time: 15 minutes\n\n### Level 3: Owner (after 2 hours)\n- Decides on closing\n"
        ),
        [("Shift lead", 30), ("Owner", 120)],
    ),
    (
        "level headings with whom",
        "### Level 1 (0-15 minutes)\n- On-call baker\n\n### Level 2 (15-30 minutes)\n- Shift lead\n",
        [("On-call baker", 0), ("Shift lead", 15)],
    ),
    (
        "time headings",
        ("### After 30 minutes\n- Page the shift lead\n- Post in #bakery\n\n### After 1 hour\n- Call the owner\n"),
        [("shift lead", 30), ("owner", 60)],
    ),
    (
        "sentence above",
        "If the oven is cold for more than 10 minutes:\n\n1. Page the oven engineer\n2. Check the fuse\n",
        [("oven engineer", 10)],
    ),
    ("label with a value", "**Escalation:** Shift lead after 20 minutes\n", [("Shift lead", 20)]),
    (
        "label with a chain",
        "**Escalation:** On-call baker → Shift lead (20 min) → Owner (1 h)\n",
        [("Shift lead", 20), ("Owner", 60)],
    ),
]


@pytest.mark.parametrize(("body", "expected"), [one[1:] for one in _HEADINGS], ids=[one[0] for one in _HEADINGS])
def test_headings_and_labels_govern_what_stands_below(body: str, expected: Told) -> None:
    """Whom, when, or both may stand in the heading."""
    assert _under("Escalation", body) == expected


_TONGUES: list[tuple[str, str, str, Told]] = [
    (
        "de",
        "Eskalation",
        (
            "- Nach 30 Minuten: Teamleitung informieren\n- Bei Brand sofort den Sicherheitsbeauftragten "
            "anrufen\n- P1: an den Betriebsleiter eskalieren"
        ),
        [("Teamleitung", 30), ("Sicherheitsbeauftragten", 0), ("Betriebsleiter", None)],
    ),
    (
        "fr",
        "Escalade",
        (
            "- Après 30 minutes : prévenir le chef d'équipe\n"
            "- Si le four reste froid pendant 1 heure, escalader au directeur"
        ),
        [("chef d'équipe", 30), ("directeur", 60)],
    ),
    (
        "es",
        "Escalación",
        "- Después de 30 minutos: avisar al jefe de turno\n- P1: llamar inmediatamente al director",
        [("jefe de turno", 30), ("director", 0)],
    ),
    (
        "pt",
        "Escalonamento",
        "- Após 30 minutos: acionar o gerente de plantão\n- P1: ligar imediatamente para o diretor",
        [("gerente de plantão", 30), ("diretor", 0)],
    ),
    (
        "ru",
        "Эскалация",
        "- Через 30 минут: сообщить руководителю смены\n- P1: немедленно позвонить директору",
        [("руководителю смены", 30), ("директору", 0)],
    ),
    ("zh", "升级流程", "- 30分钟未解决：升级到技术经理\n- P1：立即通知值班主管", [("技术经理", 30), ("值班主管", 0)]),
    (
        "ja",
        "エスカレーション",
        "- 30分以内に復旧しない場合、チームリーダーへ連絡\n- P1: 責任者に即時報告",
        [("チームリーダー", 30), ("責任者", 0)],
    ),
    ("ko", "에스컬레이션", "- 30분 후: 팀장에게 보고\n- P1: 책임자에게 즉시 연락", [("팀장", 30), ("책임자", 0)]),
]


@pytest.mark.parametrize(("title", "body", "expected"), [one[1:] for one in _TONGUES], ids=[one[0] for one in _TONGUES])
def test_an_escalation_in_other_languages(title: str, body: str, expected: Told) -> None:
    """The same rule, whatever the order of the words."""
    assert _under(title, body) == expected


_ELSEWHERE: list[tuple[str, Told]] = [
    ("- If the oven stays cold after 10 minutes, escalate to the oven team", [("oven team", 10)]),
    ("**Escalation:** 30 minutes to Shift lead", [("Shift lead", 30)]),
    ("- **Escalation**: Immediate to Owner", [("Owner", 0)]),
    ("5. Not solved in 15 min → escalate to the next baker", [("next baker", 15)]),
    ("```\n3. Not solved in 15 min -> escalate to the shift lead\n```", [("shift lead", 15)]),
    ("```bash\nls\n# Nothing helps - escalate to the oven team\n```", [("oven team", None)]),
    ("**When to escalate:** not solved within 30 minutes", [(None, 30)]),
    ("- [ ] Escalate to the shift lead if cold for 20 minutes", [("shift lead", 20)]),
    ("- Page the shift lead if the till is open", [("shift lead", None)]),
]


@pytest.mark.parametrize(("body", "expected"), _ELSEWHERE)
def test_elsewhere_only_what_says_so_is_an_escalation(body: str, expected: Told) -> None:
    """A sentence that says "escalate", a label, an order to page somebody."""
    assert _under("Cold oven", body) == expected


_NONE = [
    ("Escalation", "- After 2 hours: notify all customers"),
    ("Escalation", "- Post an update every 30 minutes"),
    ("Escalation", "- 30-minute status update cadence"),
    ("Escalation", "| Name | Phone |\n|---|---|\n| Ana Baker | 1 |\n| Ben Miller | 2 |"),
    ("Escalation Contacts", "- **Shift lead**: @ana\n- **Owner**: @ben"),
    ("Severity Levels", "| Severity | Response Time |\n|---|---|\n| P1 | 15 min |\n| P2 | 1 h |"),
    ("Severity Levels", "| Severity | Update Frequency |\n|---|---|\n| P1 | every 15 min |\n| P2 | hourly |"),
    ("Communication", "- Notify users within 30 minutes\n- Update the status page every hour"),
    ("Contacts", "- Shift lead: +1 555 0100\n- Owner: owner@bakery.example"),
    ("Cold oven", "- Notify the shift lead of the new flour\n- Page load takes 3 seconds"),
    ("Cold oven", "Should we escalate to the owner?"),
    ("Opening hours", "- 24/7 for P1"),
    ("Escalation Template", "Escalate to [NAME] after 30 minutes"),
]


@pytest.mark.parametrize(("title", "body"), _NONE)
def test_what_draws_nobody_in_is_no_escalation(title: str, body: str) -> None:
    """Customers who are told, cadences, lists of contacts without a condition, response times."""
    assert _under(title, body) == []


def test_a_severity_is_no_person_but_raising_it_counts() -> None:
    """ "Escalate to P1" names nobody, so no rung can be called for it."""
    assert _under("Escalation", "- If two shops are closed, escalate to P1") == [(None, None)]


def test_severities_come_from_the_row_the_heading_or_the_words() -> None:
    """Each rung knows for which levels it holds."""
    table = (
        "| Severity | Response | Escalation |\n|---|---|---|\n| **P1** | 5 min | Owner |\n| P2 | 1 h | Shift lead |\n"
    )
    assert [one.severities for one in _told(f"# B\n\n## Severity Levels\n\n{table}")] == [("P1",), ("P2",)]
    heading = (
        "### SEV1 (fire)\n\n- **Escalation**: Immediate to Owner\n\n### SEV2 (smoke)\n\n"
        "- **Escalation**: 1 hour to Shift lead\n"
    )
    assert [(one.to, one.severities) for one in _told(f"# B\n\n## Severity Levels\n\n{heading}")] == [
        ("Owner", ("SEV1",)),
        ("Shift lead", ("SEV2",)),
    ]


def test_the_clock_is_told_from_the_words() -> None:
    """Nobody answers, nothing works, it takes longer than estimated, or it isn't solved."""
    body = (
        "- No answer from the on-call baker in 10 min: page the shift lead\n- Shop down > 1 hour: page the owner\n"
        "- Estimated resolution time doubled: escalate to the owner\n- Unresolved after 30 min: escalate to Marta\n"
    )
    clocks = [one.clock for one in _told(f"# B\n\n## Escalation\n\n{body}")]
    assert clocks == ["unacknowledged", "unavailable", "estimate", "unresolved"]
