"""Runbooks that say the usual things in their own way: own programs, fields in lists, tables of steps, other labels."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Runbook, Step
from tocsin.reading import read


def _book(text: str) -> Runbook:
    return read(text.encode(), "bakery.md")


def _steps(text: str) -> list[tuple[str, str]]:
    return [(step.kind, step.command or step.title) for step in _book(text).steps()]


REPAIR = "# Bakery\n\n## Oven outage\n\n### Mitigation\n\n"


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        ("- Restart the burner: `ovenctl burner --restart`", "shell", "ovenctl burner --restart"),
        ("- Run `ovenctl burn 5`", "shell", "ovenctl burn 5"),
        ("1. Ejecutar: `ovenctl burn 5`", "shell", "ovenctl burn 5"),
        ("- Then `up -d` once more", "manual", "Then up -d once more"),
        ("- Open the `burner door` of the oven", "manual", "Open the burner door of the oven"),
        ("- Run `Night Shift` again", "manual", "Run Night Shift again"),
        ("- Don't run `ovenctl burn --all`", "manual", "Don't run ovenctl burn --all"),
    ],
)
def test_a_program_that_only_this_team_has_is_a_command(line: str, kind: str, said: str) -> None:
    """An option, or the word "run" before it, tells inline code from a mere name."""
    assert _steps(f"{REPAIR}{line}\n") == [(kind, said)]


def test_a_table_of_numbered_steps_is_a_procedure_wherever_it_stands() -> None:
    """The number is no title, a row without a command is a step by hand, and another table is no procedure."""
    table = "| Step | Action |\n|---|---|\n| 1 | Call the baker |\n| 2 | Run `ovenctl off --all` |\n"
    book = _book(
        f"# Bakery\n\n## Closing time\n\n{table}\n## Breads\n\n| Bread | Action |\n|---|---|\n| Rye | none |\n"
    )
    (procedure,) = book.procedures
    assert [(step.kind, step.title) for step in procedure.steps] == [
        ("manual", "1: Call the baker"),
        ("shell", "ovenctl off --all"),
    ]


def test_the_fields_of_an_alert_in_a_list_are_no_steps() -> None:
    """What only says how bad it is and when it fires is nothing to do; what to do stays."""
    fields = (
        "- Severity: warning\n- **Condition**: flour < 20 kg for 5 min\n- **Impact:** no rolls\n- Action: order flour\n"
    )
    text = f"# Bakery\n\n## Alerts\n\n### FlourLow\n\n{fields}"
    assert _steps(text) == [("manual", "Action: order flour")]
    (rule,) = _book(text).rules
    assert (rule.op, rule.value, rule.for_minutes) == ("<", 20, 5)


def test_an_instruction_behind_such_a_word_stays_a_step() -> None:
    """ "Impact: check …" says what to look at."""
    assert _steps(f"{REPAIR}- Impact: check which shops are closed\n") == [
        ("manual", "Impact: check which shops are closed")
    ]


def test_an_expression_is_the_condition_of_its_alert() -> None:
    """A catalogue that copies the rule's own key."""
    text = "# Alerts\n\n## OvenCold\n\n**Expr:** `oven_celsius < 180 for 10m`\n**Mitigation:**\n1. `reboot now`\n"
    (rule,) = _book(text).rules
    assert (rule.metric, rule.op, rule.value, rule.for_minutes) == ("oven_celsius", "<", 180, 10)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("- **P1 (15 min)**: all ovens cold\n- **P2 (respond within 2 h)**: one cold\n", [("P1", 15), ("P2", 120)]),
        ("- **P1 (resolve in 4 h)**: all cold\n- **P2**: one cold (for 20 min)\n", [("P1", None), ("P2", None)]),
        ("Severity 1: all cold\n\nSeverity 2: one cold\n", [("Severity 1", None), ("Severity 2", None)]),
        ("**Sev1** All cold, respond in 10m\n\n**Sev2** One cold\n", [("Sev1", 10), ("Sev2", None)]),
        ("**P1 – All cold.** Response: 10 min.\n\n**P2 – One cold.** Response: 1 h.\n", [("P1", 10), ("P2", 60)]),
        ("P1 and P2 incidents page the baker.\n\nP3 incidents wait.\n", []),
    ],
)
def test_a_scale_in_sentences_and_parentheses(body: str, told: list[tuple[str, float | None]]) -> None:
    """The time behind a level's name is its response time; that of a repair or of an outage is not."""
    found = _book(f"# Bakery\n\n## Severity levels\n\n{body}").severities
    assert [(one.name, one.response_minutes) for one in found] == told


def test_a_time_is_no_description_of_a_level() -> None:
    """A table of clocks with the levels as columns says nothing of what they mean."""
    table = "| | P1 | P2 |\n|---|---|---|\n| Acknowledge | 5 min | 15 min |\n| Resolve | 1 h | 4 h |\n"
    found = _book(f"# Bakery\n\n## Priority matrix\n\n{table}").severities
    assert [(one.name, one.description, one.response_minutes) for one in found] == [("P1", "", 5), ("P2", "", 15)]


CHECKED = """# Bakery

## Oven cold

### {look}

- `df -h`

### Mitigation

- `systemctl restart oven`

### {check}

- `uptime`
"""


@pytest.mark.parametrize(
    ("look", "check"),
    [
        ("Diagnose", "Überprüfung"),
        ("Diagnosi", "Verifica"),
        ("調査", "確認"),
        ("Диагностика", "Проверка"),
        ("排查", "检查"),
    ],
)
def test_a_second_check_behind_the_repair_looks_whether_it_worked(look: str, check: str) -> None:
    """The word for "check" alone doesn't say which; its place does."""
    steps: list[Step] = list(_book(CHECKED.format(look=look, check=check)).steps())
    assert [step.stage for step in steps] == ["diagnosis", "mitigation", "verification"]


def test_a_korean_condition_may_be_a_label() -> None:
    """ "경우" ends the clause also where nothing follows it."""
    (step,) = _book(f"{REPAIR}**오븐이 차가운 경우:**\n\n- `systemctl restart oven`\n").steps()
    assert step.branch == "오븐이 차가운 경우"


def test_a_command_of_the_resolution_is_a_step_and_no_later_fix() -> None:
    """What can be run now is not proposed as an action item."""
    text = f"{REPAIR}- Open the door\n\n### Resolution\n\n1. `systemctl restart oven`\n2. Buy a second oven\n"
    (scenario,) = _book(text).scenarios
    assert [follow.text for follow in scenario.follow_ups] == ["Buy a second oven"]
    assert "systemctl restart oven" in [step.command for step in scenario.steps]


def test_italian_contacts_and_prevention_are_known() -> None:
    """They are reached, and what prevents the next time is a follow-up."""
    contacts = "## Contatti\n\n- Fornaia: ana@bakery.example\n"
    book = _book(f"{REPAIR}- Apri la porta\n\n### Prevenzione\n\n- Comprare un forno\n\n{contacts}")
    assert [follow.text for follow in book.scenarios[0].follow_ups] == ["Comprare un forno"]
    assert [contact.email for contact in book.contacts] == ["ana@bakery.example"]


def _limits(text: str) -> list[tuple[str, str, float, float | None, str | None]]:
    return [(one.metric, one.op, one.value, one.for_minutes, one.severity) for one in _book(text).rules]


SYMPTOMS = "# Bakery\n\n## Oven outage\n\n### Symptoms\n\n"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("loaves late > 5% (P1) or > 1% (P2)", [("loaves late", ">", 5, "P1"), ("loaves late", ">", 1, "P2")]),
        ("flour (warning at 20%, critical at 10%)", [("flour", "<=", 20, "warning"), ("flour", "<=", 10, "critical")]),
        ("heat (warning at 70%, critical at 90%)", [("heat", ">=", 70, "warning"), ("heat", ">=", 90, "critical")]),
    ],
)
def test_each_of_two_limits_has_its_own_level(line: str, told: list[tuple[str, str, float, str]]) -> None:
    """The level behind a number is that number's; both measure the same, and a falling pair alerts below."""
    found = [(metric, op, value, level) for metric, op, value, _, level in _limits(f"{SYMPTOMS}- {line}\n")]
    assert found == told


def test_a_rule_files_guards_and_compound_times_are_understood() -> None:
    """ "and up == 1" is no limit, "1h30m" is 90 minutes, and labels may stand on one line."""
    rules = (
        "- alert: OvenHot\n  expr: |\n    avg(oven_celsius) by (oven) > 290\n      and on() up == 1\n  for: 1h30m\n"
        "  labels: {severity: page, team: bread}\n"
    )
    text = f"# Bakery\n\n## Monitoring\n\n```yaml\n{rules}```\n"
    assert _limits(text) == [("oven celsius", ">", 290, 90, "page")]
