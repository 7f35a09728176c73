"""`tocsin notify` and `tocsin people` against a running server."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal import running

CONFIG = """
[people.ana]
name = "Ana"
notify = ["console", "hook"]
[notifiers.hook]
kind = "webhook"
secret = "whsec_dG9jc2luLXRlc3Qtc2VjcmV0LTAxMjM0NTY3"
[roles]
"team lead" = "ana"
"""


def test_ways_are_tried_out_listed_and_verified(shop: Path) -> None:
    """One way works, one has no address: the exit code says so, and so do the lists."""
    (shop / "tocsin.toml").write_text(CONFIG, "utf-8")
    with running(shop, "shop.md", "--config", "tocsin.toml") as server:
        assert "not verified" not in server("people", "list").out
        assert [one["via"] for one in server("people", "list", "--json").json["methods"]] == ["console", "hook"]
        good = server("notify", "test", "ana", "--via", "console")
        assert (good.code, "ana by console: ok" in good.out) == (0, True)
        bad = server("notify", "test")
        assert bad.code == 1 and "hook: FAILED Ana has no url" in bad.out
        both = server("notify", "test", "ana", "--json")
        assert (both.code, both.json["failed"]) == (1, 1)
        assert server("notify", "test", "zoe").code == 1
        listed = server("notify", "log", "--person", "ana", "--json").json["deliveries"]
        assert {(one["via"], one["ok"]) for one in listed} == {("console", True), ("hook", False)}
        assert server("notify", "log", "--dead").err.startswith("Every notice reached")
        assert server("notify", "retry", "INC-1/1/ana").code == 1
        asked = server("people", "verify", "Ana", "--via", "console")
        assert (asked.code, "not verified yet" in asked.out) == (0, True)
        wrong = server("people", "verify", "ana", "--via", "console", "--code", "000")
        assert wrong.code == 1 and "not the code" in wrong.err
        assert server("people", "verify", "zoe").code == 1
