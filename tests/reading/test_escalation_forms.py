"""Escalations as other teams write them: rosters, pairs of points, rungs in one line, times in headings, languages."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Escalation
from tocsin.reading import read

Told = list[tuple[str | None, float | None]]


def _told(text: str) -> tuple[Escalation, ...]:
    return read(text.encode(), "ferry.md").escalations


def _short(text: str) -> Told:
    return [(one.to, one.after_minutes) for one in _told(f"# Ferry\n\n{text}\n")]


_FORMS: list[tuple[str, str, Told]] = [
    (
        "rungs in one line",
        "## Escalation Policy\n\n- **P1**: Deck officer immediately, engine lead after 15 minutes, CTO after 1 hour",
        [("Deck officer", 0), ("engine lead", 15), ("CTO", 60)],
    ),
    (
        "roster with a point about escalation",
        (
            "## Contacts and Escalation\n\n### On-Call Rotation\n- Primary: Deck team\n- Secondary: Dock manager\n"
            "- Escalation: CTO"
        ),
        [("Dock manager", None), ("CTO", None)],
    ),
    (
        "numbered roster of gaps",
        (
            "## On-Call Escalation\n\n1. **Primary On-Call:** [number]\n2. **Secondary On-Call:** [number]\n"
            "3. **Manager Escalation:** [number]"
        ),
        [("Secondary On-Call", None), ("Manager", None)],
    ),
    (
        "tiers as bullets",
        "## Escalation\n\n- **L1**: Deck support (first look)\n- **L2**: Engine team (pumps)\n- **L3**: Yard engineers",
        [("Engine team", None), ("Yard engineers", None)],
    ),
    (
        "when and who as points",
        "## Escalation\n\n- **When**: the leak is not stopped after 20 minutes\n- **Who**: Harbour master",
        [("Harbour master", 20)],
    ),
    (
        "when and who as labels",
        "## Escalation\n\n**When:** after 45 min without progress\n\n**Who:** Fleet manager (+49 30 1234567)",
        [("Fleet manager", 45)],
    ),
    (
        "headings that say when",
        (
            "## Escalation\n\n### 15 minutes without progress\n\nPage the engine lead.\n\n### 45 minutes without"
            " progress\n\n"
            "- Page the fleet director"
        ),
        [("engine lead", 15), ("fleet director", 45)],
    ),
    (
        "questions that say when",
        (
            "## Escalation\n\nStuck for more than 30 minutes? Ping @dock-leads. Still stuck after an hour? Call the"
            " fleet director."
        ),
        [("@dock-leads", 30), ("fleet director", 60)],
    ),
    (
        "immediate, then a sentence",
        "## Escalation\n\nImmediate — guests may be hurt. Page the safety officer.",
        [("safety officer", 0)],
    ),
    (
        "columns of bare minutes",
        (
            "## Escalation\n\n| Minutes since page | Action |\n|---|---|\n| 15 | Page the engine lead |\n"
            "| 60 | Page the fleet director |"
        ),
        [("engine lead", 15), ("fleet director", 60)],
    ),
    (
        "who acts by when",
        (
            "## Escalation\n\n| Time since alert | Action |\n|---|---|\n"
            "| 0-5 min | On-call acknowledges, begins triage |\n"
            "| 5-15 min | Cause found OR escalate to secondary |"
        ),
        [("On-call", 0), ("secondary", 5)],
    ),
    (
        "page who",
        (
            "## Severity levels\n\n| Level | Means | Page who |\n|---|---|---|\n"
            "| P1 | Sinking | Captain, immediately |\n"
            "| P2 | Listing | Dock lead |\n| P3 | Paint | Not a page |"
        ),
        [("Captain", 0), ("Dock lead", None)],
    ),
    (
        "vendors",
        (
            "## Contacts\n\n| Vendor | When to escalate | How |\n|---|---|---|\n| Tidepump | outage over 30 min "
            "| portal |\n"
            "| Ropeworks | a rope breaks | mail |"
        ),
        [("Tidepump", 30), ("Ropeworks", None)],
    ),
    (
        "two hops with a time behind",
        "## Escalation\n\n- L1 → L2: 15 minutes\n- L2 → L3: 30 minutes",
        [("L2", 15), ("L3", 30)],
    ),
    (
        "several times in one point",
        "## Escalation\n\n- 30 min: notify team lead, 60 min: notify director",
        [("team lead", 30), ("director", 60)],
    ),
    (
        "two calls in one value",
        (
            "## Severity levels\n\n### P1\n- **Escalation:** Page on-call immediately, notify management\n\n### P2\n"
            "- **Escalation:** Page on-call"
        ),
        [("on-call", 0), ("management", None), ("on-call", None)],
    ),
    (
        "nobody answers, among the contacts",
        "## Contacts\n\nIf there is no answer within 10 minutes, call the backup on-call at +1 555 0100.",
        [("backup on-call", 10)],
    ),
    (
        "contact chain with times between",
        "## Contacts\n\nDeckhand → (10 min) → Bosun → (20 min) → Captain",
        [("Bosun", 10), ("Captain", 20)],
    ),
    (
        "prose keys in yaml",
        (
            "## Escalation\n\n```yaml\nFirst contact:\n  - Deckhand: +1\nSecond escalation (after 30 min):\n  - Dock"
            " lead: +2\n```"
        ),
        [("Dock lead", 30)],
    ),
    (
        "an upgrade at the end of an arrow",
        "## Escalation\n\n- Queue above 5000 for 10 min → P1\n- All pumps down → P0 (everything stands)",
        [(None, 10), (None, None)],
    ),
    (
        "whose incidents",
        "## External escalation\n\n- **Ropeworks:** For rope incidents\n- **Port Police:** For security breaches",
        [("Ropeworks", None), ("Port Police", None)],
    ),
]


@pytest.mark.parametrize(
    ("body", "told"), [(body, told) for _, body, told in _FORMS], ids=[name for name, _, _ in _FORMS]
)
def test_a_form_is_read(body: str, told: Told) -> None:
    """Each of these forms says whom to draw in and after how long."""
    assert _short(body) == told


_LANGUAGES: list[tuple[str, str, Told]] = [
    (
        "es",
        (
            "## Escalado\n\n| Nivel | Contacto | Cuándo |\n|---|---|---|\n| 1 | Guardia | Inmediato |\n"
            "| 2 | Jefe de máquinas | A los 20 minutos sin respuesta |"
        ),
        [("Guardia", 0), ("Jefe de máquinas", 20)],
    ),
    (
        "pt",
        (
            "## Escalonamento\n\n- Se não houver resposta em 10 minutos, acionar o líder técnico\n"
            "- Após 1 hora sem solução, avisar a diretoria"
        ),
        [("líder técnico", 10), ("diretoria", 60)],
    ),
    (
        "fr",
        (
            "## Escalade\n\n- Après 15 minutes sans réponse : prévenir le chef de quai\n"
            "- En cas de fuite : prévenir immédiatement le DPO"
        ),
        [("chef de quai", 15), ("DPO", 0)],
    ),
    (
        "de",
        (
            "## Eskalation\n\n| Wann | An wen |\n|---|---|\n| nach 20 Minuten | Leitstand: https://ferry.example |\n"
            "| Ruder klemmt | Werft informieren |"
        ),
        [("Leitstand", 20), ("Werft", None)],
    ),
    (
        "ru",
        (
            "## Эскалация\n\n- Через 15 минут без ответа — позвонить руководителю смены\n"
            "- При утечке немедленно сообщить безопасникам"
        ),
        [("руководителю смены", 15), ("безопасникам", 0)],
    ),
    (
        "uk",
        (
            "## Escalation\n\n- Якщо не вирішено за 30 хвилин — повідомити керівника\n- Через 1 годину зателефонувати"
            " директору"
        ),
        [("керівника", 30), ("директору", 60)],
    ),
    (
        "it",
        "## Escalation\n\n- Dopo 20 minuti senza risposta: avvisare il responsabile di turno",
        [("responsabile di turno", 20)],
    ),
    (
        "zh",
        "## 处置\n\n- [ ] P0：立即升级通知码头主管\n- [ ] P1：通知码头主管，视情况升级\n- [ ] 升级数据库前联系运维",
        [("码头主管", 0), ("码头主管", None)],
    ),
    (
        "ja",
        "## エスカレーション\n\n1. 一次対応者（15分）\n2. チームリーダー（30分）\n- 漏洩の場合は直ちに法務担当に連絡",
        [("一次対応者", 15), ("チームリーダー", 30), ("法務担当", 0)],
    ),
    (
        "ko",
        "## 에스컬레이션\n\n- 15분 내 응답 없음 → 팀장에게 전화\n- 1시간 이내 해결되지 않으면 CTO에게 보고",
        [("팀장", 15), ("CTO", 60)],
    ),
]


@pytest.mark.parametrize(
    ("body", "told"), [(body, told) for _, body, told in _LANGUAGES], ids=[name for name, _, _ in _LANGUAGES]
)
def test_a_language_is_read(body: str, told: Told) -> None:
    """The words for calling and waiting are known in these languages."""
    assert _short(body) == told


_NOBODY = [
    ("what is forbidden", "## Escalation\n\nDo not escalate to the board."),
    ("what comes before", "## Steps\n\n1. Check the valve before escalating to the vendor."),
    ("how, not to whom", "## Steps\n\n1. Note the tide before escalating upstream."),
    ("a path through menus", "## Escalation\n\nNumbers live in Vault → Harbour → On-call Contacts."),
    (
        "tiers of repairs",
        "## Escalation\n\n1. **L1 (0-15min)**: Close the valves\n2. **L2 (15-30min)**: Drain the tank",
    ),
    ("below another matter", "## Contact Escalation\n\n### Communications\n\n**Internal:**\n- Email engineering team"),
]


@pytest.mark.parametrize("body", [body for _, body in _NOBODY], ids=[name for name, _ in _NOBODY])
def test_nobody_is_drawn_in(body: str) -> None:
    """What names nobody, forbids a call or speaks of something else wakes nobody."""
    assert [one for one in _told(f"# Ferry\n\n{body}\n") if one.to] == []


def test_what_to_bring_along_is_no_condition() -> None:
    """A list below "Attach:" belongs to the call that the same paragraph orders, once."""
    body = "## Escalation\n\nIf it still leaks: escalate to the engine lead. Attach:\n- the log\n- a photo (last 2 h)"
    assert _short(body) == [("engine lead", None)]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("Escalate to the engine lead if p95 > 60 s", None),
        ("Escalate to the engine lead if p95 > 2s for 10+ minutes", 10),
        ("Escalate to the engine lead if the leak repeats every <10 minutes", None),
        ("Escalate to the engine lead after half an hour", 30),
        ("Escalate to the engine lead if it fails for >30 min", 30),
    ],
)
def test_how_slow_a_request_is_is_no_wait(text: str, minutes: float | None) -> None:
    """Only the time that somebody waits counts, not a measured value nor a rhythm."""
    assert _short(f"## Escalation\n\n{text}.") == [("engine lead", minutes)]


@pytest.mark.parametrize(
    "text",
    [
        "If nobody answers within 5 minutes, page the secondary",
        "Wenn niemand reagiert, nach 5 Minuten den Schichtleiter anrufen",
        "Se não houver resposta em 5 minutos, acionar o líder técnico",
        "Через 5 минут без ответа позвонить руководителю",
        "5分以内に応答がなければチームリーダーに電話する",
    ],
)
def test_an_unanswered_call_has_its_own_clock(text: str) -> None:
    """ "No answer" in several languages starts the clock of a call, not of the incident."""
    (one,) = _told(f"# Ferry\n\n## Escalation\n\n- {text}\n")
    assert (one.clock, one.after_minutes) == ("unacknowledged", 5)
