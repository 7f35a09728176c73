"""What a runbook needs and its configuration leaves open."""

from __future__ import annotations

from tests.lint.document import codes, problems
from tocsin import reading
from tocsin.lint.bindings import loose_ends
from tocsin.lint.subject import Bindings

TEXT = """\
# Ferry

## Alert Channels

- **Slack:** #pier
- **Dashboard:** the board in the office

## Lamps out

**Symptoms:**
- dark lamps > 5

```sh
curl -f https://YOUR_DOMAIN/lamps -H "X-Key: $PIER_KEY"
kill <pid>
```

## Escalation

- **0-20 min**: On-call engineer
- After 20 minutes unresolved: escalate to the fleet manager, @fleet
"""
EVERYTHING = Bindings(
    roles=frozenset({"On-call engineer", "fleet manager"}),
    metrics=frozenset({"dark lamps"}),
    channels=frozenset({"#pier"}),
    placeholders=frozenset({"YOUR_DOMAIN"}),
    variables=frozenset({"PIER_KEY"}),
)


def loose(bindings: Bindings) -> dict[str, str]:
    """Kind → name of the loose ends of our document."""
    found = loose_ends([reading.read(TEXT.encode(), "ferry.md")], bindings)
    return {each.kind: each.name for each in found}


def test_every_need_that_nothing_answers_is_a_loose_end() -> None:
    """Roles that are called, metrics, channels, lasting placeholders, variables; not a pid, not a dashboard."""
    assert loose(Bindings()) == {
        "role": "fleet manager", "metric": "dark lamps", "channel": "#pier", "placeholder": "YOUR_DOMAIN",
        "variable": "PIER_KEY",
    }  # fmt: skip
    assert loose(EVERYTHING) == {}


def test_they_are_findings_of_the_document_at_the_line_that_needs_them() -> None:
    """Only where the bindings are known."""
    expected = [(5, "unbound-channel"), (11, "unbound-metric"), (14, "unbound-placeholder"), (14, "unbound-variable"),
                (20, "unbound-role"), (21, "unbound-role")]  # fmt: skip
    unbound = [(line, code) for line, code in codes(TEXT, bindings=Bindings()) if code.startswith("unbound")]
    assert unbound == expected
    assert not [code for _, code in codes(TEXT) if code.startswith("unbound")]


def test_a_missing_program_is_found_where_somebody_looked_for_it() -> None:
    """The bindings name the programs that are not there."""
    missing = Bindings(missing=frozenset({"curl"}))
    assert loose(missing)["tool"] == "curl"
    assert [each.line for each in problems(TEXT, bindings=missing) if each.code == "missing-tool"] == [14]


def test_several_documents_name_each_thing_once() -> None:
    """The first place counts."""
    book = reading.read(TEXT.encode(), "ferry.md")
    once, twice = loose_ends([book], Bindings()), loose_ends([book, book], Bindings())
    assert once == twice


SCALE = "# Ferry\n\n## Severity Levels\n\n- **P1 (High)**: no ferry\n- **P2 (Low)**: late ferries\n"


def test_a_rule_for_a_severity_that_the_scale_lacks_is_a_finding() -> None:
    """It would never count here; a pattern, small letters and a document without a scale are no fault."""
    said = (("P9", "tocsin.toml rule 1"), ("p1", "tocsin.toml rule 2"), ("P*", "tocsin.toml rule 3"))
    (found,) = [one for one in problems(SCALE, bindings=Bindings(severities=said)) if one.code == "unbound-severity"]
    assert found.message == (
        "tocsin.toml rule 1 of [[approvals.rules]] is for the severity “P9”, which is not in this scale."
    )
    assert found.hint == "Use one of: P1, P2."
    assert found.level == "note"
    assert "unbound-severity" not in [code for _, code in codes("# Ferry\n", bindings=Bindings(severities=said))]
