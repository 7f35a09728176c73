"""`tocsin runbook diff` and `tocsin runbook edit`: two versions compared, and one thing changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import RUNBOOK, here, tocsin


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A folder with two versions of the ticket shop's runbook."""
    (tmp_path / "old.md").write_text(RUNBOOK)
    (tmp_path / "new.md").write_text(RUNBOOK.replace("> 5 %", "> 7 %").replace("15 minutes", "10 minutes"))
    return tmp_path


def test_two_versions_are_compared_in_their_own_terms(versions: Path) -> None:
    """Thresholds and clocks, with their lines; words on stderr say how many."""
    done = here("runbook", "diff", "old.md", "new.md", cwd=versions)

    assert done.code == 0
    assert "limit: > 5% → > 7%" in done.out
    assert "after: 15 min → 10 min" in done.out
    assert "changed" in done.err


def test_the_json_of_a_comparison_can_be_read_by_programs(versions: Path) -> None:
    """Every change with its area, kind, facets and lines."""
    done = here("runbook", "diff", "old.md", "new.md", "--json", cwd=versions)

    assert done.json["schema"] == "tocsin.runbook-diff/1"
    assert (done.json["old"]["source"], done.json["new"]["source"]) == ("old.md", "new.md")
    rule = next(change for change in done.json["changes"] if change["area"] == "rules")
    assert (rule["kind"], rule["facets"]) == ("changed", [{"name": "limit", "before": "> 5%", "after": "> 7%"}])


def test_the_exit_code_tells_on_request_whether_they_differ(versions: Path) -> None:
    """0 without a difference, 1 with one, 2 where a version can't be read."""
    assert here("runbook", "diff", "old.md", "old.md", "--exit-code", cwd=versions).code == 0
    assert here("runbook", "diff", "old.md", "new.md", "--exit-code", cwd=versions).code == 1
    done = here("runbook", "diff", "old.md", "gone.md", "--exit-code", cwd=versions)
    assert (done.code, "gone.md" in done.err) == (2, True)


def test_a_version_comes_from_a_pipe(versions: Path) -> None:
    """`git show HEAD:runbook.md | tocsin runbook diff - runbook.md`."""
    done = tocsin("runbook", "diff", "-", "new.md", "--json", cwd=versions, text=RUNBOOK)

    assert (done.code, done.json["old"]["source"]) == (0, "stdin")
    assert any(change["area"] == "rules" for change in done.json["changes"])
    assert here("runbook", "diff", "-", "-", cwd=versions, text=RUNBOOK).code == 2


def test_an_edit_changes_its_place_and_shows_it(versions: Path) -> None:
    """The rest of the file is the same, byte for byte."""
    (versions / "old.md").write_bytes(RUNBOOK.replace("\n", "\r\n").encode("utf-16"))
    line = RUNBOOK.split("\n").index("- failed payments > 5 %") + 1
    done = here("runbook", "edit", "threshold", "old.md", str(line), "7.5", cwd=versions)

    assert (done.code, "+- failed payments > 7.5 %" in done.out) == (0, True)
    new = RUNBOOK.replace("> 5 %", "> 7.5 %").replace("\n", "\r\n")
    assert (versions / "old.md").read_bytes() == new.encode("utf-16")


def test_a_dry_run_writes_nothing(versions: Path) -> None:
    """It shows the same."""
    line = RUNBOOK.split("\n").index("- failed payments > 5 %") + 1
    done = here("runbook", "edit", "threshold", "old.md", str(line), "7.5", "--dry-run", cwd=versions)

    assert (done.code, "7.5 %" in done.out, (versions / "old.md").read_text()) == (0, True, RUNBOOK)


def test_every_edit_is_there(tmp_path: Path) -> None:
    """A box, a cell, a row, a contact, the date of the review."""
    path = tmp_path / "r.md"
    path.write_text(
        "# R\n\n**Last reviewed:** 2031-01-07\n\n- [ ] one\n\n## Contacts\n\n"
        "| Role | Phone |\n|---|---|\n| Lead | TBD |\n"
    )
    for words in (
        ("tick", "r.md", "5"),
        ("contact", "r.md", "lead", "phone", "+44 20 7946 0001"),
        ("row", "r.md", "9", "Smith", "n/a"),
        ("cell", "r.md", "12", "Phone", "TBA"),
        ("reviewed", "r.md", "2031-02-03"),
    ):
        assert here("runbook", "edit", *words, cwd=tmp_path).code == 0, words

    assert path.read_text() == (
        "# R\n\n**Last reviewed:** 2031-02-03\n\n- [x] one\n\n## Contacts\n\n| Role | Phone |\n|---|---|\n"
        "| Lead | +44 20 7946 0001 |\n| Smith | TBA |\n"
    )
    assert here("runbook", "edit", "tick", "r.md", "5", cwd=tmp_path).err == "r.md says so already.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tick", "old.md", "1"), "no box"),
        (("tick", "gone.md", "1"), "There is no file gone.md"),
        (("threshold", "old.md", "1", "5"), "There are no thresholds on line 1"),
        (("contact", "old.md", "nobody", "phone", "1"), "no contacts named 'nobody'"),
        (("row", "old.md", "5", "one"), "3 columns, and 1 cells"),
        (("reviewed", "old.md"), "does not say when"),
    ],
)
def test_an_edit_that_is_not_possible_is_one_sentence(words: tuple[str, ...], said: str, versions: Path) -> None:
    """It names what is there; the file stays."""
    done = here("runbook", "edit", *words, cwd=versions)

    assert (done.code in (1, 2), said in done.err, len(done.err.splitlines())) == (True, True, 1), done.err
    assert (versions / "old.md").read_text() == RUNBOOK
