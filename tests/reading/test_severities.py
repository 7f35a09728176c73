"""A scale of severities in every shape and language that people write one in."""

from __future__ import annotations

import pytest

from tocsin.reading import read

Told = list[tuple[str, float | None]]

_SHAPES: dict[str, tuple[str, Told]] = {
    "rows": (
        (
            "## Severity Levels\n\n| Level | What | Response Time | Resolution Target |\n|---|---|---|---|\n"
            "| **P1 - Critical** | no bread at all | 15 minutes | 2 hours |\n| P2 (High) | half the ovens | < 1 "
            "hour | 1 day |\n"
            "| P3 | late rolls | Next business day | 1 week |\n"
        ),
        [("P1", 15), ("P2", 60), ("P3", None)],
    ),
    "rows within a section on escalation": (
        (
            "## Escalation Procedures\n\n| Severity | Criteria | Response Time | Escalation |\n|---|---|---|---|\n"
            "| SEV1 | ferry adrift | Immediate | harbour master |\n| SEV2 | ferry late | 30 min | mate |\n"
        ),
        [("SEV1", 0), ("SEV2", 30)],
    ),
    "rows with words alone": (
        (
            "## Contact & Escalation\n\n| Severity | Response Time | Action |\n|---|---|---|\n"
            "| Critical | 15 minutes | wake the baker |\n| Low | 24 hours | note it |\n"
        ),
        [("Critical", 15), ("Low", 1440)],
    ),
    "columns": (
        (
            "## Incident Severity Matrix\n\n| | P1 | P2 | P3 |\n|---|---|---|---|\n| Meaning | flood | leak | drip |\n"
            "| Response time | 5 min | 1 h | 8 h |\n| Update frequency | 15 min | 1 h | 4 h |\n"
        ),
        [("P1", 5), ("P2", 60), ("P3", 480)],
    ),
    "headings with the time in parentheses": (
        (
            "## Severities\n\n### **P0 - Critical (Response: 15 minutes)**\n\nNothing sails.\n\n"
            "### **P1 - High (Response: 1 hour)**\n\nOne ferry sails.\n"
        ),
        [("P0", 15), ("P1", 60)],
    ),
    "headings with a labelled line": (
        (
            "## Severity\n\n### SEV-1\n**Definition:** library shut\n**Response Time:** 10 minutes\n"
            "**Resolution:** 4 hours\n\n"
            "### SEV-2\n**Definition:** one floor shut\n**Response Time:** 45 minutes\n"
        ),
        [("SEV-1", 10), ("SEV-2", 45)],
    ),
    "bold bullets": (
        (
            "## Severity Levels\n\n- **P0 (Critical)**: all ovens cold. Response time: 5 minutes\n"
            "- **P1**: one oven cold. Response time: 30 minutes\n"
        ),
        [("P0", 5), ("P1", 30)],
    ),
    "two lists": (
        (
            "## Severity\n\n- **P0**: nothing sails\n- **P1**: some sail\n\n## Response Times\n\n- **P0:** 15 min\n- "
            "**P1:** 2 hours\n"
        ),
        [("P0", 15), ("P1", 120)],
    ),
    "a list below an item": (
        (
            "## On-call\n\n- **Hours**: always\n- **Response time**:\n  - P1 (Critical): < 15 min\n  - P2 "
            "(High): < 1 h\n"
            "  - P3 (Low): in office hours\n"
        ),
        [("P1", 15), ("P2", 60), ("P3", None)],
    ),
    "a list that a sentence announces": (
        "## Meaning\n\nThe urgency follows the label:\n\n- Critical: call at once\n- Warning: look tomorrow\n",
        [("Critical", None), ("Warning", None)],
    ),
    "a plain fence": (
        "## Triage\n\n**Severity Assessment:**\n```\n🔴 CRITICAL: no books at all\n🟠 HIGH: no returns\n```\n",
        [("CRITICAL", None), ("HIGH", None)],
    ),
    "emoji and code in the cell": (
        (
            "## Incident Levels\n\n| Severity | Response |\n|---|---|\n| 🔴 Critical (P0) | 10 min |\n| 🟡 Low (P3) "
            "| 2 days |\n"
        ),
        [("P0", 10), ("P3", 2880)],
    ),
    "German": (
        (
            "## Schweregrade\n\n| Stufe | Bedeutung | Reaktionszeit |\n|---|---|---|\n| Kritisch | alle Öfen "
            "kalt | sofort |\n"
            "| Niedrig | Brötchen spät | 4 Stunden |\n"
        ),
        [("Kritisch", 0), ("Niedrig", 240)],
    ),
    "French": (
        (
            "## Niveaux de gravité\n\n| Niveau | Description | Temps de réponse |\n|---|---|---|\n"
            "| P1 – Critique | four éteint | 15 minutes |\n| P2 – Majeur | pain en retard | 1 heure |\n"
        ),
        [("P1", 15), ("P2", 60)],
    ),
    "Spanish without accents": (
        (
            "## Niveles de severidad\n\n| Nivel | Descripcion | Tiempo de respuesta |\n|---|---|---|\n"
            "| Critico | horno apagado | 10 minutos |\n| Bajo | pan tarde | 2 horas |\n"
        ),
        [("Critico", 10), ("Bajo", 120)],
    ),
    "Portuguese": (
        (
            "## Severidades\n\n- **P1 (Crítica)**: barca parada. Tempo de resposta: 15 minutos\n"
            "- **P2 (Alta)**: barca atrasada. Tempo de resposta: 1 hora\n"
        ),
        [("P1", 15), ("P2", 60)],
    ),
    "Russian": (
        (
            "## Уровни критичности\n\n| Уровень | Описание | Время реакции |\n|---|---|---|\n| P1 | печь стоит | "
            "15 минут |\n"
            "| P2 | печь чадит | 2 часа |\n"
        ),
        [("P1", 15), ("P2", 120)],
    ),
    "Chinese": (
        (
            "## 故障级别\n\n| 级别 | 说明 | 响应时间 |\n|---|---|---|\n| 严重 | 渡轮停航 | 立即 |\n| 一般 | 渡轮晚点 "
            "| 4小时内 |\n"
        ),
        [("严重", 0), ("一般", 240)],
    ),
    "Japanese": (
        (
            "## 重大度\n\n| 重大度 | 内容 | 初動時間 |\n|---|---|---|\n| P1 | 船が出ない | 15分以内 |\n| P2 | "
            "船が遅れる | 1時間以内 |\n"
        ),
        [("P1", 15), ("P2", 60)],
    ),
    "Korean": (
        (
            "## 심각도\n\n| 등급 | 설명 | 대응 시간 |\n|---|---|---|\n| P1 | 오븐 전체 정지 | 15분 |\n| P2 | 오븐 "
            "하나 정지 | 1시간 |\n"
        ),
        [("P1", 15), ("P2", 60)],
    ),
}


@pytest.mark.parametrize("shape", _SHAPES)
def test_a_scale_is_read_in_its_shape(shape: str) -> None:
    """Each level with its time to the first response; resolution targets and update rhythms are none."""
    body, expected = _SHAPES[shape]
    book = read(f"# Bakery\n\n{body}".encode(), "bakery.md")
    assert [(one.name, one.response_minutes) for one in book.severities] == expected


@pytest.mark.parametrize(
    "body",
    [
        "**Severity:** P1\n**Team:** ovens\n",
        (
            "## Alerts\n\n| Alert | Severity | Response Time |\n|---|---|---|\n| OvenCold | Critical | 5 min |\n"
            "| OvenSlow | Warning | 30 min |\n| FlourLow | Warning | 1 day |\n"
        ),
        "## Checks\n\n- **High** shelf: dusted\n- **Low** shelf: dusted\n",
        "## Form\n\nSeverity: P0/P1/P2/P3\n",
        "## Escalation Matrix\n\n| Level | Who |\n|---|---|\n| L1 | baker |\n| L2 | owner |\n",
        "## Prices\n\n| | Low | High |\n|---|---|---|\n| Bread | 1 | 3 |\n",
    ],
)
def test_what_only_mentions_levels_is_no_scale(body: str) -> None:
    """Metadata, lists of alerts, choice lists, support tiers and ordinary words define no severity."""
    assert read(f"# Bakery\n\n{body}".encode(), "bakery.md").severities == ()


def test_a_threshold_behind_the_word_response_is_no_response_time() -> None:
    """ "Response > 5 seconds" is what a level means, not how soon somebody answers."""
    body = "## Severity\n\n- **P1**: response time > 5 seconds\n- **P2**: response time 1-5s\n"
    book = read(f"# Ferry\n\n{body}".encode(), "ferry.md")
    assert [one.response_minutes for one in book.severities] == [None, None]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "## Night Shift\n\nThe baker answers within:\n\n- 10 minutes\n- 20 minutes\n",
            [],
        ),
        (
            (
                "## Night Shift\n\nThe baker must respond within:\n\n- **10 minutes** for SEV-1 (by phone)\n"
                "- **1 hour** for SEV-2/3 (by letter)\n"
            ),
            [("SEV-1", 10), ("SEV-2/3", 60)],
        ),
        (
            "## Levels\n\n| Severity | Response |\n|---|---|\n| P1 | within the hour |\n| P2 | 2 business hours |\n",
            [("P1", 60), ("P2", 120)],
        ),
        (
            "## Gravité\n\n| Gravité | Réponse |\n|---|---|\n| P1 | Immédiat |\n| P2 | dans l'heure |\n",
            [("P1", 0), ("P2", 60)],
        ),
    ],
)
def test_a_time_may_stand_before_its_level_or_in_words(text: str, told: Told) -> None:
    """A list of times for levels is a scale; "within the hour" and business hours are hours."""
    book = read(f"# Bakery\n\n{text}".encode(), "bakery.md")
    assert [(one.name, one.response_minutes) for one in book.severities] == told
