"""The proof of a step's command on the page of an incident, without a script."""

from __future__ import annotations

import html
import re
from pathlib import Path

from tests.web import house
from tocsin.core.facts import Actor
from tocsin.service import respond
from tocsin.service.opening import open_app

BOOK = """# Bakery runbook

## Severity Levels

- **P1 (High)**: no bread

## Scenario 1: Ovens cold

### Symptoms
- Alert: `OvensCold`

### Diagnosis

```bash
# Is there room
df -h | grep srv

# Look at <b>
sort --output=sorted.txt sizes.txt
```
"""


def test_a_step_shows_why_word_by_word(tmp_path: Path) -> None:
    """In a fold of its own that needs no script: each word, its role, what is known, and a way out."""
    (tmp_path / "bakery.md").write_text(BOOK, "utf-8")
    (tmp_path / "tocsin.toml").write_text(house.CONFIG, "utf-8")
    app = open_app(
        runbooks=[tmp_path / "bakery.md"], config=tmp_path / "tocsin.toml", database=str(tmp_path / "t.db"),
        environ={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    respond.declare_by_hand(app, respond.Declaration(scenario="scenario-1-ovens-cold"), Actor("person", "ana"))
    with house.client_of(app) as client:
        client.post("/login", data={"token": house.TOKENS["viewer"]}, headers={"Origin": "http://tocsin.test"})
        page = client.get("/incidents/INC-1").text
    app.db.close()
    folds = re.findall(r'<details class="more proof".*?</details>', page, re.DOTALL)
    assert len(folds) == 2
    rows = [re.findall(r"<td>(.*?)</td>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", folds[1], re.DOTALL)]
    said = [[html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in row] for row in rows if row]
    assert said[0] == ["sort", "program", "read", "sorts lines"]
    assert said[1][:3] == ["--output=sorted.txt", "option", "change"]
    assert "Perhaps leave" in folds[1]
    assert "Proof, word by word" in folds[0]
