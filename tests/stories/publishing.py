"""The status page in a story: what is published, what the public reads, and an application that heeds it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from tests.stories.doing import caller, move
from tests.stories.vocabulary import IN, WHO, Seen, action, check, latest, say_message
from tests.stories.world import World
from tocsin.middleware import KEY, MaintenanceWSGI, Watch
from tocsin.service.statuspage import links, maintenance, publishing, showing, subscribing
from tocsin.store import statuspage as store
from tocsin.store import subscribers
from tocsin.times import parse_duration
from tocsin.web.statuspage.publisher import Publisher

PARTS = r"(?: with (?P<parts>[a-z0-9=, -]+?))?(?: telling `(?P<told>[^`]*)`)?"


@action(
    rf"{WHO} publishes(?: `(?P<title>[^`]*)`)? as (?P<stage>[a-z]+){PARTS} saying `(?P<text>[^`]*)`{IN}",
    "ana publishes `Boats are late` as investigating with timetable=major telling `Ask at the pier` saying `Wait`",
)
def _publishes(
    world: World, *, who: str, title: str | None, stage: str, parts: str | None, told: str | None, text: str,
    ref: str | None,
) -> None:  # fmt: skip
    """Say something of an incident on the status page; "as proposed" takes what the configuration fills in."""
    _, proposal = publishing.standing(world.app, latest(world, ref))
    chosen = dict(pair.strip().split("=") for pair in (parts or "").split(",") if pair.strip())
    said = dict.fromkeys(chosen, told or "")
    if stage == "proposed":
        stage = proposal.stage
        chosen = {name: each.state for name, each in proposal.components.items()} | chosen
        said = {name: each.message for name, each in proposal.components.items()} | said
    move(world, who, ref, "publish", title=title or "", stage=stage, components=chosen, messages=said, text=text)


@action(rf"{WHO} takes back all that is public{IN} because (?P<why>.+)", "ana takes back all that is public because no")
def _retracts(world: World, who: str, why: str, ref: str | None) -> None:
    """Nothing of the incident stands on the status page any more."""
    move(world, who, ref, "retract", why=why)


@action(
    rf"{WHO} (?P<how>plans a maintenance|switches maintenance mode on) `(?P<title>[^`]*)`"
    r"(?: of (?P<parts>[a-z0-9, -]+?))?"
    r"(?: from now plus (?P<wait>[\dhms ]+?))? for (?P<span>[\dhms ]+?) saying `(?P<text>[^`]*)`",
    "ana plans a maintenance `New engine` of tickets from now plus 2h for 1h saying `No tickets then`",
)
def _plans(
    world: World, *, who: str, how: str, title: str, parts: str | None, wait: str | None, span: str, text: str
) -> None:
    """Plan a maintenance; in maintenance mode health checks answer 503. Subscribers are reminded an hour before."""
    by = caller(world, who)
    begins = (world.clock.at + parse_duration(wait)).isoformat() if wait else ""
    wanted = maintenance.Planning(
        title=title, text=text, starts_at=begins, lasts=span, remind="1h", offline=how.startswith("switches"),
        components=tuple(each.strip() for each in (parts or "").split(",") if each.strip()),
    )  # fmt: skip
    maintenance.plan(world.app, wanted, who, by.role)


@action(rf"{WHO} ends the maintenance", "ana ends the maintenance")
def _ends(world: World, who: str) -> None:
    """End the maintenance that goes on, or call off the next one."""
    found = showing.public(world.app).open_reports(world.clock.at, "maintenance")
    maintenance.end(world.app, found[0].id, maintenance.Ending(), who, caller(world, who).role)


@action(r"a stranger subscribes (?P<address>\S+@\S+)", "a stranger subscribes kim@example.org")
def _subscribes(world: World, address: str) -> None:
    """Somebody asks on the status page to be told by mail."""
    subscribing.subscribe(world.app, "mail", address)


@action(r"(?P<address>\S+@\S+) (?P<how>confirms|unsubscribes)", "kim@example.org confirms")
def _answers(world: World, address: str, how: str) -> None:
    """They follow the link of a message and press the button."""

    def token(purpose: str) -> str:
        until = world.clock.at + timedelta(hours=1) if purpose == "confirm" else None
        found = world.app.db.read(lambda tx: subscribers.by_address(tx, "mail", address))
        assert found is not None, f"{address} has not asked"
        key = world.app.db.write(lambda tx: store.secret(tx, subscribing.KEY))
        return links.sign(key, purpose, found.id, until)

    if how == "confirms":
        subscribing.confirm(world.app, token("confirm"))
    else:
        subscribing.unsubscribe(world.app, token("end"))


def site(world: World) -> Publisher:
    """The page as it is now."""
    publisher = Publisher(world.app, showing.configured(world.app))
    publisher.refresh()
    return publisher


@check(r"the public (?P<how>reads|never reads) `(?P<words>[^`]*)`", "the public reads `Boats are late`")
def _reads(seen: Seen, how: str, words: str) -> None:
    """These words stand on the status page; "never": in none of its files, feeds and documents."""
    files = {name: kept.body.decode() for name, kept in site(seen.world).files.items()}
    if how == "reads":
        assert words in files["index.html"], files["index.html"].partition("<main")[2]
        return
    found = [name for name, text in files.items() if words in text]
    assert not found, f"it stands in {found}"


@check(
    r"the public sees (?P<part>[a-z0-9-]+) (?:as|is) (?P<state>[a-z_]+)", "the public sees tickets as partial_outage"
)
def _sees(seen: Seen, part: str, state: str) -> None:
    """A component's state in Statuspage's own words, as other programs read it."""
    told = json.loads(site(seen.world).files["api/v2/components.json"].body)["components"]
    states = {each["id"]: each["status"] for each in told}
    assert states[part] == state, states


@check(r"the status page is (?P<word>[a-z]+)", "the status page is critical")
def _indicator(seen: Seen, word: str) -> None:
    """The indicator of the whole: none, maintenance, minor, major or critical."""
    told = json.loads(site(seen.world).files["api/v2/status.json"].body)["status"]
    assert told["indicator"] == word, told


@check(r"the status page's health answers (?P<code>\d+)", "the status page's health answers 503")
def _health(seen: Seen, code: str) -> None:
    """What a load balancer is told that asks Tocsin."""
    status, body = site(seen.world).health(seen.world.clock.at)
    assert status == int(code), body


@check(
    r"the application under care answers (?P<code>\d+) on (?P<path>/\S*)"
    r"(?: and says `(?P<words>[^`]*)` of (?P<part>\S+))?",
    "the application under care answers 503 on /health",
)
def _under_care(seen: Seen, code: str, path: str, words: str | None, part: str | None) -> None:
    """What an application answers that wears our middleware, and what it knows of a component."""
    status, said = ask_under_care(seen.world, path)
    assert status == int(code), f"it answers {status}"
    assert words is None or words == said.get(part or ""), said


@check(
    r"(?P<count>\d+|no) subscribers? (?:is|are) told(?: `(?P<words>[^`]*)`)?", "1 subscriber is told `Boats are late`"
)
def _told(seen: Seen, count: str, words: str | None) -> None:
    """So many strangers get a mail with these words."""
    found = [
        message
        for message in seen.messages
        if message.notice.to.startswith("sub_") and (words or "") in f"{message.notice.subject}\n{message.notice.body}"
    ]
    wanted = 0 if count == "no" else int(count)
    assert len(found) == wanted, "; ".join(map(say_message, seen.messages))
    for message in found:
        seen.messages.remove(message)


def ask_under_care(world: World, path: str) -> tuple[int, dict[str, str]]:
    """Ask an application that reads the exported page; its status, and its users' messages by component."""
    flag = world.folder / "messages.json"
    flag.write_bytes(site(world).files["messages.json"].body)
    known: dict[str, str] = {}

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        known.update({each["component"]: each["text"] for each in environ[KEY]})
        start_response("200 OK", [])
        return [b"bread"]

    answered: list[str] = []
    wrapped = MaintenanceWSGI(application, Watch(str(flag), clock=world.clock))  # type: ignore[arg-type]
    list(wrapped({"PATH_INFO": path, "REQUEST_METHOD": "GET"}, lambda status, _: answered.append(status)))
    return int(answered[0].split()[0]), known
