"""The commands at hand, linked runbooks and documents, by page and by API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.web import house
from tests.web.house import bearer
from tocsin.app import App

ORIGIN = {"Origin": "http://tocsin.test", "Sec-Fetch-Site": "same-origin"}
RUNBOOK = """# Lighthouse runbook

## Severity Levels

- **P1 (High)**: ships see no light

## Quick Reference

| Symptom | Action | Command |
|---|---|---|
| The lamp flickers | Change the bulb | `lampctl change <bulb-name>` |
| Ships run aground | Everything off | See "Emergency Stop" |

## Emergency Stop

```bash
# Lamp off
lampctl off lamp

# Horn off
lampctl off horn

# Or pull the plug by hand
```

## Containment

### If thieves were there

- [ ] Follow `docs/locks.md`
- [ ] Look at `less /var/log/door`

## Related

- [Locks](./docs/locks.md)
- [The <b>plans</b>](./docs/plans.txt)
- [Gone](./docs/gone.md)
- [Away](../../etc/passwd.md)
- [Hidden](./.keys/door.md)
- [The harbour](https://harbour.example.org)
- [A trap](javascript:alert(1))
"""
LOCKS = """# Locks and <i>keys</i>

## New locks

```bash
# Count the locks
uname -s

# Change them
lockctl change [tower]
```
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A lighthouse with a quick reference and documents beside it."""
    place = tmp_path / "tower"
    (place / "docs").mkdir(parents=True)
    (place / ".keys").mkdir()
    house.furnish(place)
    (place / "lighthouse.md").write_text(RUNBOOK, "utf-8")
    (place / "docs/locks.md").write_text(LOCKS, "utf-8")
    (place / "docs/plans.txt").write_text("<script>alert(1)</script> " + house.TOKENS["admin"], "utf-8")
    (place / ".keys/door.md").write_text("# hidden", "utf-8")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd.md").write_text("# outside", "utf-8")
    opened = house.enter(place)
    yield opened
    opened.db.close()


@pytest.fixture
def inc(client: TestClient) -> TestClient:
    """A client in the role of an admin, and INC-1 that follows no scenario."""
    client.headers.update(bearer("admin"))
    assert client.post("/api/v1/incidents", json={"title": "It is dark"}).status_code == 201
    return client


def listed(client: TestClient, query: str = "") -> list[dict[str, object]]:
    """The steps that the API finds."""
    return [row["shown"]["step"] for row in client.get(f"/api/v1/incidents/INC-1/commands{query}").json()["rows"]]


def step(client: TestClient, words: str) -> str:
    """The id of the one step with these words."""
    [found] = [str(each["id"]) for each in listed(client, f"?words={quote(words)}")]
    return found


def post(client: TestClient, move: str, **fields: str) -> object:
    """Send a form, as a browser without a script."""
    return client.post(f"/incidents/INC-1/{move}", data=fields, headers=ORIGIN, follow_redirects=True)


def test_a_command_is_found_by_its_symptom_and_run_with_its_argument(inc: TestClient) -> None:
    """Without a script: a search, one form with the gap and the button, and the question stands on the incident."""
    page = inc.get("/incidents/INC-1/commands?words=flickers").text
    assert "lampctl change" in page and "not proved" in page and "Horn off" not in page
    assert 'name="values.&lt;bulb-name&gt;"' in page
    assert "No step has these words" in inc.get("/incidents/INC-1/commands?words=nothing-like-it").text

    wanted = step(inc, "flickers")
    asked = post(inc, "request_step", step=wanted, **{"values.<bulb-name>": "north"}).text
    assert "lampctl change north" in asked and "Approve" in asked
    assert inc.get("/api/v1/incidents/INC-1").json()["incident"]["values"] == {"<bulb-name>": "north"}


def test_a_value_that_does_not_fit_is_refused_and_nothing_is_bound(inc: TestClient) -> None:
    """The move is one: without the value there is no question, without the question no value."""
    for values, says in (({"bulb-name": "a; rm -rf ."}, "can't stand for"), ({"x": "y"}, "has no gap")):
        answer = inc.post(
            "/api/v1/incidents/INC-1/request_step", json={"step": step(inc, "flickers"), "values": values}
        )
        assert answer.status_code == 400 and says in answer.text
    secret = {"bulb-name": house.TOKENS["viewer"]}
    answer = inc.post("/api/v1/incidents/INC-1/request_step", json={"step": step(inc, "flickers"), "values": secret})
    assert answer.status_code == 400 and house.TOKENS["viewer"] not in answer.text
    assert inc.get("/api/v1/incidents/INC-1").json()["incident"]["values"] == {}


def test_a_row_that_points_to_a_section_opens_it_and_asks_for_all_of_it(inc: TestClient) -> None:
    """One question for the section's commands, in their order; an agent may not ask for so much."""
    [row] = [each for each in inc.get("/api/v1/incidents/INC-1/commands?words=aground").json()["rows"] if each["opens"]]
    assert "Horn off" in inc.get(f"/incidents/INC-1/commands?section={row['opens']}").text
    wanted = {"step": row["shown"]["step"]["id"]}
    denied = inc.post("/api/v1/incidents/INC-1/request_step", json=wanted, headers=bearer("agent"))
    assert denied.status_code == 403
    after = inc.post("/api/v1/incidents/INC-1/request_step", json=wanted).json()
    [asked] = after["approvals"].values()
    assert [member["command"] for member in asked["members"]] == ["lampctl off lamp", "lampctl off horn"]
    assert inc.get("/incidents/INC-1/commands?section=nowhere").status_code == 404


def test_a_command_that_needs_eyes_has_no_button(inc: TestClient) -> None:
    """It is started by a person; asking for it is refused with the way to do it."""
    page = inc.get("/incidents/INC-1/commands?words=var/log/door").text
    assert "It takes a person at a screen" in page and 'action="/incidents/INC-1/request_step"' not in page
    refused = inc.post("/api/v1/incidents/INC-1/request_step", json={"step": step(inc, "var/log/door")})
    assert refused.status_code == 409 and "takes a person" in refused.text


def test_a_linked_runbook_is_followed_on_the_page(inc: TestClient) -> None:
    """Its steps stand on the incident with the version they came from; a changed file is told, and kept apart."""
    link = next(str(each["id"]) for each in listed(inc) if each["kind"] == "link" and "locks" in str(each["command"]))
    assert "Follow it" in inc.get("/incidents/INC-1/commands").text and "Follow" in inc.get("/incidents/INC-1").text
    asked = inc.post("/api/v1/incidents/INC-1/request_step", json={"step": link})
    assert asked.status_code == 409 and "links to docs/locks.md" in asked.text
    page = post(inc, "follow", step=link).text
    assert "Count the locks" in page and "Locks and" in page and "<i>keys</i>" not in page
    timeline = inc.get("/api/v1/incidents/INC-1/timeline").json()["timeline"]
    assert timeline[-1]["kind"] == "RunbookFollowed"

    ran = inc.post("/api/v1/incidents/INC-1/request_step", json={"step": step(inc, "count the locks")}).json()
    assert [state["status"] for name, state in ran["steps"].items() if name.startswith("followed/1/")] == ["queued"]
    digest = ran["followed"][0]["digest"].removeprefix("sha256:")
    assert inc.get(f"/runbooks/{digest}").status_code == 200
    assert inc.post("/api/v1/incidents/INC-1/follow", json={"document": "./docs/locks.md"}).status_code == 409

    Path(ran["followed"][0]["source"]).write_text(LOCKS.replace("Count", "Number"), "utf-8")
    page = inc.get("/incidents/INC-1").text
    assert "was changed since" in page and "Count the locks" in page and "Number the locks" not in page
    assert inc.post("/api/v1/incidents/INC-1/follow", json={"document": "./docs/locks.md"}).status_code == 200
    assert "Number the locks" in inc.get("/incidents/INC-1").text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"document": "./docs/gone.md"}, 404),
        ({"document": "../../etc/passwd.md"}, 404),
        ({"document": "./.keys/door.md"}, 409),
        ({"document": "./docs/plans.txt"}, 409),
        ({"document": "/etc/passwd"}, 404),
        ({"document": "x", "step": "y"}, 400),
        ({}, 400),
    ],
)
def test_what_is_no_runbook_of_the_folder_is_not_followed(inc: TestClient, body: dict[str, str], status: int) -> None:
    """Each with a sentence, and nothing of it stands on the timeline."""
    answer = inc.post("/api/v1/incidents/INC-1/follow", json=body)
    assert answer.status_code == status, answer.text
    assert inc.get("/api/v1/incidents/INC-1").json()["incident"]["followed"] == []


def test_documents_open_from_the_incident_and_only_those_that_are_linked(inc: TestClient, tmp_path: Path) -> None:
    """Markdown as a page, text as text, without secrets; what lies outside, is hidden or gone says so."""
    found = {each["target"]: each for each in inc.get("/api/v1/incidents/INC-1/documents").json()["documents"]}
    assert [target for target, each in found.items() if not each["problem"]] == [
        "docs/locks.md", "./docs/locks.md", "./docs/plans.txt", "https://harbour.example.org",
    ]  # fmt: skip
    plans = inc.get(f"/incidents/INC-1/documents/{found['./docs/plans.txt']['number']}").text
    assert "&lt;script&gt;alert(1)" in plans and house.TOKENS["admin"] not in plans
    locks = inc.get(f"/incidents/INC-1/documents/{found['./docs/locks.md']['number']}").text
    assert "New locks" in locks and "<i>keys" not in locks
    for target in ("./docs/gone.md", "../../etc/passwd.md", "./.keys/door.md"):
        answer = inc.get(f"/api/v1/incidents/INC-1/documents/{found[target]['number']}")
        assert answer.status_code in (404, 409) and "text" not in answer.json()
    for number in ("0", "99", "x", "1" * 50):
        assert inc.get(f"/incidents/INC-1/documents/{number}").status_code == 404
    page = inc.get("/incidents/INC-1").text
    assert 'href="https://harbour.example.org"' in page and 'href="javascript' not in page

    (tmp_path / "tower/docs/locks.md").unlink()
    (tmp_path / "tower/docs/locks.md").symlink_to(tmp_path / "etc/passwd.md")
    assert inc.get(f"/api/v1/incidents/INC-1/documents/{found['./docs/locks.md']['number']}").status_code == 404
