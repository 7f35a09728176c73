"""`tocsin check`: what is found, how it is shown, how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.terminal import Done, here, tocsin
from tocsin.cli.annotations import annotation
from tocsin.cli.checked import Checked
from tocsin.core.runbook import Problem
from tocsin.lint.codes import CODES

CLEAN = """\
# Ferry

## Lamps out

**Alert:** `LampsOut`

**Symptoms:**
- The pier is dark

### Diagnosis
1. Look at the fuses

### Verification
1. Verify that the lamps are on
"""
PROMISE = "We write again every [X] minutes."
FAULTY = f"{CLEAN}\n## Words\n\n{PROMISE}\n\nRead [this](gone.md).\n"
CONFIG = '[people.ana]\nname = "Ana"\n\n[roles]\n"on-call" = "ana"\n'


@pytest.fixture
def pier(tmp_path: Path) -> Path:
    """A checkout with a clean and a faulty document, and a configuration."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "docs" / ".hidden").mkdir(parents=True)
    (tmp_path / "docs" / "node_modules").mkdir()
    (tmp_path / "docs" / "clean.md").write_text(CLEAN)
    (tmp_path / "docs" / "faulty.md").write_text(FAULTY)
    (tmp_path / "docs" / ".hidden" / "a.md").write_text(FAULTY)
    (tmp_path / "docs" / "node_modules" / "b.md").write_text(FAULTY)
    (tmp_path / "docs" / "c.txt").write_text(FAULTY)
    (tmp_path / "tocsin.toml").write_text(CONFIG)
    return tmp_path


def found(done: Done) -> list[tuple[str, int, str]]:
    """File, line and code of every finding of a JSON answer."""
    return [(each["file"], one["line"], one["code"]) for each in done.json["files"] for one in each["problems"]]


def test_a_clean_document_gives_nothing_but_words(pier: Path) -> None:
    """Exit code 0; what was looked at is said."""
    done = tocsin("check", "docs/clean.md", cwd=pier)

    assert (done.code, done.out) == (0, "")
    assert done.err == "1 file checked: no errors, no warnings, no notes.\n"


def test_a_finding_is_shown_with_its_line_and_what_to_do(pier: Path) -> None:
    """Place, level, code, sentence; the source below it; no colours outside of a terminal."""
    done = here("check", "docs/faulty.md", cwd=pier)

    assert (done.code, "\x1b" in done.out) == (1, False)
    first = done.out.splitlines()[:3]
    assert first[0].startswith("docs/faulty.md:18: warning open-promise  “every [X] minutes”")
    assert first[1] == f"    {PROMISE}"
    assert first[2].startswith("    → Write the number")
    assert "docs/faulty.md:20: error dead-link  The link leads to docs/gone.md" in done.out
    assert done.err == "1 file checked: 1 error, 1 warning, no notes.\n"


def test_the_level_decides_the_exit_code(pier: Path) -> None:
    """From --fail-on upwards."""

    def code(*more: str) -> int:
        return here("check", "docs/faulty.md", *more, cwd=pier).code

    assert [code("--fail-on", level) for level in ("error", "warning", "note")] == [1, 1, 1]
    assert code("--without", "dead-link", "--fail-on", "error") == 0
    assert code("--code", "open-promise", "--fail-on", "error") == 0
    assert code("--code", "open-promise") == 1


def test_folders_are_searched_and_every_file_is_named(pier: Path) -> None:
    """Markdown only, without folders of dots and packages, each file once."""
    done = here("check", "docs", "docs/clean.md", "--json", cwd=pier)

    assert [each["file"] for each in done.json["files"]] == ["docs/clean.md", "docs/faulty.md"]
    assert found(done) == [("docs/faulty.md", 18, "open-promise"), ("docs/faulty.md", 20, "dead-link")]
    assert (done.json["schema"], done.json["counts"]) == ("tocsin.check/1", {"error": 1, "warning": 1, "note": 0})
    assert done.json["files"][1]["checked"] == {"repository": True, "bindings": True}
    assert set(done.json["files"][1]["problems"][0]) == {"line", "code", "level", "message", "hint"}


def test_what_can_not_be_read_does_not_stop_the_others(pier: Path) -> None:
    """Exit code 2, one sentence that names the file."""
    (pier / "docs" / "empty.md").touch()
    done = here("check", "docs", "nowhere.md", cwd=pier)

    assert (done.code, "open-promise" in done.out) == (2, True)
    assert [line for line in done.err.splitlines() if line.startswith("tocsin:")] == [
        "tocsin: docs/empty.md can't be read. The file is empty. Write the runbook first.",
        "tocsin: There is no file nowhere.md. Name the runbook's Markdown file.",
    ]
    assert "2 files can't be read" in done.err
    told = here("check", "docs/empty.md", "--json", cwd=pier).json["files"][0]
    assert "empty" in told["error"]


def test_a_document_on_standard_input_is_checked(pier: Path) -> None:
    """As `-`, within the folder where one stands."""
    done = here("check", "-", "--json", cwd=pier, text=FAULTY)

    assert found(done) == [("stdin", 18, "open-promise"), ("stdin", 20, "dead-link")]


def test_nobody_is_told_to_configure_a_pipe_or_what_is_only_faulty(tmp_path: Path) -> None:
    """The last sentence says what to do where something can be done."""
    assert "tocsin init" not in here("check", "-", cwd=tmp_path, text=FAULTY).err
    (tmp_path / "pier.md").write_text(FAULTY)
    assert "`tocsin init pier.md` writes one" in here("check", "pier.md", cwd=tmp_path).err
    (tmp_path / "tocsin.toml").write_text('[channels]\n"#pier" = "nobody"\n')
    said = here("check", "pier.md", cwd=tmp_path).err
    assert "The configuration has a fault: bindings were not checked." in said
    assert "tocsin init" not in said


def test_outside_of_a_repository_links_are_not_looked_up(tmp_path: Path) -> None:
    """And it is said, as is that there is no configuration; --repository names a root."""
    (tmp_path / "f.md").write_text(FAULTY)
    done = here("check", "f.md", cwd=tmp_path)

    assert "dead-link" not in done.out
    assert "Not in a repository: links, scripts and services were not checked." in done.err
    assert "`tocsin init f.md` writes one" in done.err
    assert "dead-link" in here("check", "f.md", "--repository", ".", cwd=tmp_path).out
    assert here("check", "f.md", "--repository", "none", cwd=tmp_path).code == 2


def test_the_configuration_is_found_and_its_secrets_are_not_needed(pier: Path) -> None:
    """Beside the document or in the current folder; a named one that is broken is a fault, a found one a sentence."""
    text = CLEAN.replace("- The pier is dark", "- dark lamps > 5")
    (pier / "docs" / "clean.md").write_text(text)
    (pier / "tocsin.toml").write_text(
        CONFIG + '\n[tokens.a]\ntoken = "env:NOBODY_HAS_THIS"\n[tokens.b]\ntoken = "env:OR_THIS"\n'
    )
    assert found(here("check", "docs/clean.md", "--json", cwd=pier)) == [("docs/clean.md", 8, "unbound-metric")]

    (pier / "docs" / "tocsin.toml").write_text("[people\n")
    beside = here("check", "docs/clean.md", cwd=pier)
    assert (beside.code, "The configuration is not looked at: " in beside.err) == (0, True)
    named = here("check", "docs/clean.md", "--config", "docs/tocsin.toml", cwd=pier)
    assert (named.code, named.out) == (2, "")


def test_sarif_has_what_code_scanning_needs(pier: Path) -> None:
    """Rules with texts, results with level, relative place and a fingerprint that survives moved lines."""
    log = here("check", "docs", "--format", "sarif", cwd=pier).json
    (run,) = log["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}

    assert (log["version"], run["tool"]["driver"]["name"]) == ("2.1.0", "Tocsin")
    assert set(rules) == {"open-promise", "dead-link"}
    for rule in rules.values():
        assert rule["shortDescription"]["text"].endswith(".") and rule["help"]["text"] and "helpUri" not in rule
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"] and result["level"] in ("error", "warning", "note")
        assert place["artifactLocation"] == {"uri": "docs/faulty.md", "uriBaseId": "%SRCROOT%"}
        assert place["region"]["startLine"] in (18, 20)

    before = prints(log)
    (pier / "docs" / "faulty.md").write_text(FAULTY.replace("## Words", "A line.\n\nAnother one.\n\n## Words"))
    moved = here("check", "docs", "--format", "sarif", cwd=pier / "docs").code
    assert moved == 2  # there is no docs/docs
    after = here("check", "faulty.md", "--format", "sarif", cwd=pier / "docs").json
    assert prints(after) == before
    assert (
        after["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        == "docs/faulty.md"
    )


def prints(log: Any) -> list[str]:
    """The fingerprints of a log, which are all different."""
    found_ones = [next(iter(result["partialFingerprints"].values())) for result in log["runs"][0]["results"]]
    assert len(set(found_ones)) == len(found_ones)
    return found_ones


def test_equal_lines_have_fingerprints_of_their_own(pier: Path) -> None:
    """The second of two is not taken for the first."""
    (pier / "twice.md").write_text(f"{CLEAN}\n{PROMISE}\n\n{PROMISE}\n")
    assert len(prints(here("check", "twice.md", "--format", "sarif", cwd=pier).json)) == 2


def test_a_file_that_can_not_be_read_is_told_in_sarif(pier: Path) -> None:
    """The run was not successful."""
    (invocation,) = here("check", "none.md", "--format", "sarif", cwd=pier).json["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "none.md" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_annotations_are_commands_of_github(pier: Path) -> None:
    """One line each, nothing else on standard output."""
    lines = here("check", "docs", "--format", "github", cwd=pier).out.splitlines()

    assert lines[0].startswith("::warning file=docs/faulty.md,line=18,title=open-promise::“every [X] minutes”")
    assert lines[1].startswith("::error file=docs/faulty.md,line=20,title=dead-link::The link leads to")
    assert len(lines) == 2


def test_annotations_are_escaped() -> None:
    """Line ends, per cent, colons and commas can't break out of their place."""
    problem = Problem(line=3, code="dead-link", level="note", message="50%\r\nof ::x", hint="")
    document = Checked(file="a", path="a,b:c%.md")

    assert annotation(document, problem) == ("::notice file=a%2Cb%3Ac%25.md,line=3,title=dead-link::50%25%0D%0Aof ::x")


@pytest.mark.parametrize("code", ["dead-link", "unknown-ignore"])
def test_a_code_explains_itself(code: str, tmp_path: Path) -> None:
    """Its page, and how it is silenced."""
    done = here("check", "--explain", code, cwd=tmp_path)

    assert (done.code, done.out.startswith(f"# {code}\n")) == (0, True)
    assert "## Bad" in done.out and f"tocsin: ignore={code}" in done.out


def test_all_codes_are_listed(tmp_path: Path) -> None:
    """One line each."""
    assert [line.split()[0] for line in here("check", "--explain", "all", cwd=tmp_path).out.splitlines()] == list(CODES)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Name a file or a folder"),
        (("--explain", "dead-lnik"), "Did you mean dead-link?"),
        (("x.md", "--code", "zzz"), "--explain all"),
        (("x.md", "--without", "dead_link"), "Did you mean dead-link?"),
        (("empty",), "no Markdown file"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    """Exit code 2."""
    (tmp_path / "empty").mkdir()
    done = here("check", *arguments, cwd=tmp_path)

    assert (done.code, done.out, says in done.err) == (2, "", True)


def test_nothing_in_a_document_steers_the_terminal(tmp_path: Path) -> None:
    """Neither its name nor its text."""
    name = "a\x1b[31m.md"
    (tmp_path / name).write_text(f"{CLEAN}\n\x1b[2J{PROMISE}\n")
    done = here("check", name, cwd=tmp_path)

    assert (done.code, "\x1b" in done.out + done.err, "\\x1b[2J" in done.out) == (1, False, True)


def test_a_document_of_ten_thousand_lines_is_checked(tmp_path: Path) -> None:
    """A long document of everything at once ends, and its findings are in the order of its lines."""
    (tmp_path / "long.md").write_text(FAULTY + "\n".join(f"## Part {n}\n\n{PROMISE}\n" for n in range(2500)))
    lines = [one["line"] for one in here("check", "long.md", "--json", cwd=tmp_path).json["files"][0]["problems"]]

    assert len(lines) >= 2500
    assert lines == sorted(lines)


def test_a_loop_of_folders_ends(pier: Path) -> None:
    """Symbolic links to folders are not followed."""
    (pier / "docs" / "again").symlink_to(pier / "docs")
    assert len(json.loads(here("check", "docs", "--json", cwd=pier).out)["files"]) == 2
