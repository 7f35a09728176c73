"""`tocsin runbook show`: the published shape, whatever the Markdown looks like."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.cli.terminal import ROOT, RUNBOOK, Done, here, tocsin
from tocsin.core.runbook import Runbook
from tocsin.wire import convert

SHAPE = """
schema title source digest repairs severities targets rules scenarios phases procedures conditionals
escalations contacts rotation channels templates checklists deadlines placeholders env_vars links review
problems
"""
STEP = """
id kind stage title command language verdict traits why expected placeholders branch alternative_to line
end_line column
"""


def test_the_json_is_the_published_shape(shop: Path) -> None:
    """Every key is there, steps have their verdicts, and the whole reads back into the model."""
    done = tocsin("runbook", "show", "shop.md", "--json", cwd=shop)

    assert (done.code, done.err) == (0, "")
    assert set(SHAPE.split()) <= set(done.json)
    assert (done.json["schema"], done.json["source"]) == ("tocsin.runbook/1", "shop.md")
    steps = {step["command"]: step for step in done.json["scenarios"][0]["steps"]}
    assert set(STEP.split()) <= set(steps["df -h"])
    assert (steps["df -h"]["verdict"], steps["touch marked-one"]["verdict"]) == ("read", "change")
    assert convert(Runbook, done.json).title == "Incidents of the ticket shop"


def test_a_document_on_standard_input_is_shown(tmp_path: Path) -> None:
    """As `-`, in every form; an empty one is refused by its name."""
    assert here("runbook", "show", "-", "--json", cwd=tmp_path, text=RUNBOOK).json["source"] == "stdin"
    rows = here("runbook", "show", "-", cwd=tmp_path, text=RUNBOOK)
    assert (rows.code, "stdin sha256:" in rows.out, "| read-only" in rows.out) == (0, True, True)
    empty = here("runbook", "show", "-", cwd=tmp_path, text="")
    assert (empty.code, empty.err) == (2, "tocsin: stdin can't be read. The file is empty. Write the runbook first.\n")


def test_links_are_looked_up_beside_the_file(tmp_path: Path) -> None:
    """Relative files are there or not; nothing is said about addresses elsewhere."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "there.md").write_text("# There\n")
    text = "# Shop\n\n[a](../there.md) [b](../gone.md#part) [c](/root.md) [d](https://example.org/x.md)\n"
    (tmp_path / "docs" / "shop.md").write_text(text)
    links = {each["target"]: each["exists"] for each in here(
        "runbook", "show", "docs/shop.md", "--json", cwd=tmp_path
    ).json["links"]}  # fmt: skip

    expected = {"../there.md": True, "../gone.md#part": False, "/root.md": None, "https://example.org/x.md": None}
    assert links == expected


@pytest.mark.parametrize(
    "content",
    [
        b"just words",
        b"# Only a title\n",
        b"```\nnever closed\n",
        b"\xff\xfe# \x00T\x00\n\x00",
        b"| a | b |\n|---|\n| 1 | 2 | 3 |\n",
        b"# \x1b[31mred\x1b[0m\n\n- [ ] x\n",
        "# Größe\r\n\r\n- p95 > ∞ ms\r\n".encode(),
        b"# caf\xe9\n",
    ],
)
def test_any_markdown_is_shown(content: bytes, tmp_path: Path) -> None:
    """Exit code 0, problems are data, no escape sequence reaches the terminal."""
    (tmp_path / "odd.md").write_bytes(content)
    for arguments in ((), ("--json",)):
        done = here("runbook", "show", "odd.md", *arguments, cwd=tmp_path)
        assert (done.code, "Traceback" in done.err, "\x1b" in done.out) == (0, False, False), done.err
    assert json.loads(done.out)["schema"] == "tocsin.runbook/1"


def test_a_runbook_without_a_scenario_is_said_to_have_none(tmp_path: Path) -> None:
    """A sentence beside the data."""
    (tmp_path / "notes.md").write_text("# Notes\n\nCall Ana.\n")
    done = here("runbook", "show", "notes.md", cwd=tmp_path)

    assert (done.code, "notes.md has no scenario" in done.err) == (0, True)


def test_what_can_not_be_read_is_one_sentence_that_names_the_file(tmp_path: Path) -> None:
    """Exit code 2."""
    (tmp_path / "empty.md").touch()
    (tmp_path / "binary.md").write_bytes(b"\0\1\2\3" * 100)
    (tmp_path / "huge.md").write_bytes(b"# x\n" * 600_000)
    (tmp_path / "folder").mkdir()
    for name in ("missing.md", "empty.md", "binary.md", "huge.md", "folder"):
        done = here("runbook", "show", name, "--json", cwd=tmp_path)
        assert (done.code, done.out, name in done.err) == (2, "", True), name
        assert len(done.err.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_sentence(tmp_path: Path) -> None:
    """Exit code 2."""
    (tmp_path / "secret.md").write_text(RUNBOOK)
    (tmp_path / "secret.md").chmod(0)

    assert here("runbook", "show", "secret.md", cwd=tmp_path).code == 2


def test_the_real_runbooks_are_shown(tmp_path: Path) -> None:
    """The five seeds, for people and for programs."""
    seeds = sorted((ROOT.parent / "shared" / "seeds").glob("*.txt"))
    if not seeds:
        pytest.skip("../shared/seeds is not here")
    for seed in seeds:
        assert here("runbook", "show", str(seed), cwd=tmp_path).code == 0
        book = here("runbook", "show", str(seed), "--json", cwd=tmp_path).json
        assert any(part["steps"] for part in (*book["scenarios"], *book["phases"], *book["procedures"])), seed.name


OVENS = """\
# Bakery

## Ovens are cold

**Alert:** `OvensCold`

### Diagnosis

```bash
# How hot are they
sh scripts/heat.sh
```

```http
### Is the shop up
GET /api/health
```
"""
HEAT = b"echo 230\n"
CONFIG = f"""\
[commands."scripts/heat.sh"]
sha256 = "{hashlib.sha256(HEAT).hexdigest()}"
reads = "prints how hot the ovens are"
traits = "@endless"

[targets.shop]
kind = "http"
base_url = "env:SHOP_THAT_IS_NOT_SET_HERE"
"""


@pytest.fixture
def bakery(tmp_path: Path) -> Path:
    """A runbook with a script of the team's own and a request, and the configuration that knows both."""
    (tmp_path / "scripts").mkdir(mode=0o755)
    (tmp_path / "scripts" / "heat.sh").write_bytes(HEAT)
    (tmp_path / "scripts" / "heat.sh").chmod(0o755)
    (tmp_path / "ovens.md").write_text(OVENS, "utf-8")
    (tmp_path / "tocsin.toml").write_text(CONFIG, "utf-8")
    return tmp_path


def _verdicts(done: Done) -> list[str]:
    return [step["verdict"] for step in done.json["scenarios"][0]["steps"]]


def test_the_teams_own_commands_count_for_the_verdicts(bakery: Path) -> None:
    """Of the configuration beside the document, or the one that was named; without one they are unknown."""
    assert _verdicts(tocsin("runbook", "show", "ovens.md", "--json", cwd=bakery)) == ["read", "read"]
    config = bakery / "tocsin.toml"
    config.rename(bakery / "other.toml")
    assert _verdicts(tocsin("runbook", "show", "ovens.md", "--json", cwd=bakery)) == ["unknown", "unknown"]
    named = tocsin("runbook", "show", "ovens.md", "--config", "other.toml", "--json", cwd=bakery)
    assert (_verdicts(named), named.err) == (["read", "read"], "")
    (bakery / "scripts" / "heat.sh").write_text("rm -r ovens\n", "utf-8")
    assert _verdicts(tocsin("runbook", "show", "ovens.md", "--config", "other.toml", "--json", cwd=bakery)) == [
        "unknown", "read",
    ]  # fmt: skip


def test_a_configuration_that_can_not_be_used_is_said(bakery: Path) -> None:
    """Found beside the document it stops nothing; named, it is a fault."""
    (bakery / "tocsin.toml").write_text("x = 1\n", "utf-8")
    done = tocsin("runbook", "show", "ovens.md", "--json", cwd=bakery)
    assert (done.code, _verdicts(done)) == (0, ["unknown", "unknown"])
    assert "The configuration is not looked at: tocsin.toml" in done.err
    assert tocsin("runbook", "show", "ovens.md", "--config", "tocsin.toml", cwd=bakery).code == 2


def test_check_knows_the_teams_own_commands(bakery: Path) -> None:
    """What the team says of a script is what is found in the document."""
    done = tocsin("check", "ovens.md", "--code", "endless-command", "--json", cwd=bakery)
    assert [one["line"] for one in done.json["files"][0]["problems"]] == [11]
    (bakery / "tocsin.toml").unlink()
    again = tocsin("check", "ovens.md", "--code", "endless-command", "--json", cwd=bakery)
    assert again.json["files"][0]["problems"] == []


def test_a_request_has_one_of_the_five_published_kinds(bakery: Path) -> None:
    """The shape promises no sixth one: it is a step by hand, with its command and its language."""
    done = tocsin("runbook", "show", "ovens.md", "--json", cwd=bakery)
    step = done.json["scenarios"][0]["steps"][1]
    assert (step["kind"], step["language"], step["command"]) == ("manual", "http", "GET /api/health")
