"""`tocsin check --people` and `tocsin people access` from the terminal."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import TOKEN, running

CONFIG = f"""
[people.ana]
name = "Ana"
notify = ["console"]
[people.ben]
[roles]
"on-call engineer" = "ana"
"on-call" = "ana"
"team lead" = "ben"
[tokens.ana]
token = "{TOKEN}"
role = "admin"
"""
LIST = "\n## Access requirements\n\n- Till console access\n- The safe\n"


def test_readiness_is_told_in_the_terminal_and_to_programs(shop: Path) -> None:
    """Findings with their line and what to do, whom each severity calls, exit codes as those of check."""
    (shop / "tocsin.toml").write_text(CONFIG, "utf-8")
    book = next(shop.glob("*.md"))
    book.write_text(book.read_text("utf-8") + LIST, "utf-8")
    with running(shop) as server:
        told = server("check", "--people")
        assert told.code == 1
        assert "access-unchecked" in told.out
        assert "at once Ana" in told.out
        whole = server("check", "--people", "--json").json
        assert whole["schema"] == "tocsin.readiness/1"
        assert whole["counts"]["warning"] >= 1
        assert whole["outlooks"][0]["spans"][0]["calls"][0]["person"] == "ana"
        only = server("check", "--people", "--json", "--code", "never-drilled", "--fail-on", "warning")
        assert {one["code"] for one in only.json["findings"]} <= {"never-drilled"}
        assert only.code == 0
        assert server("check", "--people", "somewhere.md").code == 2
        looked = server("check", "--people", "--targets", "--json").json
        assert any(one["subject"] == "reach" for one in looked["targets"])


def test_access_is_said_and_listed_in_the_terminal(shop: Path) -> None:
    """One's own word, an admin's for others, what is missing; a system that nobody lists is refused."""
    (shop / "tocsin.toml").write_text(CONFIG, "utf-8")
    book = next(shop.glob("*.md"))
    book.write_text(book.read_text("utf-8") + LIST, "utf-8")
    with running(shop) as server:
        assert "Ana reaches Till console access" in server("people", "access", "ana", "--system", "till", "--ok").out
        said = server("people", "access", "ben", "--system", "safe", "--no", "--note", "no key", "--json").json
        assert [(cell["state"], cell["note"], cell["said_by"]) for cell in said["cells"]] == [
            ("refused", "no key", "ana")
        ]
        listed = server("people", "access")
        assert "till" in listed.out
        assert "reaches it" in listed.out
        assert server("people", "access", "ana", "--ok").code == 2
        refused = server("people", "access", "ana", "--system", "moon", "--ok")
        assert refused.code != 0
        assert "Known: till, safe" in refused.err
