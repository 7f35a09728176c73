"""Scenarios, phases and procedures: what belongs to which, and ids that stay."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Runbook, Step
from tocsin.reading import read

_WATER = """# Water Works

## Incident Response Process

### Step 1: Look (0-5 minutes)
- [ ] Read the gauge: `pump status --all`
- [ ] Call the keeper

### Step 2: Mend (5-30 minutes)
1. Close the valve

## Common Incidents

### Scenario 1: Pump Stalls

**Symptoms:**
- Alert: `PumpStalled` fires
- Loss > 7%

**Common Causes:**
- sand

**Diagnosis:**
```bash
# 1. Look at the pump
pump status

# 2. Ask the warden
```

**Mitigation:**

**If the valve is stuck:**
```bash
# Turn it
valve turn <valve-id>

# Or cut the power
breaker open
```

**If the power is out:**
- Start the generator

**Resolution:**
1. Replace the seal
2. Watch that loss returns to < 2%

### Scenario 2: Dirty Water

**Symptoms**: brown, smell

**Actions**:
1. Check the filter: `filter show -a`
2. Flush it:
   ```bash
   filter flush --now
   ```
3. Tell the town if children drink it

**Resolution**: Water clear, loss < 2%

## Handy Commands

```bash
pump status
```
"""


def _book(text: str = _WATER) -> Runbook:
    return read(text.encode(), "water.md")


def _told(step: Step) -> tuple[str, str, str, str | None]:
    return step.kind, step.stage, step.title, step.branch


def test_the_parts_of_a_scenario() -> None:
    """Symptoms, causes, steps with branches and alternatives, criteria, follow-ups, alerts: each where it belongs."""
    pump, dirty = _book().scenarios
    assert (pump.id, pump.title, pump.alerts) == ("scenario-1-pump-stalls", "Pump Stalls", ("PumpStalled",))
    assert [text.line for text in pump.symptoms] == [17, 18]
    assert [text.text for text in pump.causes] == ["sand"]
    assert [_told(step) for step in pump.steps] == [
        ("shell", "diagnosis", "Look at the pump", None),
        ("manual", "diagnosis", "Ask the warden", None),
        ("shell", "mitigation", "Turn it", "If the valve is stuck"),
        ("shell", "mitigation", "Or cut the power", "If the valve is stuck"),
        ("manual", "mitigation", "Start the generator", "If the power is out"),
    ]
    assert pump.steps[3].alternative_to == pump.steps[2].id
    assert pump.steps[2].placeholders == ("<valve-id>",)
    assert pump.branches == ("If the valve is stuck", "If the power is out")
    assert [text.text for text in pump.follow_ups] == ["Replace the seal"]
    assert [(one.metric, one.op, one.value) for one in pump.criteria] == [("loss", "<", 2)]
    assert [_told(step) for step in dirty.steps] == [
        ("shell", "diagnosis", "Check the filter", None),
        ("shell", "mitigation", "Flush it", None),
        ("manual", "communication", "Tell the town if children drink it", "if children drink it"),
    ]
    assert [one.text for one in dirty.criteria] == ["Water clear", "loss < 2%"]


def test_phases_have_windows_and_their_own_steps() -> None:
    """The general process is no scenario; checklist items with a command are commands."""
    look, mend = _book().phases
    assert (look.title, look.from_minutes, look.to_minutes) == ("Step 1: Look", 0, 5)
    assert [(step.kind, step.command) for step in look.steps] == [("shell", "pump status --all"), ("manual", None)]
    assert [step.title for step in mend.steps] == ["Close the valve"]


def test_commands_elsewhere_are_procedures() -> None:
    """No command of the document is lost."""
    (procedure,) = _book().procedures
    assert (procedure.title, [step.command for step in procedure.steps]) == ("Handy Commands", ["pump status"])


def test_ids_are_paths_and_survive_edits_elsewhere() -> None:
    """After a new scenario in front and other words in a neighbour the ids stay, but the one of the reworded step."""
    before = {step.id: (step.title, step.command) for step in _book().steps() if "pump-stalls" in step.id}
    moved = _WATER.replace(
        "## Common Incidents\n",
        "## Common Incidents\n\n### Ice\n\n**Symptoms**: cold\n\n**Fix**:\n```bash\nheat on\n```\n",
    )
    moved = moved.replace("Ask the warden", "Ask the mason").replace("Check the filter", "Look at the filter")
    after = {step.id: (step.title, step.command) for step in _book(moved).steps() if "pump-stalls" in step.id}
    assert [name for name in before if name not in after] == [name for name in before if "ask-the-warden" in name]
    assert len(before) == len(after)
    assert all(name.startswith("scenario-1-pump-stalls/") and len(name) <= 80 for name in after)


def test_repeated_headings_get_different_ids() -> None:
    """Ids are unique over the document."""
    text = "# W\n\n## Incidents\n" + "".join(
        f"\n### Leak\n\n**Symptoms**: wet {n}\n\n**Fix**:\n```sh\nmend a\n```\n" for n in range(3)
    )
    ids = [step.id for step in _book(text).steps()]
    assert len(ids) == len(set(ids)) == 3


def test_a_document_about_one_failure_is_one_scenario() -> None:
    """Parts at the level of the document make it one scenario; its causes are branches of it."""
    book = _book(
        "# Runbook: Pump Stalls\n\n**Severity:** P1\n\n## Symptoms\n- hum\n\n## Diagnosis\n```sh\npump statu"
        "s\n```\n\n## Resolution\n\n### If sand\n```sh\npump flush --now\n```\n\n## Escalation\n- 10 min: Pa"
        "ge the team lead\n"
    )
    (scenario,) = book.scenarios
    assert (scenario.title, scenario.severity, len(scenario.symptoms)) == ("Pump Stalls", "P1", 1)
    assert [(step.stage, step.branch) for step in scenario.steps] == [("diagnosis", None), ("resolution", "If sand")]
    assert [one.to for one in book.escalations] == ["team lead"]


def test_a_list_of_stages_is_the_process() -> None:
    """A numbered list under a process heading gives one phase for each item."""
    book = _book("# W\n\n## General Incident Response Process\n\n1. **Look** at it\n2. **Mend** it\n")
    assert [phase.title for phase in book.phases] == ["Look", "Mend"]


def test_a_table_row_points_or_runs() -> None:
    """A quick-reference row with a command runs it; a row that says "See …" leads to that section."""
    book = _book(
        "# W\n\n## Quick Reference\n\n| Symptom | Action | Command |\n|---|---|---|\n| Wet | Look "
        '| `git log -3` |\n| Dry | Drain | See "Big Drain" |\n\n## Big Drain\n```sh\ndrain all\n```\n'
    )
    first, second = book.procedures[0].steps
    assert (first.kind, first.title, first.command, first.line) == ("shell", "Wet: Look", "git log -3", 7)
    assert (second.kind, second.title, second.command) == ("link", "Dry: Drain", "#big-drain")


def test_what_the_text_forbids_is_no_command() -> None:
    """ "Never run …" is not a step to run."""
    book = _book("# W\n\n## Scenario 1: Leak\n\n**Symptoms**: wet\n\n**Fix**:\n- Do not run `git reset --hard`\n")
    assert [step.kind for step in book.steps()] == ["manual"]


def test_a_linked_runbook_is_a_step() -> None:
    """ "Follow `…md`" is a sub-procedure."""
    book = _book("# W\n\n## Scenario 1: Leak\n\n**Symptoms**: wet\n\n**Fix**:\n- Follow `docs/drain.md`\n")
    assert [(step.kind, step.command) for step in book.steps()] == [("link", "docs/drain.md")]


def test_an_empty_result_is_right_for_notes() -> None:
    """Prose about other things invents nothing."""
    book = _book("# Garden notes\n\nRoses like sun. If only it rained?\n\n- red\n- white\n")
    assert not any((book.scenarios, book.phases, book.procedures, book.rules, book.escalations, book.severities))


def test_headings_announced_as_incidents_are_scenarios() -> None:
    """Two siblings "Incident: …" are scenarios wherever they stand, whatever their parts are called; others aren't."""
    book = read(
        b"# Ferry\n\n## 2. Containment\n\n### 2.1 Incident: lost passenger\n\n1. **Now:**\n   - Count again\n\n"
        b"### 2.2 Incident: wet cargo\n\n1. **Now:**\n   - Cover it\n\n### 2.3 The log\n\n- Write it\n",
        "ferry.md",
    )
    assert [scenario.title for scenario in book.scenarios] == ["lost passenger", "wet cargo"]


def test_a_heading_may_be_the_symptom() -> None:
    """ "Symptom: …" with guidance below is a scenario of that name, and the name is its symptom."""
    text = "# 面包店\n\n## 1. 烤箱\n\n### 症状：烤箱不热\n\n解决：\n1. 打开\n\n### 症状：面包太硬\n\n解决：\n1. 加水\n"
    book = read(text.encode(), "bakery.md")
    assert [(one.title, [told.text for told in one.symptoms]) for one in book.scenarios] == [
        ("烤箱不热", ["烤箱不热"]),
        ("面包太硬", ["面包太硬"]),
    ]


def test_the_general_procedure_is_no_scenario() -> None:
    """A general procedure with detection, diagnosis and repair is the process of the house, in every language."""
    text = (
        "# Boulangerie\n\n## Scénarios d'incidents\n\n### Four en panne\n\n**Symptômes:**\n- froid\n\n"
        "## Procédure générale de résolution\n\n### 1. Détection\n\n- Voir\n\n### 2. Diagnostic\n\n- Chercher\n\n"
        "### 3. Résolution\n\n- Réparer\n"
    )
    assert [one.title for one in read(text.encode(), "x.md").scenarios] == ["Four en panne"]


def test_a_collection_may_have_a_remark_behind_its_name() -> None:
    """ "Warning Alerts (look at them soon)" holds alerts; their condition is what shows them."""
    book = read(
        b"# Bakery\n\n## Alerts\n\n### Warning Alerts (look at them soon)\n\n#### ColdOven\n\n"
        b"- **Condition**: below 150 degrees\n\n**Condition**: oven below 150 degrees\n\n#### StaleBread\n\n"
        b"**Action**: bake\n",
        "bakery.md",
    )
    assert [(one.title, len(one.symptoms)) for one in book.scenarios] == [("ColdOven", 1), ("StaleBread", 0)]


def test_one_failure_with_its_own_repair_has_its_causes_as_branches() -> None:
    """Where the document says how to look and what to do, a collection of issues in it is part of the one scenario."""
    book = read(
        b"# Runbook: Oven down\n\n## Impact\n\nNo bread.\n\n## Diagnostic Steps\n\n```bash\noven status\n```\n\n"
        b"## Common Issues and Resolutions\n\n### Issue: No Power\n\n**Symptoms:**\n- dark\n\n**Resolution:**\n"
        b"```bash\noven power on\n```\n\n## Recovery Procedures\n\n```bash\noven restart\n```\n",
        "oven.md",
    )
    assert [one.title for one in book.scenarios] == ["Oven down"]
    stages = [(step.stage, step.command) for step in book.scenarios[0].steps if step.runnable]
    assert stages == [
        ("diagnosis", "oven status"),
        ("resolution", "oven power on"),
        ("resolution", "oven restart"),
    ]


def test_what_is_verified_while_looking_is_diagnosis() -> None:
    """A check among the diagnostic steps is diagnosis, though its heading says "Verify"; a lasting fix is repair."""
    book = read(
        b"# Bakery\n\n## Oven down\n\n### Diagnosis\n\n#### Verify Data Link\n\n```bash\noven link --show\n```\n\n"
        b"### Mitigation\n\n#### Root Cause Fix\n\n```bash\noven wire replace\n```\n",
        "bakery.md",
    )
    assert [step.stage for step in book.scenarios[0].steps] == ["diagnosis", "mitigation"]


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("- If the oven is cold, light it", True),
        ("- If the oven is cold, the coal is likely wet", False),
        ("- If doors bang, the wind may be the cause", False),
        ("- Quando notificar", False),
        ("- Quando o forno apagar, acender", True),
        ("- 当时是否有风", False),
        ("- 当烤箱冷却时，重新点火", True),
        ("- 当烤箱冷却时会响铃，这是正常的", False),
    ],
)
def test_only_what_governs_an_action_is_a_condition(text: str, counted: bool) -> None:
    """A sentence that explains something, or that names a moment, is no condition."""
    book = read(f"# Bakery\n\n## Oven down\n\n### Fix\n\n{text}\n".encode(), "x.md")
    assert bool(book.conditionals) is counted


def test_many_scenarios_of_one_name_get_ids_of_their_own() -> None:
    """Ids are unique, and the second one of a name is numbered 2."""
    book = read(b"# B\n\n## Issues\n\n" + b"### Oven down\n\n- light it\n\n" * 50, "b.md")
    ids = [one.id for one in book.scenarios]
    assert len(set(ids)) == 50
    assert ids[0] == "oven-down"
