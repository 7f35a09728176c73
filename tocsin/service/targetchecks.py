"""Whether targets answer and have the programs that their steps start: tried before the incident, changing nothing."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

from tocsin.app import App
from tocsin.core.run import Outcome
from tocsin.core.runbook import Phase, Procedure, Scenario, Step
from tocsin.errors import TocsinError
from tocsin.lint.mentions import programs
from tocsin.plug.kinds import Job, taken_by
from tocsin.plug.masking import mask_text
from tocsin.plug.neutral import clean_environment
from tocsin.service.access import Caller
from tocsin.service.catalogue import allow
from tocsin.settings import Place
from tocsin.store import readying
from tocsin.store.db import Tx
from tocsin.store.readying import TargetAsk, TargetCheck

REACH = "reach"
LONGEST = timedelta(seconds=15)
LONGEST_DETAIL = 300
MOST_PROGRAMS = 200
AT_ONCE = 8
_MISSING = "tocsin-missing "


def check_by_hand(app: App, by: Caller) -> tuple[TargetCheck, ...]:
    """`check_targets` and `ask_workers`, because somebody wants it. It takes the role responder."""
    allow(by.role, "responder", "look at targets")
    ask_workers(app)
    return check_targets(app)


def ask_workers(app: App, known: Container[str] = ()) -> tuple[str, ...]:
    """Ask the workers of those targets that this node can't look at, unless ``known``; the targets' names."""
    theirs = [place for place in app.settings.places if others_look(app, place) and place.target.name not in known]
    now = app.clock.now()

    def write(tx: Tx) -> None:
        for place in theirs:
            readying.want(tx, place.target.name, wanted(app, place), now)

    if theirs:
        app.db.write(write)
    return tuple(place.target.name for place in theirs)


def answer_asks(app: App) -> tuple[str, ...]:
    """Look at the targets that a server asks for and this worker reaches; each question is answered by one worker."""
    mine = {place.target.name: place for place in app.settings.places if looked_at(app, place)}
    done = []
    for ask in app.db.read(readying.wanted):
        place = mine.get(ask.target)
        if place is not None and app.db.write(partial(_take, app, ask)):
            checks, now = _look(app, place, ask.programs), app.clock.now()
            app.db.write(partial(_keep, ask.target, checks, now))
            done.append(ask.target)
    return tuple(done)


def _keep(target: str, checks: Sequence[TargetCheck], now: datetime, tx: Tx) -> None:
    readying.looked(tx, target, checks, now)


def _take(app: App, ask: TargetAsk, tx: Tx) -> bool:
    return readying.take(tx, ask, app.clock.now())


def check_targets(app: App) -> tuple[TargetCheck, ...]:
    """Look at every target that this node carries out steps on, keep how it went, and say it.

    A command target is asked for each program that its steps start; a database answers ``select 1``; a server is asked
    for its base address, and any status will do. What people do by hand is left out; other workers' targets those
    workers look at themselves, when `ask_workers` asks them.
    """
    mine = [place for place in app.settings.places if looked_at(app, place)]
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="target-check") as pool:
        found = list(pool.map(lambda place: (place, _look(app, place, wanted(app, place))), mine))
    now = app.clock.now()

    def write(tx: Tx) -> tuple[TargetCheck, ...]:
        for place, checks in found:
            readying.looked(tx, place.target.name, checks, now)
        return tuple(readying.targets(tx))

    return app.db.write(write)


def looked_at(app: App, place: Place) -> bool:
    """Whether this node can look at a target."""
    labels = frozenset(place.target.labels)
    return place.target.kind != "manual" and (labels <= app.labels if labels else app.serves)


def others_look(app: App, place: Place) -> bool:
    """Whether a target is for other workers to look at."""
    return place.target.kind != "manual" and bool(place.target.labels) and not looked_at(app, place)


def wanted(app: App, place: Place) -> tuple[str, ...]:
    """The programs that the runbooks' steps start on a target, in the order of the documents."""
    found: dict[str, None] = {}
    for step, scenario in _steps(app):
        if not step.command or app.settings.place(step, scenario).target.name != place.target.name:
            continue
        if step.kind == "shell":
            found.update(dict.fromkeys(programs(step.command)))
        elif step.kind == "sql" and "sql" not in taken_by(place.executor):
            found["psql"] = None
    return tuple(found)[:MOST_PROGRAMS]


def _steps(app: App) -> Iterator[tuple[Step, Scenario | None]]:
    for book in app.books:
        for scenario in book.scenarios:
            yield from ((step, scenario) for step in scenario.steps)
        parts: tuple[Phase | Procedure, ...] = (*book.phases, *book.procedures)
        for part in parts:
            yield from ((step, None) for step in part.steps)


def _look(app: App, place: Place, names: Sequence[str]) -> list[TargetCheck]:
    takes, target = taken_by(place.executor), place.target.name
    if "shell" in takes:
        return _programs(app, place, names)
    if "sql" in takes:
        outcome, fault = _run(app, place, "sql", "select 1")
        well = outcome is not None and outcome.status == "succeeded"
        return [_check(app, target, REACH, fault or _said(outcome), ok=well)]
    base = str(getattr(place.executor, "base_url", ""))
    if "http" in takes and base:
        parts = urlsplit(base)
        outcome, fault = _run(app, place, "http", f"GET {parts.scheme}://{parts.netloc}{parts.path or '/'}")
        answered = outcome is not None and outcome.exit_code is not None
        return [_check(app, target, REACH, fault or _said(outcome), ok=answered)]
    return []


def _programs(app: App, place: Place, names: Sequence[str]) -> list[TargetCheck]:
    """One command asks for all of them: a shell that finds a program says nothing of it."""
    target, words = place.target.name, " ".join(map(shlex.quote, names))
    command = (
        f'for p in {words or "sh"}; do command -v -- "$p" >/dev/null 2>&1 || printf \'{_MISSING}%s\\n\' "$p"; done'
    )
    outcome, fault = _run(app, place, "shell", command)
    if outcome is None or outcome.status != "succeeded":
        return [_check(app, target, REACH, fault or _said(outcome), ok=False)]
    lines = outcome.output.splitlines()
    missing = {line.removeprefix(_MISSING).strip() for line in lines if line.startswith(_MISSING)}
    found = [(REACH, True), *((name, name not in missing) for name in names)]
    return [_check(app, target, what, "" if ok else f"{what} is not on its PATH", ok=ok) for what, ok in found]


def _run(app: App, place: Place, kind: Literal["shell", "sql", "http"], command: str) -> tuple[Outcome | None, str]:
    target, environ = place.target, app.environ
    extra = {name: environ[name] for name in target.env_names if name in environ}
    job = Job(
        kind=kind, command=command, plan=None, env=clean_environment(target.path, extra), workdir=target.workdir,
        timeout=min(LONGEST, target.timeout), proved=True, secrets=app.settings.secrets,
    )  # fmt: skip
    try:
        return place.executor.run(job, lambda _: None, threading.Event()), ""
    except TocsinError as error:
        return None, str(error)
    except Exception as error:  # noqa: BLE001 -- somebody else's plugin
        return None, f"it failed ({type(error).__name__})"


def _said(outcome: Outcome | None) -> str:
    if outcome is None or outcome.status == "succeeded":
        return ""
    last = next((line for line in reversed(outcome.output.splitlines()) if line.strip()), "")
    return outcome.note or last or outcome.status.replace("_", " ")


def _check(app: App, target: str, subject: str, detail: str, *, ok: bool) -> TargetCheck:
    said = "" if ok else mask_text(" ".join(detail.split()), app.settings.secrets)[:LONGEST_DETAIL]
    return TargetCheck(target=target, subject=subject, at=app.clock.now(), ok=ok, detail=said.replace("\0", ""))
