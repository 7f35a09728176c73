"""Where a document states what fires an alert, and the numbers that only look like it."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Rule
from tocsin.reading import read

Told = list[tuple[str, float, str | None, str | None, float | None]]


def _rules(text: str) -> tuple[Rule, ...]:
    return read(text.encode(), "ferry.md").rules


def _told(text: str) -> Told:
    return [(one.op, one.value, one.unit, one.severity, one.for_minutes) for one in _rules(text)]


_SCENARIO = (
    "# Ferry\n\n## Common Incidents\n\n### Late boats\n\n{body}\n\n**Diagnosis:**\n- Look at the pier\n"
    "\n**Resolution:**\n- Send another boat\n"
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("**Symptoms:**\n- Late boats > 10% for 15 minutes\n- Angry faces", [(">", 10, "%", None, 15)]),
        ("**Symptoms:** boats later than usual, queue over 200 cars", [(">", 200, "count", None, None)]),
        ("**Detection:**\n- Alert: late boats > 10%", [(">", 10, "%", None, None)]),
        ("**Trigger:** wave score 4 or higher", [(">=", 4, None, None, None)]),
        ("**Severity:** P2\n\n**Symptoms:**\n- Late boats > 10%", [(">", 10, "%", "P2", None)]),
        ("**Severity:** P2 (P1 if > 30% late)\n\n**Symptoms:**\n- Late boats > 10%", [(">", 10, "%", None, None)]),
        ("**Symptoms:**\n- Dashboard shows > 10% late boats (normally < 1%)", [(">", 10, "%", None, None)]),
        ("**Symptoms:**\n- Boats stopped 3+ times in the last hour", [(">=", 3, "count", None, 60)]),
        ("**Detection:**\n```promql\nboats_late / boats_all > 0.1\n```", [(">", 0.1, "ratio", None, None)]),
        (
            ("**Symptoms:**\n- Late boats > 10%\n\n**Detection:**\n```promql\nboats_late / boats_all > 0.1\n```"),
            [(">", 10, "%", None, None)],
        ),
    ],
)
def test_a_scenario_states_its_thresholds_once(body: str, expected: Told) -> None:
    """In symptoms, detection or trigger; words win over a query that says the same."""
    assert _told(_SCENARIO.format(body=body)) == expected


def test_a_heading_states_a_threshold_that_no_text_repeats() -> None:
    """And the text's own, where both say one."""
    head = (
        "# Ferry\n\n## Common Incidents\n\n### Scenario 1: Late boats (> 10%)\n\n**Symptoms:**\n"
        "- {symptom}\n\n**Resolution:**\n- Wait\n"
    )
    assert [(one.value, one.line) for one in _rules(head.format(symptom="Angry faces"))] == [(10, 5)]
    assert [(one.value, one.line) for one in _rules(head.format(symptom="late boats > 10%"))] == [(10, 8)]


_OUTSIDE: list[tuple[str, str, Told]] = [
    (
        "list",
        "Alert Thresholds",
        "- Late boats: > 10%\n- Queue: > 200 cars for 15 min",
        [(">", 10, "%", None, None), (">", 200, "count", None, 15)],
    ),
    (
        "levels in a list",
        "Alert Thresholds",
        "- P1: `boats_late >= 20`\n- P2: `boats_late >= 10`",
        [(">=", 20, None, "P1", None), (">=", 10, None, "P2", None)],
    ),
    (
        "two columns",
        "Alert Thresholds",
        "| Metric | Warning | Critical |\n|---|---|---|\n| Late boats | > 5% | > 10% |",
        [(">", 5, "%", "Warning", None), (">", 10, "%", "Critical", None)],
    ),
    (
        "bare numbers",
        "Alerts",
        "| Metric | Warning | Critical |\n|---|---|---|\n| Fuel use | 70% | 90% |",
        [(">=", 70, "%", "Warning", None), (">=", 90, "%", "Critical", None)],
    ),
    (
        "falling numbers",
        "Alerts",
        "| Metric | Warning | Critical |\n|---|---|---|\n| Boats on time | 99% | 95% |",
        [("<=", 99, "%", "Warning", None), ("<=", 95, "%", "Critical", None)],
    ),
    (
        "condition, for, severity",
        "Alert Rules",
        ("| Alert | Condition | For | Severity |\n|---|---|---|---|\n| BoatsLate | late_ratio > 0.1 | 5m | critical |"),
        [(">", 0.1, "ratio", "critical", 5)],
    ),
    (
        "threshold column",
        "Alerts",
        "| Alert | Threshold | Severity |\n|---|---|---|\n| Late boats | > 10% for 5 min | P2 |",
        [(">", 10, "%", "P2", 5)],
    ),
    (
        "target and alert",
        "Key Metrics",
        "| Metric | Target | Alert |\n|---|---|---|\n| Boarding time | < 5 min | > 9 min |",
        [(">", 9, "min", None, None)],
    ),
    (
        "burn rates",
        "Burn Rate Alerting",
        ("| Window | Burn Rate | Severity |\n|---|---|---|\n| 1 hour | 14x | Critical |\n| 6 hours | 6x | Warning |"),
        [(">=", 14, "x", "Critical", 60), (">=", 6, "x", "Warning", 360)],
    ),
    ("alert at", "Key Metrics", "- **Boarding time**: < 5 min (alert at 9 min)", [(">=", 9, "min", None, None)]),
    (
        "item under an item",
        "Monitoring",
        "1. **Cars left behind**\n   - Count them\n   - Alert threshold: > 5 cars in 10 minutes",
        [(">", 5, "count", None, 10)],
    ),
    (
        "opened when",
        "Watching",
        "- Open an incident when any of these holds:\n  - late boats > 10%\n  - fuel below 15%",
        [(">", 10, "%", None, None), ("<", 15, "%", None, None)],
    ),
    (
        "german",
        "Schwellenwerte",
        "| Kennzahl | Warnung | Kritisch |\n|---|---|---|\n| Verspätung | > 5 % | > 10 % |",
        [(">", 5, "%", "Warnung", None), (">", 10, "%", "Kritisch", None)],
    ),
    (
        "french",
        "Seuils d'alerte",
        "| Métrique | Avertissement | Critique |\n|---|---|---|\n| Retard | > 5 % | > 10 % |",
        [(">", 5, "%", "Avertissement", None), (">", 10, "%", "Critique", None)],
    ),
    ("spanish", "Umbrales", "- Retraso: más de 10% durante 5 minutos", [(">", 10, "%", None, 5)]),
    ("portuguese", "Limiares", "- Atraso: acima de 10%", [(">", 10, "%", None, None)]),
    ("russian", "Пороги", "| Метрика | Порог |\n|---|---|\n| Опоздания | > 10% |", [(">", 10, "%", None, None)]),
    (
        "chinese",
        "告警阈值",
        "| 指标 | 警告 | 严重 |\n|---|---|---|\n| 延误率 | > 5% | > 10% |",
        [(">", 5, "%", "警告", None), (">", 10, "%", "严重", None)],
    ),
    ("japanese", "アラート条件", "- 遅延率: 10%以上", [(">=", 10, "%", None, None)]),
    ("korean", "임계값", "- 지연율: 10% 이상", [(">=", 10, "%", None, None)]),
]


@pytest.mark.parametrize(("title", "body", "expected"), [one[1:] for one in _OUTSIDE], ids=[one[0] for one in _OUTSIDE])
def test_thresholds_outside_scenarios(title: str, body: str, expected: Told) -> None:
    """In lists, tables and "(alert at …)" pairs, with the level and the window that stand beside them."""
    assert _told(f"# Ferry\n\n## {title}\n\n{body}\n") == expected


def test_a_rule_file_is_read_entry_by_entry() -> None:
    """``expr``, ``for`` and the severity label of each alert, also where the expression is a block."""
    text = (
        "# Ferry\n\n## Monitoring\n\n```yaml\ngroups:\n  - name: ferry\n    rules:\n"
        "      - alert: BoatsLate\n        expr: boats_late > 10  # of 50\n"
        "        for: 5m\n        labels:\n          severity: critical\n      - alert: FuelLow\n"
        "        expr: |\n          fuel_litres\n            < 200\n"
        "        for: 1h\n```\n"
    )
    assert _told(text) == [(">", 10, None, "critical", 5), ("<", 200, None, None, 60)]
    assert [one.metric for one in _rules(text)] == ["boats_late", "fuel_litres"]


_NOT = [
    ("Severity Levels", "- **P1**: more than 30% of passengers wait\n- **P2**: less than 30%"),
    ("Severity Levels", "| Level | Response |\n|---|---|\n| P1 | < 15 min |\n| P2 | < 1 hour |"),
    ("Service Level Objectives", "- Boats on time: > 99%\n- Boarding: < 5 min"),
    ("Verification", "- Late boats return to < 1%\n- Queue below 20 cars"),
    ("Rollback", "Roll back if late boats > 5%"),
    ("Steps", "1. If > 5 boats are stuck, call the tug\n2. Wait > 5 minutes"),
    ("Looking", "```sql\nSELECT * FROM boats WHERE delay > 10;\n```"),
    ("Looking", "```bash\nboats list --late > late.txt 2>&1\n```"),
    ("Escalation", "- > 30 min: page the harbour master"),
    ("Communication", "- Tell passengers if the delay is > 20 min"),
    ("Response Targets", "- Acknowledge pages in < 5 min"),
    ("Lessons Learned", "- Late boats were > 20% that day"),
    ("Immediate Actions (< 5 minutes)", "- Ring the bell"),
]


@pytest.mark.parametrize(("title", "body"), _NOT)
def test_what_fires_no_alert_is_no_rule(title: str, body: str) -> None:
    """Criteria of levels, response times, targets, recovery, conditions of steps, statements, redirects."""
    assert _told(f"# Ferry\n\n## {title}\n\n{body}\n") == []


def test_a_symptom_in_a_statement_is_no_threshold() -> None:
    """A number inside a query that a point quotes is the query's."""
    body = "**Symptoms:**\n- Rows: `SELECT boat FROM late WHERE minutes > 10`"
    assert _told(_SCENARIO.format(body=body)) == []


def test_targets_are_kept_apart_from_rules() -> None:
    """ "Target" is what is wanted; "alert at" is what fires."""
    book = read(b"# Ferry\n\n## Key Metrics\n\n- **Boats on time**: > 99% (alert at 95%)\n", "ferry.md")
    assert [(one.op, one.value) for one in book.targets] == [(">", 99)]
    assert [(one.op, one.value) for one in book.rules] == [("<=", 95)]


def test_two_metrics_with_one_number_are_two_rules() -> None:
    """On one line and in two; the same metric in other words stays one."""
    two = "**Symptoms:**\n- Engine faults > 5% and pump faults > 5%"
    assert [one.metric for one in _rules(_SCENARIO.format(body=two))] == ["Engine faults", "pump faults"]
    apart = "**Symptoms:**\n- Engine load > 80%\n- Pump load over 80%"
    assert [one.line for one in _rules(_SCENARIO.format(body=apart))] == [8, 9]
    same = "**Symptoms:**\n- Late boats > 10%\n- More than 10% late boats at the pier"
    assert len(_rules(_SCENARIO.format(body=same))) == 1


def test_a_sentence_that_was_wrapped_is_read_as_one() -> None:
    """The metric at the end of one line, the number in the next; the rule stands where the sentence begins."""
    body = (
        "**Symptoms:** the board in the harbour office shows that the delay of the night boats\nis above 20 minutes now"
    )
    (found,) = _rules(_SCENARIO.format(body=body))
    assert ("delay" in found.metric, found.value, found.unit, found.line) == (True, 20, "min", 7)


def test_causes_below_symptoms_state_no_threshold() -> None:
    """What may have led to a failure is not what fires its alert."""
    text = "# Ferry\n\n## Symptom: boats stay away\n\nCauses:\n- Fog (> 3 hours)\n\nSymptoms:\n- Queue > 200 cars\n"
    assert [one.value for one in _rules(text)] == [200]


def test_what_ends_an_alert_is_no_rule() -> None:
    """ "Auto-resolution" says when it is over."""
    text = (
        "# Runbook: Late boats\n\n## Alert Details\n\n**Severity:** High (second worst)\n"
        "**Threshold:** late boats > 10%\n"
        "**Auto-Resolution:** when late boats < 2% for 5 minutes\n\n## Symptoms\n\n- Angry faces\n\n"
        "## Resolution\n\n- Wait\n"
    )
    assert [(one.value, one.severity) for one in _rules(text)] == [(10, "High")]


@pytest.mark.parametrize(
    ("body", "severity"),
    [
        ("### Late boats\n\n- **Condition:** `late > 10`\n- **Severity:** Warning\n", "Warning"),
        ("### Late boats (critical)\n\n- **Condition:** `late > 10`\n", "critical"),
        ("### Late boats\n\n| Key | Value |\n|---|---|\n| Severity | P2 |\n\n- **Condition:** `late > 10`\n", "P2"),
    ],
)
def test_an_alert_has_the_severity_of_its_section(body: str, severity: str) -> None:
    """From an item, from a tag in the heading, from a card."""
    assert [one.severity for one in _rules(f"# Ferry\n\n## Alert Rules\n\n{body}")] == [severity]


_MORE_TABLES: list[tuple[str, str, Told]] = [
    (
        "levels in one cell",
        "| Metric | Thresholds |\n|---|---|\n| cars | >80 = warning, >95 = critical |\n| engine | 0 = critical |",
        [(">", 80, None, "warning", None), (">", 95, None, "critical", None), ("==", 0, None, "critical", None)],
    ),
    (
        "window beside the metric",
        "| Metric | Threshold |\n|---|---|\n| delay (average over 10 min) | > 15 s |",
        [(">", 15, "s", None, 10)],
    ),
    (
        "expression",
        "| Alert | Expression | Duration | Severity |\n|---|---|---|---|\n| Late | boats_late > 10 | 5m | page |",
        [(">", 10, None, "page", 5)],
    ),
    (
        "alert if",
        "| Problem | What to do |\n|---|---|\n| Slow gate | Wait, alert if > 5 attempts |",
        [(">", 5, "count", None, None)],
    ),
]


@pytest.mark.parametrize(("table", "expected"), [one[1:] for one in _MORE_TABLES], ids=[one[0] for one in _MORE_TABLES])
def test_a_table_states_its_levels_where_it_likes(table: str, expected: Told) -> None:
    """In the cell, beside the metric, as an expression, in a sentence."""
    assert _told(f"# Ferry\n\n## Monitoring\n\n{table}\n") == expected


def test_the_words_of_a_prometheus_rule_say_that_its_limit_is_a_share() -> None:
    """0.01 that its description calls 1% is a ratio; without those words nothing is guessed."""
    rule = "- alert: Late\n  expr: rate(boats_late[5m]) > 0.01\n  for: 5m\n  annotations:\n    summary: {}\n"
    for words, unit in (("over 1% late", "ratio"), ("too late", None)):
        assert _told(f"# Ferry\n\n## Alert Rules\n\n```yaml\n{rule.format(words)}```\n") == [(">", 0.01, unit, None, 5)]


def test_a_query_under_its_own_heading_is_the_condition() -> None:
    """And one in the code of a line keeps the window behind it."""
    text = "# Alert: late boats\n\n## PromQL\n\n```promql\nchanges(boat_engine_starts[5m]) > 3\n```\n"
    assert _told(text) == [(">", 3, None, None, None)]
    body = "**Detection:**\n- `sum(rate(late[5m])) / sum(rate(boats[5m])) > 0.1` for 5m"
    assert _told(_SCENARIO.format(body=body)) == [(">", 0.1, "ratio", None, 5)]


def test_a_second_level_has_the_metric_and_the_level_that_stand_by_it() -> None:
    """ "> 85% (warning) / > 95% (critical)" measures one thing."""
    body = "**Trigger**: Fuel use > 85% (warning) / > 95% (critical)"
    assert [(one.metric, one.value, one.severity) for one in _rules(_SCENARIO.format(body=body))] == [
        ("Fuel use", 85, "warning"),
        ("Fuel use", 95, "critical"),
    ]


def test_a_limit_behind_another_is_no_window() -> None:
    """A time is a limit where a metric of its own stands before it, a window where none does."""
    body = "**Symptoms:** late boats above 5%; boarding time over 3 min"
    assert _told(_SCENARIO.format(body=body)) == [(">", 5, "%", None, None), (">", 3, "min", None, None)]
    body = "**Symptoms:** late boats > 5% of crossings over 10 minutes"
    assert _told(_SCENARIO.format(body=body)) == [(">", 5, "%", None, 10)]


def test_alerts_below_a_heading_of_their_level_have_it() -> None:
    """ "Critical Alerts" and "Warning Alerts" say it for every point."""
    text = "# Ferry\n\n## Alerts\n\n### Critical Alerts\n\n- Late boats > 10%\n\n### Warning Alerts\n\n- Fuel < 20%\n"
    assert [one.severity for one in _rules(text)] == ["Critical", "Warning"]
