"""The clocks on the page of an incident: every one with its line, and forms that work without a script."""

from __future__ import annotations

from pathlib import Path

from tests.web import house
from tocsin.service.opening import open_app

RUNBOOK = """# Lighthouse runbook

## Severity Levels

| Level | Meaning | Response time |
|---|---|---|
| **P1** | Ships see no light | 10 minutes |
| **P2** | Ships see little light | 60 minutes |

## Scenario 1: The lamp is out

### Mitigation

- Change the lamp

## Escalation

| Who | When to escalate |
|---|---|
| Keeper | First response |
| Harbour master | Light unavailable > 60 min |
| Coast guard | A ship is in danger |

Updates every [N] minutes.

## After the incident

- Write the report within 48 hours
"""


def test_what_people_say_to_the_clocks_is_said_on_the_page_without_a_script(tmp_path: Path) -> None:
    """Outage, estimate, cadence, condition and deadline are plain forms; what they make true stands on the page."""
    house.furnish(tmp_path)
    (tmp_path / "lighthouse.md").write_text(RUNBOOK, "utf-8")
    app = open_app(
        runbooks=[tmp_path / "lighthouse.md"], config=tmp_path / "tocsin.toml", database=str(tmp_path / "tocsin.db"),
        environ={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    try:
        with house.client_of(app) as client:
            admin = house.bearer("admin")
            client.post("/api/v1/incidents", json={"scenario": "lamp", "severity": "P1"}, headers=admin)
            page = client.get("/incidents/INC-1", headers=admin).text
            assert "somebody takes it" in page
            assert "how often are people told?" in page
            assert "A ship is in danger" in page
            for move, fields in {
                "mark_unavailable": {"minutes": "15", "why": "it is dark"},
                "estimate": {"minutes": "40", "why": ""},
                "set_cadence": {"minutes": "20", "why": ""},
            }.items():
                done = client.post(f"/incidents/INC-1/{move}", data=fields, headers=admin, follow_redirects=False)
                assert done.status_code == 303, done.text
            page = client.get("/incidents/INC-1", headers=admin).text
            assert "the service is unavailable" in page
            assert "the estimate of 40 min" in page
            assert "promised every 20 min" in page
            refused = client.post("/incidents/INC-1/confirm_condition", data={"rung": "1", "why": " "}, headers=admin)
            assert "This needs a reason" in refused.text
            ended = {"override": "a rehearsal", "summary": ""}
            client.post("/incidents/INC-1/resolve", data=ended, headers=admin, follow_redirects=False)
            page = client.get("/incidents/INC-1", headers=admin).text
            assert "Done: Write the report" in page
            told = client.get("/api/v1/incidents/INC-1", headers=admin).json()["countdowns"]
            assert {each["kind"] for each in told} >= {"outage", "deadline", "recurrence"}
    finally:
        app.db.close()


def test_a_clock_that_is_late_stands_on_the_first_page_and_keeps_no_alert_out(tmp_path: Path) -> None:
    """What the audit found is said at the top, and by /readyz beside its 200."""
    house.furnish(tmp_path)
    app = house.enter(tmp_path)
    try:
        with house.client_of(app) as client:
            admin = house.bearer("admin")
            assert "late" not in client.get("/readyz").json()
            app.late = ("INC-9: the call of Keeper was due and has not happened.",)
            assert "the call of Keeper was due" in client.get("/", headers=admin).text
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["late"]) == (200, list(app.late))
    finally:
        app.db.close()
