"""Which stage a command of a scenario gets, and what becomes no command and no step."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Scenario
from tocsin.reading import read


def scenario(text: str) -> Scenario:
    """The only scenario of a document."""
    (found,) = read(text.encode(), "book.md").scenarios
    return found


def stages(text: str) -> list[tuple[str, str]]:
    """The commands of the only scenario with their stages."""
    return [(step.command or "", step.stage) for step in scenario(text).steps if step.kind != "manual"]


REPAIR = """# Runbook: Oven slow

## Symptoms
- Cold bread

## Resolution

1. **Check the burner**:
   ```bash
   ovenctl burner list
   ```
2. **Raise the heat**:
   ```bash
   ovenctl burner set --level 9
   ```
"""


def test_a_bold_check_among_the_repairs_is_diagnosis_where_it_only_looks() -> None:
    """The words of the item are nearer than the heading above it."""
    assert stages(REPAIR) == [("ovenctl burner list", "diagnosis"), ("ovenctl burner set --level 9", "resolution")]


def test_a_bold_restore_without_a_part_above_it_is_a_repair_with_all_its_commands() -> None:
    """A command that only reads belongs to the repair that the bold words announce."""
    text = """# Runbook: Till broken

## Symptoms
- Dark

## What to do
1. **Restore the books**:
   ```bash
   tillctl backups list
   ```
"""
    assert [stage for _, stage in stages(text)] == ["resolution"]


def test_what_changes_something_is_no_detection() -> None:
    """A fence under "**Detection**: …" holds the repair too; it is told by its effect."""
    text = """# Bakery

## Scenarios

### Oven failure
**Detection**: the oven is cold

```bash
kubectl get pods
kubectl rollout restart deploy/oven
```
"""
    assert [stage for _, stage in stages(text)] == ["diagnosis", "mitigation"]


@pytest.mark.parametrize(
    ("command", "stage"),
    [
        ("psql -c \"SELECT update_feature_flag('cakes', false);\"", "mitigation"),
        ("psql -c 'SELECT count(*) FROM loaves'", "diagnosis"),
        ("ansible-playbook clean.yml", "mitigation"),
        ("ansible-playbook clean.yml --check --diff", "diagnosis"),
        ("gcloud sql instances clone shop spare", "mitigation"),
        ("curl --retry 3 -s http://oven.example/health", "diagnosis"),
    ],
)
def test_a_command_that_no_label_places_is_told_by_its_effect(command: str, stage: str) -> None:
    """Functions that are called to change something and playbooks that run are repairs."""
    text = f"# Bakery\n\n## Scenarios\n\n### Oven failure\n```bash\n{command}\n```\n"
    assert [one for _, one in stages(text)] == [stage]


def test_finding_the_root_cause_within_the_resolution_is_diagnosis() -> None:
    """A heading that names the search for the cause keeps its meaning wherever it stands."""
    text = """# Runbook: Oven slow

## Symptoms
- Cold

## Resolution

### Identify Root Cause
```bash
kubectl logs oven
```
"""
    assert [stage for _, stage in stages(text)] == ["diagnosis"]


def test_a_query_that_is_a_whole_point_is_a_step() -> None:
    """A point that is nothing but a query is asked; one that compares is the alert's condition."""
    text = """# Ferry

## Alert runbooks

### FerryQueueLagHigh
1. Confirm the lag:
   - `sum(rate(ferry_lag_seconds[5m]))`
   - `ferry_queue_depth{dock="north"}`
   - `sum(rate(ferry_lag_seconds[5m])) > 5`
"""
    assert [command for command, _ in stages(text)] == [
        "sum(rate(ferry_lag_seconds[5m]))",
        'ferry_queue_depth{dock="north"}',
    ]


def test_bare_series_below_a_comment_that_names_their_language_are_queries() -> None:
    """An untagged fence is queries where it says so itself."""
    text = """# Runbook: Oven slow

## Symptoms
- Cold

## Diagnosis
```
# PromQL: loaves
oven_loaves
oven_heat
```
"""
    assert stages(text) == [("oven_loaves", "diagnosis"), ("oven_heat", "diagnosis")]


@pytest.mark.parametrize("code", ["docker stop", "kubectl delete", "ovenctl --host ...", "systemctl restart"])
def test_an_unfinished_command_in_a_sentence_is_none(code: str) -> None:
    """A verb whose object stands in the sentence cannot be run as it is."""
    text = f"# Runbook: Oven slow\n\n## Symptoms\n- Cold\n\n## Mitigation\n- `{code}` the oldest ones by hand\n"
    assert stages(text) == []


def test_a_list_of_what_must_never_be_done_holds_no_command() -> None:
    """The words above the list stay with each point, and nothing there can be run."""
    text = """# Runbook: Cellar full

## Symptoms
- No room

## Mitigation

- `rm -rf /srv/exports/old`

Never delete:

- `rm -rf /srv/books`
- The index
"""
    found = read(text.encode(), "book.md")
    runnable = [step.command for part in (*found.scenarios, *found.procedures) for step in part.steps if step.runnable]
    assert runnable == ["rm -rf /srv/exports/old"]
    assert "Never delete: The index" in [step.title for step in found.scenarios[0].steps]


def test_the_alerts_name_and_a_trigger_are_no_steps() -> None:
    """What tells when the alert fires is told as such and not as something to do."""
    text = """# Kitchen

## Critical Alerts

### Fridge warm
**Alert:** `FridgeTooWarm`
**Steps:**
1. Close the door
"""
    found = scenario(text)
    assert [step.title for step in found.steps] == ["Close the door"]
    assert found.alerts == ("FridgeTooWarm",)


def test_printed_json_in_comments_is_no_step_and_an_aside_no_title() -> None:
    """Output in comments belongs to the command above; "was 20" says nothing about the step."""
    text = """# Runbook: Oven slow

## Symptoms
- Cold

## Diagnosis
```bash
curl -s http://oven.example/state

# {
#   "heat": 3
# }
export OVEN_LEVEL=9  # was 20
```
"""
    found = scenario(text)
    assert [(step.kind, step.title) for step in found.steps] == [
        ("shell", "curl -s http://oven.example/state"),
        ("shell", "export OVEN_LEVEL=9"),
    ]
    assert found.steps[0].expected == '{\n"heat": 3\n}'


def test_one_cell_may_hold_the_response_times_of_several_levels() -> None:
    """ "15 minutes (P0), 1 hour (P1)" tells two times."""
    text = """# On-call

## Severity levels
- **P0**: all ovens cold
- **P1**: one oven cold

## Coverage
| Type | Response Time |
|---|---|
| By day | 15 minutes (P0), 1 hour (P1) |
| By night | 30 minutes (P0), 4 hours (P1) |
"""
    found = read(text.encode(), "book.md").severities
    assert [(one.name, one.response_minutes) for one in found] == [("P0", 15), ("P1", 60)]


def test_a_search_in_logs_and_a_decision_are_no_templates() -> None:
    """Gaps in a filter or in a decision make no message to send."""
    text = """# Kitchen

## Look
```
# log search
resource.type="oven"
severity>=ERROR
timestamp>="[start]"
```

## Decide
```
Question: is the oven [name] cold?
IF YES:
  → light it
IF NO:
  → wait
```
"""
    assert read(text.encode(), "book.md").templates == ()
