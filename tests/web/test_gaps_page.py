"""The page of an incident with gaps: values to choose from, the check beside the output, words that stay words."""

from __future__ import annotations

from pathlib import Path

from tests.web import house
from tocsin.core.run import Outcome
from tocsin.service import act
from tocsin.service.opening import open_app
from tocsin.store import runs

RUNBOOK = """# Lighthouse runbook

## Severity Levels

- **P1 (High)**: ships see no light

## Scenario 1: The lamp is out

### Diagnosis

```bash
# List the lamps
uname -n
# Expected: north
```

### Mitigation

```bash
# Change the lamp
lampctl change <lamp-name>
```
"""


def test_a_value_is_chosen_on_the_page_without_a_script(tmp_path: Path) -> None:
    """Each offer is a button of a plain form and says where it comes from; a hostile output stays text."""
    house.furnish(tmp_path)
    (tmp_path / "lighthouse.md").write_text(RUNBOOK, "utf-8")
    app = open_app(
        runbooks=[tmp_path / "lighthouse.md"], config=tmp_path / "tocsin.toml", database=str(tmp_path / "tocsin.db"),
        environ={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    try:
        with house.client_of(app) as client:
            admin = house.bearer("admin")
            made = client.post("/api/v1/incidents", json={"scenario": "lamp"}, headers=admin).json()
            [run] = app.db.read(lambda tx: runs.queued(tx, 5))
            assert act.started(app, run)
            printed = "NAME        STATE\n<b>nord     out\nsouth       shines\n"
            act.finished(app, run, Outcome(status="succeeded", exit_code=0, output=printed, size=len(printed)))
            page = client.get(f"/incidents/{made['id']}", headers=admin).text
            assert 'name="value" value="south"' in page
            assert "row 2 of “List the lamps”" in page
            assert "<b>nord" not in page
            assert "Differs" in page
            shown = client.get(f"/api/v1/incidents/{made['id']}", headers=admin).json()
            offers = shown["parts"][1]["steps"][0]["offers"]["<lamp-name>"]
            assert [each["value"] for each in offers] == ["south"]
    finally:
        app.db.close()


def test_a_long_table_offers_its_values_with_their_rows(tmp_path: Path) -> None:
    """The incident keeps the last lines of an output; the head of the table stands at its beginning."""
    house.furnish(tmp_path)
    (tmp_path / "lighthouse.md").write_text(RUNBOOK, "utf-8")
    app = open_app(
        runbooks=[tmp_path / "lighthouse.md"], config=tmp_path / "tocsin.toml", database=str(tmp_path / "tocsin.db"),
        environ={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    try:
        with house.client_of(app) as client:
            admin = house.bearer("admin")
            made = client.post("/api/v1/incidents", json={"scenario": "lamp"}, headers=admin).json()
            [run] = app.db.read(lambda tx: runs.queued(tx, 5))
            assert act.started(app, run)
            printed = "NAME     STATE\n" + "".join(f"lamp-{number:<3} shines\n" for number in range(400))
            act.finished(app, run, Outcome(status="succeeded", exit_code=0, output=printed, size=len(printed)))
            shown = client.get(f"/api/v1/incidents/{made['id']}", headers=admin).json()
            first, *_ = shown["parts"][1]["steps"][0]["offers"]["<lamp-name>"]
            assert (first["value"], first["beside"]) == ("lamp-0", "shines")
            page = client.get(f"/incidents/{made['id']}", headers=admin).text
            assert '<code>lamp-0</code> <span dir="auto">shines</span>' in page
    finally:
        app.db.close()
