"""The page of each code: its examples are run."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest

from tests.lint.document import problems
from tocsin import lint
from tocsin.core.runbook import Problem
from tocsin.lint.codes import CODES
from tocsin.lint.subject import Bindings

PACKAGE = Path(lint.__file__).parents[1]
PAGES = Path(lint.__file__).parent / "pages"
EXCERPT = re.compile(
    r"^## (?P<which>Bad|Good)\n+(?P<run>`{3,})markdown\n(?P<text>.*?)^(?P=run)$", re.MULTILINE | re.DOTALL
)
WORLD = re.compile(r"<!-- world: (?P<world>[\w-]+) -->")
SHORT = {"no-scenario", "missing-verification", "missing-rollback"}
"""What an excerpt leaves out because it is one."""

BESIDE = {
    "nobody-to-page": {"unfilled-contact"},
    "unbindable-placeholder": {"shell-placeholder"},
}
"""Code → what cannot be left out of its bad example."""

FILES = {
    "docs/ferry.md": "",
    "docs/pier.md": "# Pier\n\n## Lamps\n",
    "scripts/lamps.sh": "",
    "package.json": '{"scripts": {"lamps": "true"}}',
    "compose.yaml": "services:\n  lamps:\n    image: a\n  till:\n    image: b\n",
}
BINDINGS = Bindings(
    roles=frozenset({"on-call", "Captain on call"}),
    metrics=frozenset({"failed payments"}),
    channels=frozenset({"#pier"}),
    placeholders=frozenset({"YOUR_PIER"}),
    variables=frozenset({"DATABASE_URL"}),
    missing=frozenset({"pgtop"}),
    severities=(("P1", "tocsin.toml line 3, rule 1"),),
)


def examples(code: str) -> dict[str, set[str]]:
    """Bad and Good → the codes that the excerpt gives in the world that its page names."""
    page = (PAGES / f"{code}.md").read_text("utf-8")
    world = WORLD.search(page)
    name = world["world"] if world else ""
    found = {each["which"]: each["text"] for each in EXCERPT.finditer(page)}
    return {which: {each.code for each in _found(text, name, bad=which == "Bad")} for which, text in found.items()}


def _found(text: str, world: str, *, bad: bool) -> list[Problem]:
    if world == "windows-1252":
        return problems(text.encode("windows-1252" if bad else "utf-8"))
    if world == "repository":
        return problems(text, files=FILES)
    if world == "bindings":
        return problems(text, bindings=BINDINGS)
    return problems(text, today=date.fromisoformat(world) if world else None)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    """Its first line is the code."""
    pages = {path.stem: path.read_text("utf-8") for path in PAGES.glob("*.md")}

    assert set(pages) == set(CODES)
    assert [code for code, page in pages.items() if not page.startswith(f"# {code}\n")] == []


@pytest.mark.parametrize("code", CODES)
def test_the_examples_of_a_page_are_what_they_are_called(code: str) -> None:
    """The bad one gives this code and hardly anything else, the good one does not give it."""
    found = examples(code)
    allowed = {code} | SHORT | BESIDE.get(code, set())

    assert set(found) == {"Bad", "Good"}
    assert code in found["Bad"]
    assert found["Bad"] <= allowed
    assert found["Good"] <= SHORT - {code}


def test_every_code_that_a_source_file_emits_is_in_the_table() -> None:
    """Whether it is made with `problem(…)` or by the reader."""
    emitted: dict[str, str] = {}
    for path in [*(PACKAGE / "lint").rglob("*.py"), *(PACKAGE / "reading").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                for text in _codes_of(node):
                    emitted[text] = path.name

    assert len(emitted) > 30
    assert {code: file for code, file in emitted.items() if code not in CODES} == {}


def test_every_code_in_the_table_is_emitted_somewhere() -> None:
    """No page explains what never happens."""
    files = [*(PACKAGE / "lint").glob("*.py"), *(PACKAGE / "reading").glob("*.py")]
    sources = "".join(path.read_text("utf-8") for path in files if path.name != "codes.py")
    unbound = {code for code in CODES if code.startswith("unbound-")}
    assert [code for code in CODES if f'"{code}"' not in sources and code not in unbound] == []


def _codes_of(call: ast.Call) -> list[str]:
    """The codes in a call of ``problem`` or ``Problem``."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    first = [call.args[0]] if name == "problem" and call.args else []
    named = [each.value for each in call.keywords if name == "Problem" and each.arg == "code"]
    return [each.value for each in (*first, *named) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
