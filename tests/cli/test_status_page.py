"""`tocsin status-page`: publish, plan, switch maintenance mode on, export."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2

from tests.cli.terminal import running
from tests.house import until

STATUS = """
[status]
name = "Shop status"
[[status.components]]
name = "Checkout"
degraded = "Pay at the desk."
severities = ["P1", "P2"]
"""


def test_the_public_is_told_from_the_terminal(shop: Path, tmp_path: Path) -> None:
    """What is proposed is shown first; the title must be given; the page has it within moments."""
    with (shop / "tocsin.toml").open("a", encoding="utf-8") as config:
        config.write(STATUS)
    with running(shop) as server:
        server("incident", "declare", "inner words", "--severity", "P1")
        preview = server("status-page", "publish", "INC-1", "--preview")
        assert "checkout=major Pay at the desk. (the severity P1)" in preview.out
        refused = server("status-page", "publish", "INC-1", "We look.")
        assert (refused.code, "title of its own" in refused.err) == (1, True)
        assert server("status-page", "publish", "INC-1").code == 2
        made = server("status-page", "publish", "INC-1", "We look.", "--title", "Nobody can pay")
        assert made.out == "INC-1 is public as investigating: Nobody can pay\n"
        assert server("status-page", "publish", "INC-1", "x", "--component", "kitchen=major").code == 2
        assert server("status-page", "publish", "INC-1", "x", "--component", "kitchen").code == 2
        shown = server("status-page", "show")
        assert "Shop status: critical" in shown.out
        until(lambda: "Nobody can pay" in httpx2.get(f"{server.url}/status/").text)
        folder = tmp_path / "public"
        assert server("status-page", "export", str(folder)).code == 0
        assert "Nobody can pay" in (folder / "index.html").read_text("utf-8")
        assert "inner words" not in "".join(p.read_text("utf-8") for p in folder.rglob("*") if p.is_file())
        told = json.loads((folder / "api/v2/summary.json").read_text("utf-8"))
        assert told["status"]["indicator"] == "critical"
        server("incident", "retract", "INC-1", "'a mistake'")
        assert server("status-page", "export", str(folder)).code == 0
        assert list((folder / "incidents").iterdir()) == []


def test_maintenance_mode_is_switched_on_and_off(shop: Path) -> None:
    """Health checks answer 503 meanwhile; a plan is called off by its words."""
    with (shop / "tocsin.toml").open("a", encoding="utf-8") as config:
        config.write(STATUS)
    with running(shop) as server:
        on = server("status-page", "maintenance", "on", "Back soon.", "--title", "Cleaning", "--for", "1h", "--json")
        assert on.json["stage"] == "in_progress"
        until(lambda: httpx2.get(f"{server.url}/status/health").status_code == 503)
        assert server("status-page", "update", "cleaning", "A little longer.").code == 0
        assert server("status-page", "maintenance", "end", "cleaning").code == 0
        until(lambda: httpx2.get(f"{server.url}/status/health").status_code == 200)
        span = ("--from", "2030-01-01T00:00", "--for", "1h")
        assert server("status-page", "maintenance", "plan", "x", "--title", "New till", *span).code == 2
        assert server("status-page", "maintenance", "end", "nothing").code == 1
        assert server("status-page", "subscribers", "--json").json == {"subscribers": []}


def test_without_a_status_page_it_says_what_to_write(shop: Path) -> None:
    """One sentence, and no page for strangers."""
    with running(shop) as server:
        answer = server("status-page", "show")
        assert answer.code == 1
        assert "Write [status] with a name" in answer.err
        assert httpx2.get(f"{server.url}/status/").status_code == 404
