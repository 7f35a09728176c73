"""The rule file that is written from runbooks, held against Prometheus' own tools."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.core.runbook import Op, Rule, Runbook, Scenario
from tocsin.core.triggers import Trigger
from tocsin.core.watching import NoData, Terms, Watch, observe, silence
from tocsin.probes.prometheus import Prometheus
from tocsin.probes.tcp import Tcp
from tocsin.service.prometheus_rules import rule_file
from tocsin.service.thresholds import Watched
from tocsin.settings import Settings, Signal

MINUTE = timedelta(minutes=1)
BEGIN = datetime(2026, 11, 21, tzinfo=UTC)
LENGTH = 40
TESTS = 4


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus' tool for rules."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not installed")
    return found


def run(promtool: str, verb: str, file: Path) -> str:
    """What it says, after it has succeeded."""
    done = subprocess.run([promtool, verb, "rules", file.name], cwd=file.parent, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def a_rule(number: int, op: Op, minutes: float) -> Rule:
    """A threshold of 5 (or, inverted, of 95) on a metric of its own."""
    return Rule(metric=f"metric {number}", op=op, value=5 if op == ">" else 95, for_minutes=minutes, line=number + 1)


def a_book(rules: Sequence[Rule], scenarios: Sequence[Scenario] = ()) -> Runbook:
    """A runbook of nothing but thresholds."""
    return Runbook(
        title="Bakery", source="docs/bakery.md", digest="sha256:0", rules=tuple(rules), scenarios=tuple(scenarios)
    )


def cases() -> Iterator[tuple[Rule, Signal]]:
    """Every combination of what may differ, each on a metric of its own.

    A gap starts ``for`` anew in Prometheus, while ``keep`` waits on: so those two are not combined.
    """
    policies: tuple[NoData, ...] = ("keep", "clear")
    combined = itertools.product((">", "<"), (0, 3), (0, 2), (False, True), policies)
    for number, (op, lasting, keep, ends, policy) in enumerate(
        one for one in combined if one[4] == "clear" or not one[1]
    ):
        probe = Prometheus(url="http://127.0.0.1", query=f'm{{n="{number}"}} # its own', scale=0.5)
        terms = Terms(keep_firing=keep * MINUTE, no_data=policy)
        clear = None if not ends else 1.0 if op == ">" else 99.0
        rule = a_rule(number, op, lasting)  # type: ignore[arg-type]
        yield rule, Signal(metric=rule.metric, probe=probe, every=MINUTE, clear=clear, terms=terms)


def series(dice: random.Random, op: str, least: int) -> list[float | None]:
    """Values around both numbers, often the same ones again, and gaps."""
    well, between, bad = (0.5, 3.0, 6.0) if op == ">" else (99.5, 97.0, 94.0)
    found: list[float | None] = []
    while len(found) < LENGTH:
        value = dice.choice((well, between, bad, bad, 5.0 if op == ">" else 95.0, 1.0 if op == ">" else 99.0, None))
        found += [value] * dice.randint(1, least)
    return found[:LENGTH]


def states(watched: Watched, signal: Signal, settings: Settings, values: Sequence[float | None]) -> list[bool]:
    """Whether our own machine fires, minute by minute."""
    watch, fires = Watch(), []
    for minute, value in enumerate(values):
        now, terms = BEGIN + minute * MINUTE, watched.terms(signal)
        if value is None:
            watch = silence(watch, "gone", terms, now)
        else:
            watch = observe(watch, value, watched.bound(settings), terms, now)
        fires.append(watch.state == "firing")
    return fires


def test_prometheus_behaves_as_we_do(promtool: str, tmp_path: Path) -> None:
    """The same series, minute by minute: each rule fires in Prometheus exactly when it fires here."""
    bound = list(cases())
    book = a_book([rule for rule, _ in bound])
    settings = Settings(signals=tuple(signal for _, signal in bound))
    (tmp_path / "rules.yml").write_text(rule_file([book], settings).text)
    tests, seen = [], set()
    for seed in range(TESTS):
        dice = random.Random(seed)
        drawn = [series(dice, rule.op, 4) for rule, _ in bound]
        expected = []
        for (rule, signal), values in zip(bound, drawn, strict=True):
            watched = Watched(book, None, rule)
            for minute, fires in enumerate(states(watched, signal, settings, values)):
                seen.add(fires)
                expected.append(_expected(watched, minute, fires=fires))
        inputs = [
            {"series": f'm{{n="{number}"}}', "values": " ".join(_sample(value) for value in values)}
            for number, values in enumerate(drawn)
        ]
        tests.append({"interval": "1m", "input_series": inputs, "alert_rule_test": expected})
    suite = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": tests}
    (tmp_path / "suite.yml").write_text(json.dumps(suite))
    assert seen == {True, False}
    assert "SUCCESS" in run(promtool, "test", tmp_path / "suite.yml")


def _sample(value: float | None) -> str:
    """As the query sees it, before it is halved."""
    return "stale" if value is None else str(value * 2)


def _expected(watched: Watched, minute: int, *, fires: bool) -> dict[str, Any]:
    labels = {name: text for name, text in watched.labels.items() if name != "alertname"}
    notes = {
        "summary": f"{watched.rule.metric} crosses the threshold {watched.says()}", "runbook_url": "bakery.md",
    }  # fmt: skip
    alerts = [{"exp_labels": labels, "exp_annotations": notes}] if fires else []
    return {"eval_time": f"{minute}m", "alertname": watched.alert, "exp_alerts": alerts}


def test_the_comparison_can_fail(promtool: str, tmp_path: Path) -> None:
    """A machine that differs from the file is found out."""
    rule = a_rule(0, ">", 0)
    signal = Signal(metric=rule.metric, probe=Prometheus(url="http://127.0.0.1", query="m"), every=MINUTE)
    written = rule_file([a_book([rule])], Settings(signals=(signal,))).text
    (tmp_path / "rules.yml").write_text(written)
    expected = [_expected(Watched(a_book([rule]), None, rule), 0, fires=False)]
    test = {"interval": "1m", "input_series": [{"series": "m", "values": "6"}], "alert_rule_test": expected}
    suite = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "suite.yml").write_text(json.dumps(suite))
    with pytest.raises(AssertionError, match="FAILED"):
        run(promtool, "test", tmp_path / "suite.yml")


HOSTILE = 'Bread "{{ $value }}" \\ \u2028 \U0001f35e\x85 {{'


def test_hostile_words_are_words(promtool: str, tmp_path: Path) -> None:
    """Quotes, templates, line ends and letters of any kind in a runbook's own words break nothing."""
    scenario = Scenario(id="a/b#c", title=HOSTILE, alerts=(HOSTILE,), line=3)
    rule = replace(a_rule(0, ">", 1.5), metric=HOSTILE, unit=HOSTILE, severity=HOSTILE, scenario=scenario.id)
    unbound = replace(rule, metric="other\n- alert: x\x00")
    book = replace(a_book([rule, unbound], [scenario]), title=HOSTILE, source=f"docs/{HOSTILE}.md")
    probe = Prometheus(url="http://127.0.0.1", query='m{a="\\"}"} # {{ ')
    terms = Terms(no_data="say", keep_firing=timedelta(seconds=1.5))
    signal = Signal(metric=HOSTILE, probe=probe, clear=1, terms=terms)
    written = rule_file([book], Settings(signals=(signal,), base_url="https://tocsin.example.org"))
    assert (written.rules, len(written.left_out)) == (1, 1)
    (tmp_path / "rules.yml").write_text(written.text, encoding="utf-8")
    assert "2 rules found" in run(promtool, "check", tmp_path / "rules.yml")
    assert "\n- alert: x" not in written.text


def test_what_has_no_expression_is_left_out_with_its_reason() -> None:
    """An unbound metric and a probe that is no query are comments; a file without rules is still a file."""
    rules = [a_rule(0, ">", 0), a_rule(1, ">", 0)]
    signal = Signal(metric=rules[1].metric, probe=Tcp(host="127.0.0.1", port=1))
    written = rule_file([a_book(rules)], Settings(signals=(signal,)))
    assert written.rules == 0
    assert "# Not here: bakery.md line 1: metric 0 > 5: no signal is bound to metric 0\n" in written.text
    assert "read by the probe tcp, which has no expression" in written.text
    assert written.text.endswith("groups: []\n")


def test_what_states_no_number_is_a_comment() -> None:
    """So that whoever reads the file knows that it is not all that the runbook lists."""
    listed = Trigger(text="Fire alarm\nrings", severity="P1", line=7)
    written = rule_file([replace(a_book([]), triggers=(listed,))], Settings())
    assert "# Not here: bakery.md line 7: Fire alarm rings (P1): it states no number\n" in written.text
    assert (written.rules, written.left_out) == (0, ())


@pytest.mark.parametrize(("policy", "rules"), [("fire", 2), ("keep", 1), ("clear", 1), ("say", 2)])
def test_missing_data_has_its_rule_where_it_fires(promtool: str, tmp_path: Path, policy: NoData, rules: int) -> None:
    """`fire` and `say` are a rule on the absence of the value."""
    rule = a_rule(0, ">", 0)
    probe = Prometheus(url="http://127.0.0.1", query="m")
    signal = Signal(metric=rule.metric, probe=probe, terms=Terms(no_data=policy))
    (tmp_path / "rules.yml").write_text(rule_file([a_book([rule])], Settings(signals=(signal,))).text)
    assert f"{rules} rules found" in run(promtool, "check", tmp_path / "rules.yml")
