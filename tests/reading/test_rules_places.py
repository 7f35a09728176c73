"""Alert rules in the shapes that teams write: symptom tables, cards, lists in fences, levels, nine languages."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Rule
from tocsin.reading import read

Told = list[tuple[str, float, str | None, str | None, float | None]]


def _rules(text: str) -> tuple[Rule, ...]:
    return read(text.encode(), "bakery.md").rules


def _told(text: str) -> Told:
    return [(one.op, one.value, one.unit, one.severity, one.for_minutes) for one in _rules(text)]


_PLACES: list[tuple[str, Told]] = [
    ("## Signs\n\n| Symptom | First look |\n|---|---|\n| Till answers >10s | cable |", [(">", 10, "s", None, None)]),
    (
        (
            "## Alertas\n\n| Alerta | Dispara quando | Gravidade |\n|---|---|---|\n"
            "| Forno quente | temperatura acima dos 260 °C por 5 minutos | alta |"
        ),
        [(">", 260, "°C", "alta", 5)],
    ),
    (
        "## First moves\n\n| Alert | First move |\n|---|---|\n| `late_loaves > 1%` | look at the slicer |",
        [(">", 1, "%", None, None)],
    ),
    (
        (
            "## Alarm\n\n| Feld | Wert |\n|---|---|\n| Schweregrad | hoch |\n"
            "| Auslöser | Temperatur > 8 °C für 10 Minuten |"
        ),
        [(">", 8, "°C", "hoch", 10)],
    ),
    (
        "## 장애 감지\n\n```yaml\nOven:\n  - 응답 시간 > 3초: 경고\n  - 오류율 > 5%: P1 알림\n```",
        [(">", 3, "s", "경고", None), (">", 5, "%", "P1", None)],
    ),
    (
        "## Thresholds\n\n```yaml\nqueue_depth:\n  warning: 100\n  critical: 500\n```",
        [(">=", 100, "count", "warning", None), (">=", 500, "count", "critical", None)],
    ),
    (
        "## Alerts we get\n\n- **Hot** – fires when the oven stays above 260 °C for 5 minutes (P1)",
        [(">", 260, "°C", "P1", 5)],
    ),
    (
        "## Thresholds\n\n- Oven load: 70% (warning) / 90% (critical)",
        [(">=", 70, "%", "warning", None), (">=", 90, "%", "critical", None)],
    ),
    (
        "## Thresholds\n\n- Disk: >85% warn, >95% critical",
        [(">", 85, "%", "warning", None), (">", 95, "%", "critical", None)],
    ),
    (
        "## Пороги\n\n- Печь: предупреждение при 70 %, критично при 90 %",
        [(">=", 70, "%", "предупреждение", None), (">=", 90, "%", "критично", None)],
    ),
    ("## 発生条件\n\n- 注文の滞留が500件を超えた場合", [(">", 500, "count", None, None)]),
    ("## Wie merke ich das?\n\n- Die letzte Lieferung ist älter als 25 Minuten", [(">", 25, "min", None, None)]),
    ("## Prevention\n\n- Alerting `oven.lag > 30s`", [(">", 30, "s", None, None)]),
]


@pytest.mark.parametrize(("body", "expected"), _PLACES, ids=[body[:30] for body, _ in _PLACES])
def test_a_limit_is_read_where_teams_write_it(body: str, expected: Told) -> None:
    """With its level and its window, whatever the form and the language."""
    assert _told(f"# Bakery\n\n{body}\n") == expected


_NO_RULES = [
    "## Alerting\n\n- Mails: no more than 1 mail per 15 minutes",
    "## Prevention\n\n- Keep the load below 70%\n- Order flour before it reaches 10%",
    "## Alerts\n\n- Acknowledge critical alerts < 5 min\n- Critical alerts: 24/7\n- Critical: 15 min",
    "## Alert tests\n\n### Test the slicer alert\n\n1. Run a slow order (> 1s)",
    "## Scaling\n\n| Trigger | Scale action |\n|---|---|\n| Load > 70% | second oven |",
    "## Decisions\n\n| Condition | Action |\n|---|---|\n| Errors > 5% | undo |",
    "## Escalation\n\n| Trigger | Escalate to |\n|---|---|\n| Down > 30 min | owner |",
    "## Alerting\n\n- Alert: 3 failures in a row",
    "## Housekeeping\n\n- Delete orders older than 30 days\n- Keep at least three ovens",
]


@pytest.mark.parametrize("body", _NO_RULES, ids=[body[:40] for body in _NO_RULES])
def test_a_number_that_pages_nobody_is_no_rule(body: str) -> None:
    """Limits that are granted, wanted, answered, scaled, decided or escalated by."""
    assert _told(f"# Bakery\n\n{body}\n") == []


def test_a_query_and_its_words_in_one_item_are_one_rule() -> None:
    """The words stay, with the severity that the item is sent with."""
    text = (
        "# Bakery\n\n## Detection\n\n1. **Orders wait**\n   - Query: `orders_waiting > 1000`\n"
        "   - Threshold: > 1000 orders waiting for > 2 minutes\n   - Notification: pager P1\n"
    )
    assert _told(text) == [(">", 1000, "count", "P1", 2)]


def test_how_long_a_state_lasts_belongs_to_the_query_below_it() -> None:
    """ "For more than 10 minutes" is no second limit where a query says what is measured."""
    text = (
        "# Orders late\n\n## Condition\n\nOrders have been pending for more than 10 minutes.\n\n"
        "```promql\nmax(orders_pending) > 0\n```\n\n## Diagnosis\n\n- Look\n\n## Resolution\n\n- Bake\n"
    )
    assert [(one.value, one.for_minutes) for one in _rules(text)] == [(0, 10)]


def test_a_limit_that_is_a_product_is_worked_out() -> None:
    """A burn rate times a budget is one number."""
    text = (
        "# Orders late\n\n## Detection\n\n```promql\norders_late / orders_all > (14.4 * 0.01)\n```\n\n"
        "## Diagnosis\n\n- Look\n"
    )
    assert [one.value for one in _rules(text)] == [0.144]


def test_the_severity_of_a_process_is_no_severity_of_its_alerts() -> None:
    """A document with a scale of its own isn't about one failure."""
    text = (
        "# Process\n\n> **Severity:** P0 process\n\n## Severity levels\n\n| Level | Meaning |\n|---|---|\n"
        "| P0 | all |\n| P1 | some |\n\n## Alert thresholds\n\n- Late orders > 5%\n"
    )
    assert _told(text) == [(">", 5, "%", None, None)]
