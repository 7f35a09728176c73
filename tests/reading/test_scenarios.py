"""Scenarios, phases and procedures: what belongs to which, and ids that stay."""

from __future__ import annotations

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
    """A new scenario in front, other words in a neighbour: the id of a step stays."""
    before = {step.id: (step.title, step.command) for step in _book().steps() if "pump-stalls" in step.id}
    moved = _WATER.replace(
        "## Common Incidents\n",
        "## Common Incidents\n\n### Ice\n\n**Symptoms**: cold\n\n**Fix**:\n```bash\nheat on\n```\n",
    )
    moved = moved.replace("Ask the warden", "Ask the mason").replace("Check the filter", "Look at the filter")
    after = {step.id: (step.title, step.command) for step in _book(moved).steps() if "pump-stalls" in step.id}
    assert list(before) == list(after)
    assert "scenario-1-pump-stalls/mitigation/if-the-valve-is-stuck/2" in after


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
    """Prose about other things invents nothing, and says that it found no scenario."""
    book = _book("# Garden notes\n\nRoses like sun. If only it rained?\n\n- red\n- white\n")
    assert not any((book.scenarios, book.phases, book.procedures, book.rules, book.escalations, book.severities))
    assert [problem.code for problem in book.problems] == ["no-scenario"]
