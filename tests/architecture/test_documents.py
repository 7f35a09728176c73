"""What the documents say is true: links lead somewhere, commands exist, the example reads as it is told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from project_tree import ROOT, documents

FENCE = re.compile(r"^ *(`{3,}|~{3,})(\w*)[^\n]*\n(.*?)^ *\1`*\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
DECISIONS = ROOT / "docs" / "decisions"


def tocsin(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line of this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tocsin", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def commands_in(path: Path) -> list[str]:
    """The command lines of a document: of its shell fences and of its inline code."""
    text = path.read_text("utf-8")
    fenced = [line for _, language, body in FENCE.findall(text) if language in ("", "sh", "bash", "console")
              for line in body.splitlines()]  # fmt: skip
    return [line.strip().removeprefix("$ ") for line in fenced + re.findall(r"`([^`\n]+)`", FENCE.sub("", text))]


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(path: Path) -> None:
    """A reader who clicks arrives."""
    prose = FENCE.sub("", path.read_text("utf-8"))
    targets = [target for target in LINK.findall(prose) if "://" not in target and not target.startswith("mailto:")]

    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_rendered_pages_lead_to_each_other(tmp_path: Path) -> None:
    """`make docs` gives pages whose links arrive, as those of the sources do."""
    subprocess.run([sys.executable, str(ROOT / "docs" / "render.py"), str(tmp_path)], check=True, capture_output=True)
    pages = sorted(tmp_path.rglob("*.html"))
    dead = [
        f"{page.relative_to(tmp_path)}: {target}"
        for page in pages
        for target in re.findall(r'href="([^"#:]+)[#"]', page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert len(pages) == len(documents())
    assert dead == []


def test_every_decision_is_listed() -> None:
    """The index of the decisions names every one of them, once, in order."""
    written = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))

    assert [name for name in LINK.findall((DECISIONS / "README.md").read_text("utf-8")) if name[0].isdigit()] == written


def test_every_decision_has_its_parts() -> None:
    """One page each: context, decision, consequences."""
    parts = {"## Context", "## Decision", "## Consequences"}

    assert [
        path.name for path in DECISIONS.glob("[0-9]*.md") if not parts <= {*path.read_text("utf-8").splitlines()}
    ] == []


def test_every_make_target_that_a_document_names_exists() -> None:
    """`make something` in a document is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {found[1] for path in documents() for line in commands_in(path) if (found := re.match(r"make (\w+)", line))}

    assert {"demo", "test"} <= named
    assert named <= targets


@cache
def verbs() -> frozenset[str]:
    """What the command line's help lists."""
    return frozenset(re.findall(r"^  ([a-z][a-z-]*)", tocsin("--help").stdout, re.MULTILINE))


def test_every_verb_that_a_document_names_exists() -> None:
    """`tocsin something` in a document is a verb of the command line."""
    named = {
        found[1]
        for path in documents()
        for line in commands_in(path)
        if (found := re.match(r"(?:\.venv/bin/)?tocsin ([a-z]+)\b", line))
    }

    assert named <= verbs()


def test_the_readme_s_example_reads_as_the_readme_says(tmp_path: Path) -> None:
    """The runbook on the front page gives the alert, threshold, verdicts and clocks that are told beside it."""
    example = next(body for _, language, body in FENCE.findall((ROOT / "README.md").read_text("utf-8"))
                   if language == "markdown")  # fmt: skip
    (tmp_path / "shop.md").write_text(example, "utf-8")

    shown = tocsin("runbook", "show", str(tmp_path / "shop.md"), "--json")
    assert shown.returncode == 0, shown.stderr
    book = json.loads(shown.stdout)

    scenario = next(scenario for scenario in book["scenarios"] if scenario["alerts"] == ["CheckoutSlow"])
    rule = next(rule for rule in book["rules"] if rule["scenario"] == scenario["id"])
    assert (rule["op"], rule["value"], rule["unit"], rule["for_minutes"]) == (">", 800, "ms", 5)
    programs = {step["command"].split()[0]: step["verdict"] == "read" for step in scenario["steps"] if step["command"]}
    assert programs == {"git": True, "kubectl": False, "psql": False}
    assert [(c["op"], c["value"], c["watch_minutes"]) for c in scenario["criteria"]] == [("<", 400, 15)]
    assert [(rung["to"], rung["after_minutes"]) for rung in book["escalations"]] == [("team lead", 15)]
