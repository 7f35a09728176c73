"""`tocsin figures` and `tocsin figures report`, asked of a real server."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.cli.terminal import Server, here


def declared(server: Server) -> str:
    """An incident of this test's own, taken."""
    made: str = server("incident", "declare", "Figures are asked for", "--severity", "P1", "--json").json["id"]
    server("incident", "acknowledge", made)
    return made


def test_figures_are_shown_as_tables(server: Server) -> None:
    """Grouped as asked; few values stand there as they are, or with a median."""
    declared(server)
    done = server("figures", "--since", "30d", "--by", "severity")
    assert done.code == 0
    head = done.out.splitlines()[0]
    assert head.startswith("SEVERITY")
    assert "TIME TO ACKNOWLEDGE" in head
    assert any(line.startswith("P1") for line in done.out.splitlines())
    assert "(n " in done.out


def test_json_and_csv_hold_the_same(server: Server) -> None:
    """The API's answer, and one table as a spreadsheet reads it."""
    declared(server)
    told = server("figures", "--json").json
    rows = list(csv.DictReader(io.StringIO(server("figures", "--csv", "--table", "groups").out)))
    assert int(rows[0]["incidents"]) == told["whole"]["incidents"] > 0
    assert {row["group"] for row in rows[1:]} == {group["name"] for group in told["groups"]}


def test_the_report_is_printed_and_not_sent(server: Server) -> None:
    """Text on stdout, its subject beside it."""
    made = declared(server)
    for kind in ("--daily", "--weekly"):
        done = server("figures", "report", kind)
        assert done.code == 0
        assert done.out.startswith(f"{kind[2:].capitalize()} report")
        assert made in done.out or "more" in done.out
        assert f"Tocsin {kind[2:]} report" in done.err
    assert server("figures", "report", "--json").json["kind"] == "daily"


def test_meanings_need_no_server(tmp_path: Path) -> None:
    """What each figure means, and what is left out."""
    done = here("figures", "--meanings", cwd=tmp_path)
    assert done.code == 0
    assert "Drills" in done.out


def test_a_wrong_end_is_told_by_its_option(server: Server) -> None:
    """In the words of the command line, not of the API behind it; a moment with its zone is taken."""
    done = server("figures", "--until", "tomorrow")
    assert (done.code, done.err.splitlines()[0].startswith("tocsin: --until: 'tomorrow'")) == (2, True), done.err
    for end in ("2026-12-31", "2026-12-31T08:00:00Z"):
        assert server("figures", "--since", "2026-01-01", "--until", end).code == 0


def test_a_wrong_question_is_one_sentence(server: Server) -> None:
    """Exit code 2: a period or a grouping that is none."""
    for arguments in (("--since", "soon"), ("--by", "colour"), ("--until", "soon")):
        done = server("figures", *arguments)
        assert done.code == 2
        assert len(done.err.strip().splitlines()) == 1
