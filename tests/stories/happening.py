"""What happens around the people of a story: alerts, signals, devices, the machine itself."""

from __future__ import annotations

import json
from datetime import timedelta

import psycopg

from tests.stories.doing import caller, move
from tests.stories.vocabulary import WHO, action, latest, perform
from tests.stories.world import World
from tocsin.plug import registry
from tocsin.plug.kinds import Inbound, Source
from tocsin.service import ingest, silencing
from tocsin.service.intaking import intake_of
from tocsin.times import parse_duration

ANNOTATIONS: tuple[str, ...] = ("runbook_url", "description")
LABELS = r"(?:\{(?P<labels>[^`]*)\})?"


@action(r"nobody does anything|time passes", "nobody does anything")
def _nothing(world: World) -> None:
    """Look whether something happens by itself."""
    del world


@action(r"Tocsin starts", "Tocsin starts")
def _starts(world: World) -> None:
    """Only as the first row: Tocsin reads the runbooks and tocsin.toml, which may be refused."""
    world.start()


@action(
    rf"alertmanager fires `(?P<name>[^`{{]*){LABELS}`(?: saying `(?P<summary>[^`]*)`)?(?: (?P<times>\d+) times)?",
    "alertmanager fires `OrdersFail{shop=north}` saying `7 % fail`",
)
def _fires(world: World, name: str, labels: str | None, summary: str | None, times: str | None) -> None:
    """An alert comes in through Alertmanager's webhook, once or several times; a name may be missing."""
    for _ in range(int(times or 1)):
        hand_in(world, name, labels, summary, "firing")


@action(rf"alertmanager resolves `(?P<name>[^`{{]*){LABELS}`", "alertmanager resolves `OrdersFail{shop=north}`")
def _clears(world: World, name: str, labels: str | None) -> None:
    """The same alert ceases to fire."""
    hand_in(world, name, labels, None, "resolved")


@action(
    r"alertmanager fires (?P<count>\d+) alerts of names that nobody knows(?:, (?P<severity>\S+) each)?",
    "alertmanager fires 500 alerts of names that nobody knows",
)
def _strangers(world: World, count: str, severity: str | None) -> None:
    """As many alerts, each of another name that no runbook says."""
    rated = {"severity": severity} if severity else {}
    hand_in_all(world, [{"alertname": f"Strange{number}", **rated} for number in range(int(count))])


@action(
    r"alertmanager fires (?P<count>\d+) different alerts `(?P<name>[^`]*)`",
    "alertmanager fires 300 different alerts `OrdersFail`",
)
def _storm(world: World, count: str, name: str) -> None:
    """As many alerts of one name, each of another instance."""
    for number in range(int(count)):
        hand_in(world, name, f"instance=host-{number}", None, "firing")


def hand_in(world: World, name: str, labels: str | None, summary: str | None, status: str) -> None:
    """Hand in one alert as Alertmanager's webhook brings it."""
    pairs = dict(pair.split("=", 1) for pair in (labels or "").replace("\\n", "\n").split(",") if pair)
    annotations: dict[str, str] = {key: pairs.pop(key) for key in ANNOTATIONS if key in pairs}
    if name:
        pairs["alertname"] = name
    if summary:
        annotations["summary"] = summary.replace("\\n", "\n")
    hand_in_all(world, [pairs], annotations, status)


def hand_in_all(
    world: World, labels: list[dict[str, str]], annotations: dict[str, str] | None = None, status: str = "firing"
) -> None:
    """Hand in alerts with these labels in one message."""
    begun = world.clock.at.isoformat().replace("+00:00", "Z")
    told = [{"status": status, "labels": each, "annotations": annotations or {}, "startsAt": begun} for each in labels]
    body = json.dumps({"version": "4", "alerts": told}).encode()
    source = registry.discover("tocsin.sources", Source)["alertmanager"]()
    heard = source.parse(Inbound(body=body, headers={}, received_at=world.clock.at))
    ingest.accept(world.app, "alertmanager", heard)


@action(
    rf"{WHO} silences `(?P<matchers>[^`]+)` for (?P<span>[\dhmsd ]+?)(?: from now plus (?P<wait>[\dhms ]+?))?"
    r" because (?P<why>.+)",
    "ana silences `shop=north` for 1h because we rebuild it",
)
def _silences(world: World, who: str, matchers: str, span: str, wait: str | None, why: str) -> None:
    """Alerts with these labels declare nothing for a while, at once or "from now plus 2h": a maintenance window."""
    by = caller(world, who)
    begins = world.clock.at + parse_duration(wait) if wait else None
    wanted = silencing.Silencing(matchers=matchers, why=why, lasts=span, starts_at=begins)
    silencing.plan(world.app, wanted, who, by.role)


@action(rf"{WHO} ends the silence", "ana ends the silence")
def _ends_silence(world: World, who: str) -> None:
    """End the silence that counts, or comes next, before its time."""
    known = silencing.listing(world.app)
    assert known, "nothing is silenced"
    silencing.end(world.app, known[0].id, caller(world, who).role)


@action(r"(?P<metric>[A-Za-z0-9 /-]+?) reads (?P<value>-?[\d.]+)", "failed orders reads 7.5")
def _reads(world: World, metric: str, value: str) -> None:
    """A metric of the runbook has a value, and Tocsin reads it; a part of the metric's name is enough."""
    signal = world.signal(metric)
    world.page.values[signal.probe.gauge] = float(value)  # type: ignore[attr-defined]
    world.read(signal)


@action(r"(?P<metric>[A-Za-z0-9 /-]+?) gives no data", "failed orders gives no data")
def _silent(world: World, metric: str) -> None:
    """A metric can't be read."""
    signal = world.signal(metric)
    world.page.values.pop(signal.probe.gauge, None)  # type: ignore[attr-defined]
    world.read(signal)


@action(r"(?P<who>[a-z]+)'s (?P<way>phone|mail|chat) (?P<how>dies|is busy|works again)", "ana's phone dies")
def _device(world: World, who: str, way: str, how: str) -> None:
    """A device takes nothing any more, nothing for now ("is busy"), or everything again."""
    if how == "works again":
        world.office.broken.pop((who, way), None)
    else:
        world.office.broken[who, way] = "dead" if how == "dies" else "busy"


@action(r"Tocsin is off for (?P<span>[\dhms ]+)", "Tocsin is off for 3h")
def _off(world: World, span: str) -> None:
    """Tocsin ends, the clock goes on, Tocsin starts again over what it had stored."""
    world.off_for(parse_duration(span))


@action(
    r"(?P<deed>alertmanager .+) times over, and the machine dies before anybody looks",
    "alertmanager fires `OrdersFail` times over, and the machine dies before anybody looks",
)
def _dies_early(world: World, deed: str) -> None:
    """That is told three times, each answered from the disk, and Tocsin ends before it merges; then it starts again."""
    with intake_of(world.app):
        for _ in range(3):
            refused = perform(world, deed)
            if refused:
                raise refused
    world.off_for(timedelta(0))


@action(r"(?P<deed>.+), and the machine dies while it runs", "ben approves line 36, and the machine dies while it runs")
def _dies(world: World, deed: str) -> None:
    """Do that; every command that it starts is cut off in the middle, and Tocsin starts again."""
    refused = perform(world, deed)
    if refused:
        raise refused
    world.dies_while_running()


@action(
    r"the runbook says `(?P<new>[^`]*)` instead of `(?P<old>[^`]*)` from now on",
    "the runbook says `touch b` instead of `touch a` from now on",
)
def _edited(world: World, new: str, old: str) -> None:
    """The first runbook's file is changed, and Tocsin starts again."""
    path = world.folder / world.story.runbooks[0][0]
    text = path.read_text("utf-8")
    assert old in text, f"the runbook does not say {old!r}"
    path.write_text(text.replace(old, new), "utf-8")
    world.off_for(timedelta(0))


@action(r"the target is called `(?P<name>[^`]*)` from now on", "the target is called `staging` from now on")
def _retargeted(world: World, name: str) -> None:
    """tocsin.toml names another target, and Tocsin starts again."""
    world.target_name = name
    world.off_for(timedelta(0))


@action(r"a worker with the labels `(?P<labels>[^`]*)` (?P<how>begins|ends)", "a worker with the labels `db,eu` begins")
def _worker(world: World, labels: str, how: str) -> None:
    """Somebody starts `tocsin work --labels` over the same database, or ends it."""
    if how == "begins":
        world.carrier_begins(labels)
    else:
        world.carrier_ends(labels)


@action(r"a session lingers in the database", "a session lingers in the database")
def _lingers(world: World) -> None:
    """Somebody is connected to the real database (`needs: postgres`) and does nothing."""
    world.guests.append(psycopg.connect(world.env["DATABASE_URL"], autocommit=True))


@action(
    rf"{WHO} fills `(?P<placeholder>[^`]*)` with the number of that session",
    "ana fills `<pid>` with the number of that session",
)
def _fills_pid(world: World, who: str, placeholder: str) -> None:
    """Give a placeholder the process number of the session that lingers."""
    number = str(world.guests[-1].info.backend_pid)
    move(world, who, latest(world, None).id, "bind", placeholder=placeholder, value=number)
