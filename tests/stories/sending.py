"""What other systems send in a story, through the real doors of the application, in the process of the test."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.testclient import TestClient

from tests.stories.vocabulary import action
from tests.stories.world import World
from tocsin.errors import Refused
from tocsin.service import access
from tocsin.store import people
from tocsin.web import server

PROGRAM = "the-program-of-a-story-0123"
KINDS = ("Sentry-Hook-Resource", "X-GitHub-Event")
"""Headers by which a sender says of what kind its message is."""


@action(
    r"the source (?P<source>[a-z]+) (?P<deed>triggers|acknowledges|resolves) `(?P<key>[^`]*)`(?: as `(?P<name>[^`]*)`)?"
    r"(?: rated (?P<severity>[a-z]+))?(?: saying `(?P<summary>[^`]*)`)?",
    "the source ovens triggers `oven-2` as `OvenCold` rated critical saying `40 degrees`",
)
def _event(world: World, source: str, deed: str, key: str, **told_of: str | None) -> None:
    """An event of PagerDuty's shape comes in, under the source's token and the key that it gives the alert."""
    severity, summary = told_of["severity"] or "error", told_of["summary"] or key
    payload = {"summary": summary, "source": source, "severity": severity, "class": told_of["name"] or ""}
    told = {"event_action": deed.removesuffix("s"), "dedup_key": key, "payload": payload}
    token = world.app.settings.sources[source].token.value  # type: ignore[attr-defined]
    _post(world, "/v2/enqueue", json.dumps({**told, "routing_key": token}).encode(), {})


@action(
    r"a program posts (?P<file>[\w.-]+) to (?P<path>/[\w/]+)(?: as (?P<kind>\w+))?",
    "a program posts late.json to /in/trains as event_alert",
)
def _posts(world: World, file: str, path: str, kind: str | None) -> None:
    """A file of the story is posted as JSON, with a token of the role agent; some senders say in a header its kind."""
    _post(world, path, (world.folder / file).read_bytes(), {header: kind for header in KINDS if kind})


def _post(world: World, path: str, body: bytes, headers: Mapping[str, str]) -> None:
    client = TestClient(server.build(world.app))
    token = people.Token(hash=access.hashed(PROGRAM), name="program", role="agent", created_at=world.clock.at)
    world.app.db.write(lambda tx: people.add_token(tx, token) if people.token(tx, token.hash) is None else None)
    standard = {"Content-Type": "application/json", "Authorization": f"Bearer {PROGRAM}"}
    answer = client.post(path, content=body, headers={**standard, **headers})
    if answer.is_error:
        raise Refused(str(answer.json().get("detail") or answer.json()))
