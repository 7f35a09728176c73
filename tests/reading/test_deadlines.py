"""Until when something must be done: windows of phases, "within …" and columns, in several languages."""

from __future__ import annotations

import pytest

from tocsin.reading import read
from tocsin.reading.durations import response_minutes, window

_WINDOWS = [
    ("Triage (0-5 minutes)", (0, 5)),
    ("Triage [0–5 min]", (0, 5)),
    ("First 15 minutes", (0, 15)),
    ("T+5-15: look", None),
    ("Step 2: Look (T+5-15 min)", (5, 15)),
    ("Immediate Actions (T+0 to T+15 minutes)", (0, 15)),
    ("Watch (Minutes 5-10)", (5, 10)),
    ("0-15 min: Triage", (0, 15)),
    ("Triage — 5-30 minutes", (5, 30)),
    ("Hour 1-4", (60, 240)),
    ("Contain (< 30 minutes)", (0, 30)),
    ("Within one hour", (0, 60)),
    ("Investigate (1–4 Hours)", (60, 240)),
    ("Review (within 2 weeks)", (0, 20160)),
    ("Erste 15 Minuten", (0, 15)),
    ("Sichern (innerhalb von 2 Stunden)", (0, 120)),
    ("Premières 15 minutes", (0, 15)),
    ("Primeros 10 minutos", (0, 10)),
    ("Contenção (até 20 minutos)", (0, 20)),
    ("Contencao (ate 20 minutos)", (0, 20)),
    ("Первые 15 минут", (0, 15)),
    ("立即行动（0-5 分钟）", (0, 5)),
    ("前10分钟", (0, 10)),
    ("最初の10分", (0, 10)),
    ("15分以内に確認", (0, 15)),
    ("최초 10분", (0, 10)),
    ("초동 대응 (30분 이내)", (0, 30)),
    ("Restart (3 minutes)", None),
    ("Wake (Minute 3)", None),
    ("Update (every 30 minutes)", None),
    ("Latency 100-200 ms", None),
    ("Retry 3-5 times", None),
    ("Prüfen (5 Minuten)", None),
]


@pytest.mark.parametrize(("title", "expected"), _WINDOWS)
def test_a_window_is_read_from_a_title(title: str, expected: tuple[float, float] | None) -> None:
    """Ranges and "first", not how long a step takes."""
    assert window(title) == expected


_WITHIN = [
    ("Ring the bell within 5 minutes", [0.083]),
    ("Write to the mayor within 24h for P0, within 72h for P1.", [24, 72]),
    ("Write to the mayor within 24h for P0, 72h for P1.", [24, 72]),
    ("Mend it no later than 2 days after the flood", [48]),
    ("Report within one week", [168]),
    ("Report within 3 months", [2160]),
    ("Innerhalb von 24 Stunden melden", [24]),
    ("Spätestens nach 2 Stunden lüften", [2]),
    ("Prévenir la mairie dans les 72 heures", [72]),
    ("Prévenir la mairie sous 24 h", [24]),
    ("Avisar a la alcaldesa en menos de 2 horas", [2]),
    ("Avisar al puerto en 72h", [72]),
    ("Avisar o porto em até 48h", [48]),
    ("Avisar o porto em ate 48h", [48]),
    ("Подтвердить сигнал в течение 5 минут", [0.083]),
    ("Сообщить не позднее 24 часов", [24]),
    ("24小时内完成报告", [24]),
    ("24時間以内に報告する", [24]),
    ("24시간 이내에 보고한다", [24]),
]


@pytest.mark.parametrize(("sentence", "hours"), _WITHIN)
def test_a_limit_within_a_sentence(sentence: str, hours: list[float]) -> None:
    """Every limit of the sentence, in hours."""
    book = read(f"# Harbour\n\n## Follow the tide\n\n- {sentence}\n".encode(), "harbour.md")
    assert [one.hours for one in book.deadlines] == hours


_NO_LIMITS = [
    "If nobody answers within 15 minutes, ring again",
    "Wenn niemand binnen 15 Minuten antwortet: läuten",
    "Check the last 24 hours",
    'Say "we are back within 10 minutes"',
    "P1: acknowledge within 5 minutes",
    "Target: sailing within 15 minutes",
    "如果 15 分钟内未恢复，联系港长",
    "Update every 30 minutes",
    "The tide is within 3 hours of noon",
]


@pytest.mark.parametrize("sentence", _NO_LIMITS)
def test_waits_targets_and_promises_are_no_limits(sentence: str) -> None:
    """Waiting times, rhythms, quotations and targets."""
    assert not read(f"# Harbour\n\n## Follow the tide\n\n- {sentence}\n".encode(), "harbour.md").deadlines


@pytest.mark.parametrize(
    "head", ["Deadline", "Due", "Timeline", "Frist", "Échéance", "Plazo", "Prazo", "Срок", "期限", "截止时间", "기한"]
)
def test_a_column_that_says_until_when(head: str) -> None:
    """Each row with a time is a limit."""
    table = f"| Task | {head} |\n|---|---|\n| rope | 1 week |\n| paint | 1 month |\n| think | soon |\n"
    book = read(f"# Harbour\n\n## Improvements\n\n{table}".encode(), "harbour.md")
    assert [(one.what, one.hours) for one in book.deadlines] == [("rope", 168), ("paint", 720)]


def test_what_to_send_may_have_a_limit_and_what_is_sent_has_none() -> None:
    """The heading and the words around a fenced message are for the reader; its text is for somebody else."""
    text = (
        "# Ferry\n\n## Message Templates\n\n### First word (within 15 minutes)\n\n```\nWe are back within 2 "
        "hours.\n```\n"
    )
    assert [one.hours for one in read(text.encode(), "ferry.md").deadlines] == [0.25]


def test_a_numbered_list_in_a_plain_fence_may_have_limits() -> None:
    """It is prose that somebody drew a box around."""
    text = (
        "# Ferry\n\n## When the bell rings\n\n```\n1. Answer the bell within 5 minutes\n2. Look at the rope\n"
        "3. Tell the mate now\n```\n"
    )
    assert [one.hours for one in read(text.encode(), "ferry.md").deadlines] == [0.083]


def test_a_start_mark_is_no_limit() -> None:
    """ "T+60" says when to begin."""
    text = "# Ferry\n\n## Incident response\n\n### Tell the town (T+60 min)\n\n- ring\n"
    assert not read(text.encode(), "ferry.md").deadlines


def test_boxes_count_in_loose_lists_and_with_bold_text() -> None:
    """A blank line between the points changes nothing."""
    text = (
        "# Ferry\n\n## Before noon\n\n- [ ] **Rope:**\n\n  ```bash\n  rope list\n  ```\n\n- [x] Paint\n\n1. [ ] Flag\n"
    )
    (one,) = read(text.encode(), "ferry.md").checklists
    assert [item.text for item in one.items] == ["Rope:", "Paint", "Flag"]


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("15分以内", 15),
        ("до 2 часов", 120),
        ("1小时内", 60),
        ("2 heures", 120),
        ("media hora", None),
        ("inmediato", 0),
        ("sofort", 0),
        ("próximo día hábil", None),
        ("翌営業日", None),
        ("30분", 30),
        ("within one hour", 60),
        ("48 h", 2880),
    ],
)
def test_a_response_time_in_other_languages(text: str, minutes: float | None) -> None:
    """Minutes, 0 for "at once", null for a calendar phrase or words that we don't know."""
    assert response_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("- Answer within 15 min (P1) or 2 hours (P2)\n", [0.25, 2]),
        ("1. **Within 24 hours:**\n   - Write to the guests\n", [24]),
        ("The letter goes out within **3 business\ndays** of the flood.\n", [72]),
        ("- 3 个工作日内写信\n", [72]),
        ("The letter goes out within\n\n3 days it was read.\n", []),
    ],
)
def test_a_limit_is_told_once_and_may_run_over_the_end_of_a_line(text: str, hours: list[float]) -> None:
    """Each limit once; one for each level that has its own; a line break within it doesn't matter."""
    book = read(f"# Library\n\n## After a flood\n\n{text}".encode(), "library.md")
    assert [one.hours for one in book.deadlines] == hours


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("## Checklist 5 premières minutes\n\n- fermer", 0.083),
        ("## Primi 45 minuti\n\n- chiudere", 0.75),
        ("## Перші 30 хвилин\n\n- закрити", 0.5),
        ("- Повідомити клієнтів протягом 4 годин", 4),
        ("- Notificare il garante entro 72 ore", 72),
        ("- Acknowledge the page in ≤5 minutes", 0.083),
        ("- Respond to pages within 15 minutes", 0.25),
        ("- P0/P1: postmortem within 5 business days", 120),
        ("## After the incident\n\n### Short term (24 h)\n\n- [ ] write it down", 24),
        ("```bash\n# Hold a review within 24 hours\n```", 24),
    ],
)
def test_a_limit_in_other_words_is_read(text: str, hours: float) -> None:
    """Limits in more languages, as a heading's single time after an incident, and in a script's comment."""
    assert [one.hours for one in read(f"# Bakery\n\n{text}\n".encode(), "bakery.md").deadlines] == [hours]


@pytest.mark.parametrize(
    "text",
    [
        "**対応時間目標**: 1時間以内",
        "- **Tempo de resposta:** em até 30 minutos",
        "**Response time:** immediately (within 5 minutes)",
        "**Expected:** The oven starts warming within 3 minutes.",
        "Alerts arrive within 5 minutes of the failure.",
        "## Weekly cleaning (2 h)\n\n- sweep",
        "## Mensal (primeiro dia do mês, ~1 h)\n\n- varrer",
        "1. **Restore the dough list** (RPO 24h, < 1h with snapshots)\n   - copy it",
        "```bash\n# the oven is warm within 10 minutes\n```",
    ],
)
def test_what_answers_or_happens_by_itself_is_no_deadline(text: str) -> None:
    """Response targets, habits, recovery objectives and what a system does by itself bind nobody to a task."""
    assert read(f"# Bakery\n\n{text}\n".encode(), "bakery.md").deadlines == ()


def test_the_task_of_a_row_is_what_is_due() -> None:
    """Between the task and the time may stand its owner."""
    table = "| Task | Owner | Due |\n|---|---|---|\n| Inform the insurer | Ana | 24h |"
    (one,) = read(f"# Bakery\n\n{table}\n".encode(), "bakery.md").deadlines
    assert (one.what, one.hours) == ("Inform the insurer", 24)
