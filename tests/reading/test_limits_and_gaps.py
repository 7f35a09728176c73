"""Time limits, gaps and alert thresholds as teams word them in many languages; and what only looks like them."""

from __future__ import annotations

import pytest

from tocsin.reading import read


def _hours(body: str) -> list[float]:
    return [one.hours for one in read(f"# Ferry\n\n{body}\n".encode(), "ferry.md").deadlines]


_LIMITS: list[tuple[str, str, list[float]]] = [
    ("a severity's task", "- **Sev-1 with injuries:** Email all passengers within 72 hours", [72]),
    ("a plazo", "- Notificar a la autoridad en un plazo de 72 horas\n- Informe antes de 48 horas", [72, 48]),
    ("the next days", "- Revisión en los 5 días hábiles siguientes", [120]),
    ("a label", "- Frist: 24 Stunden für die Meldung an den Hafen", [24]),
    ("in words", "- Write-up due within five working days\n- Bericht innerhalb von zwei Tagen", [120, 48]),
    ("Chinese words", "- 两小时内通知港口", [2]),
    ("Korean, short", "- 5분 내 확인", [0.083]),
    ("Vietnamese", "- Gửi email cho khách trong 30 phút", [0.5]),
    ("the first hour", "## In the first hour\n\n- Tell the guests", [1]),
    ("a table of times", "| When | What |\n|---|---|\n| Within 24 hours | Write the report |", [24]),
    ("behind a quotation", '- The "relevant" ones: report to the harbour within 72 hours', [72]),
]


@pytest.mark.parametrize(("body", "hours"), [case[1:] for case in _LIMITS], ids=[case[0] for case in _LIMITS])
def test_a_time_limit_is_read_in_the_words_of_its_language(body: str, hours: list[float]) -> None:
    """Within how many hours something must be done."""
    assert _hours(body if body.startswith("#") else f"## Afterwards\n\n{body}") == hours


_NO_LIMITS = [
    "- P1: respond within 15 minutes",
    "- 初動目標：30分以内",
    "- Tempo de resposta: até 15 minutos",
    "- The queue should drain within 10 minutes",
    "- Очередь больше 50 человек в течение 5 минут",
    "- More than 50 guests within 5 minutes",
    "| 重大度 | 対応時間目標 |\n|---|---|\n| P1 | 15分以内 |",
]


@pytest.mark.parametrize("body", _NO_LIMITS)
def test_a_response_target_or_a_window_is_no_deadline(body: str) -> None:
    """How fast people answer, what a machine does and over what time something is counted bind nobody."""
    assert _hours(f"## Notes\n\n{body}") == []


def test_a_cell_with_only_a_limit_is_told_by_its_neighbour() -> None:
    """The page shows what is to be done, not "Within 24 hours"."""
    text = b"# Ferry\n\n## Afterwards\n\n| When | What |\n|---|---|\n| Within 24 hours | Write the report |\n"
    assert [one.what for one in read(text, "ferry.md").deadlines] == ["Write the report"]


_GAPS = [
    ("Room: incident-YYYYMMDD-HHmm", ["YYYYMMDD-HHmm"]),
    ("From YYYY-MM-DD HH:MM on", ["YYYY-MM-DD", "HH:MM"]),
    ("Backup: dump_YYYYMMDD_HHMMSS.tgz", ["YYYYMMDD_HHMMSS"]),
    ("Datum: TT.MM.JJJJ, DD/MM/YYYY, ДД.ММ.ГГГГ", ["TT.MM.JJJJ", "DD/MM/YYYY", "ДД.ММ.ГГГГ"]),
    ("日付: YYYY年MM月DD日", ["YYYY年MM月DD日"]),
    ("GET /stops?boat={BOAT}&day={day}", ["{BOAT}", "{day}"]),
    ("[...]", ["[...]"]),
    ("see the list [...] below", []),
]


@pytest.mark.parametrize(("text", "gaps"), _GAPS)
def test_a_mask_or_a_gap_is_found_as_it_is_written(text: str, gaps: list[str]) -> None:
    """Date masks of several countries, gaps in an address, and a line that only says "[...]"."""
    found = read(f"# Ferry\n\n## Template\n\n```text\n{text}\n```\n".encode(), "ferry.md").placeholders
    assert [one.text for one in found] == gaps


_Told = list[tuple[str, str, float, str | None]]
_RULES: list[tuple[str, _Told]] = [
    (
        "## Scenario: Late boats >5% (no timetable)\n\n**Symptoms:**\n- `pier:late_boats:ratio5m > 0.05`",
        [("Late boats", ">", 5, None)],
    ),
    (
        "## アラート条件\n\n- 遅延率 5%以上で警告、10%以上で重大",
        [("遅延率", ">=", 5, "警告"), ("遅延率", ">=", 10, "重大")],
    ),
    ("| Symptomen | Wat te doen |\n|---|---|\n| Schijf > 90% | opruimen |", [("Schijf", ">", 90, None)]),
]


@pytest.mark.parametrize(("body", "told"), _RULES)
def test_a_threshold_is_told_once_in_plain_words_with_its_own_level(body: str, told: _Told) -> None:
    """A heading's words win over the same limit as a series; a level behind a number is that number's."""
    found = read(f"# Ferry\n\n{body}\n".encode(), "ferry.md").rules
    assert [(one.metric, one.op, one.value, one.severity) for one in found] == told


def test_a_limit_that_calls_the_one_on_call_is_a_limit() -> None:
    """Whom it calls is no measure of people's time; how fast somebody on call answers is."""
    text = b"# Ferry\n\n## Alert thresholds\n- late boats > 2: page on-call\n- On-call answer > 5 min\n"
    told = read(text, "ferry.md")
    assert [(one.metric, one.op, one.value) for one in told.rules] == [("late boats", ">", 2)]
