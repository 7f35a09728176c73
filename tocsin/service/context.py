"""What lies around an incident, at once: signals, changes, suppliers, people affected, earlier incidents like it.

What is gone later (values, what suppliers say, how many are affected) is taken once, right after the incident began
and behind its pages, and kept on its timeline. What is stored anyway is read when somebody looks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tocsin.app import App
from tocsin.core import facts, similar
from tocsin.core.context import LOOK_BACK, Affected, Near, SignalAt, SupplierAt, affected, near
from tocsin.core.facts import ENGINE
from tocsin.core.incident import Incident
from tocsin.core.similar import Said, Similar
from tocsin.core.systemhealth import Check, SystemHealth
from tocsin.core.trace import TracesNear
from tocsin.ids import slug
from tocsin.plug.kinds import Supplier
from tocsin.service import access, respond, systemhealth, tracing, views, watch
from tocsin.service.access import Caller
from tocsin.service.books import pinned
from tocsin.service.commit import commit
from tocsin.service.views import SignalView
from tocsin.settings import Signal
from tocsin.store import changes, incidents, search, signals
from tocsin.store.db import Tx

SHOWN = 12
KEPT = 8
OTHERS = 12
"""So many signals that are not the scenario's are kept, the worst first."""
_READ = 2000
_CANDIDATES = 30
_OF_SCENARIO = 15
AT_ONCE = 8
FRESH = timedelta(minutes=1)
_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What lies around an incident. ``start``: the first sign of it, from which distances count.

    ``changes`` are those nearest to the start, the newest first, ``more`` others of that time. ``suppliers``,
    ``affected`` and ``health`` tell of now, ``then`` what was taken when it began; null before that.
    """

    incident: str
    start: datetime
    signals: tuple[SignalView, ...] = ()
    changes: tuple[Near, ...] = ()
    more: int = 0
    suppliers: tuple[SupplierAt, ...] = ()
    affected: Affected | None = None
    similar: tuple[Similar, ...] = ()
    then: facts.ContextTaken | None = None
    taken_at: datetime | None = None
    health: SystemHealth | None = None
    traces: TracesNear | None = None

    @property
    def beside(self) -> tuple[Check, ...]:
        """What is measured besides the scenario's own signals, the worst first; suppliers and people stand apart."""
        own = {each.metric for each in self.signals}
        return tuple(each for each in self.health.checks if each.metric not in own) if self.health else ()

    def signal_then(self, metric: str) -> SignalAt | None:
        """A signal as it was when the incident began."""
        return next((each for each in self.then.signals if each.metric == metric), None) if self.then else None

    def supplier_then(self, name: str) -> SupplierAt | None:
        """What a supplier said when the incident began."""
        return next((each for each in self.then.suppliers if each.name == name), None) if self.then else None

    @property
    def empty(self) -> bool:
        """Whether nothing at all is known."""
        told = self.changes or self.suppliers or self.affected or self.similar or self.then or self.traces
        return not (told or any(each.points for each in self.signals) or any(each.at for each in self.beside))


def around(app: App, caller: Caller, ref: str) -> Context:
    """What lies around an incident, as far as the caller may see it. Raises `NotFound`."""
    incident = respond.exists(app, ref)

    def read(tx: Tx) -> tuple[Context, list[tuple[Incident, Said]], Said]:
        now = app.clock.now()
        found, more = changes_near(tx, incident, now, SHOWN)
        taken = incidents.last_of_kind(tx, incident.id, "ContextTaken") if incident.context_at else None
        context = Context(
            incident=incident.id, start=incident.began_at, changes=found, more=more,
            signals=views.signals_of(app, tx, incident, pinned(app, tx, incident.runbook_digest), now),
            suppliers=_suppliers(app, tx, now), affected=affected_now(app, tx, incident, now),
            then=taken.fact if taken else None, taken_at=taken.at if taken else None,
            traces=tracing.near(tx, incident, now),
        )  # fmt: skip
        return context, _candidates(tx, incident), _own(tx, incident)

    context, candidates, own = app.db.read(read)
    seen = {each.id for each in access.only_in_reach(app, caller, [each for each, _ in candidates])}
    alike = similar.ranked(incident, own, (one for one in candidates if one[0].id in seen))
    health = _health(app) if caller.reach.may("alerts:read") else None
    return replace(context, similar=tuple(alike), health=health)


def take(app: App, ref: str, suppliers: Sequence[SupplierAt]) -> bool:
    """Put on the timeline what is known now; False where there is nothing to tell or it was told already."""

    health = _health(app)

    def read(tx: Tx) -> facts.ContextTaken | None:
        incident = incidents.load(tx, ref)
        if incident is None or incident.context_at is not None:
            return None
        now = app.clock.now()
        found, more = changes_near(tx, incident, now, KEPT)
        views_ = views.signals_of(app, tx, incident, pinned(app, tx, incident.runbook_digest), now)
        told = facts.ContextTaken(
            signals=(
                *(_signal_at(each) for each in views_ if each.value is not None),
                *_others(tx, health, {each.metric for each in views_}, now),
            ),
            changes=found, more=more, suppliers=tuple(suppliers), affected=_affected(app, tx, now),
        )  # fmt: skip
        return None if told == facts.ContextTaken() else told

    told = app.db.read(read)
    if told is None:
        return False

    def write(tx: Tx) -> bool:
        incident = incidents.load(tx, ref, lock=True)
        if incident is None or incident.context_at is not None:  # another node was faster
            return False
        commit(app, tx, incident, [told], ENGINE)
        return True

    return app.db.write(write)


def ask_suppliers(app: App) -> list[SupplierAt]:
    """Ask every supplier's status page now, some at a time; none takes longer than its signal's timeout."""
    bound = [each for each in app.settings.signals if isinstance(each.probe, Supplier)]
    if not bound:
        return []
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tocsin-suppliers") as threads:
        return list(threads.map(lambda signal: _ask(app, signal), bound))


def keep_words(app: App, most: int = 50) -> bool:
    """Keep the words of incidents of which something happened; whether there may be more."""

    def read(tx: Tx) -> list[tuple[str, int, Said]]:
        found = []
        for ref in search.behind(tx, most):
            entries = incidents.timeline(tx, ref)
            incident = incidents.load(tx, ref)
            if incident is not None:
                found.append((ref, entries[-1].seq, similar.said(incident, entries)))
        return found

    told = app.db.read(read)

    def write(tx: Tx) -> None:
        for ref, version, said in told:
            search.put(tx, ref, version, said)

    if told:
        app.db.write(write)
    return len(told) >= most


def changes_near(tx: Tx, incident: Incident, now: datetime, most: int) -> tuple[tuple[Near, ...], int]:
    """The changes nearest to the beginning, the newest first, and how many others there are."""
    start = incident.began_at
    until = min(now, incident.resolved_at or now)
    found = near(changes.listing(tx, since=start - LOOK_BACK, until=until, limit=_READ), start)
    kept = set(sorted(range(len(found)), key=lambda place: (not found[place].nearest, _far(found[place])))[:most])
    return tuple(each for place, each in enumerate(found) if place in kept), len(found) - len(kept)


def _far(one: Near) -> float:
    return abs(one.before_seconds)


def _signal_at(view: SignalView) -> SignalAt:
    values = [value for _, value in view.points]
    return SignalAt(
        metric=view.metric, value=view.value, unit=view.unit, low=min(values, default=None),
        high=max(values, default=None), threshold=view.rule, bad=view.bad,
    )  # fmt: skip


def _health(app: App) -> SystemHealth | None:
    """How the system is by its last readings; suppliers and who is affected are told by themselves."""
    if not app.settings.signals:
        return None
    apart = {each.metric for each in app.settings.signals if each.counts or isinstance(each.probe, Supplier)}
    found = systemhealth.standing(app)
    return replace(found, checks=tuple(each for each in found.checks if each.metric not in apart))


def _others(tx: Tx, health: SystemHealth | None, own: Collection[str], now: datetime) -> list[SignalAt]:
    """What is measured besides the scenario's signals: error rate, latency, throughput, health checks."""
    checks = health.checks if health else ()
    wanted = [each for each in checks if each.value is not None and each.metric not in own][:OTHERS]
    found = []
    for each in wanted:
        values = [value for _, value in signals.window(tx, slug(each.metric), now - views.HISTORY, now)]
        low, high = min(values, default=None), max(values, default=None)
        bad = each.state in ("unhealthy", "degraded")
        found.append(SignalAt(metric=each.metric, value=each.value, unit=each.unit, low=low, high=high, bad=bad))
    return found


def _suppliers(app: App, tx: Tx, now: datetime) -> tuple[SupplierAt, ...]:
    """What suppliers said when their pages were read last."""
    found = []
    for signal in app.settings.signals:
        if isinstance(signal.probe, Supplier):
            last = _latest(tx, signal, now)
            found.append(
                SupplierAt(name=signal.probe.supplier, level=last[1], at=last[0])
                if last
                else SupplierAt(name=signal.probe.supplier, problem="its page has not been read lately")
            )
    return tuple(found)


def _ask(app: App, signal: Signal) -> SupplierAt:
    name = signal.probe.supplier if isinstance(signal.probe, Supplier) else signal.metric
    reading = watch.reading_of(app, signal, lambda: signal.probe.read(app.clock.now(), signal.timeout))
    if isinstance(reading, str):
        return SupplierAt(name=name, at=app.clock.now(), problem=reading.removeprefix("no data: "))
    return SupplierAt(name=name, level=reading.value, says=reading.detail[:_LONGEST], at=reading.at)


def _affected(app: App, tx: Tx, now: datetime) -> Affected | None:
    """How many people are affected, as the signals that count them tell; old readings tell nothing."""
    told: dict[str, tuple[datetime, float]] = {}
    for signal in app.settings.signals:
        last = _latest(tx, signal, now) if signal.counts and signal.counts not in told else None
        if last:
            told[signal.counts] = last
    values = {what: value for what, (_, value) in told.items()}
    count, share = values.get("affected users"), values.get("share of users")
    return affected(count, values.get("all users"), share, min((at for at, _ in told.values()), default=None))


def affected_now(app: App, tx: Tx, incident: Incident, now: datetime) -> Affected | None:
    """How many people are affected: as signals tell, else as a person said last."""
    measured = _affected(app, tx, now) if incident.open else None
    said = incident.assessment.counts[-1:]
    return measured or next((affected(each.count, each.of, each.share, each.at) for each in said), None)


def _latest(tx: Tx, signal: Signal, now: datetime) -> tuple[datetime, float] | None:
    last = signals.latest(tx, slug(signal.metric))
    return last if last and now - last[0] <= FRESH + 3 * signal.every else None


def _own(tx: Tx, incident: Incident) -> Said:
    """What is said in an incident that goes on: its alerts as they are, the notes that were kept so far."""
    kept = search.words(tx, incident.id)
    states = incident.alerts.values()
    return Said(
        title=f"{incident.title}\n{incident.scenario_title}",
        alerts=tuple(dict.fromkeys(state.name for state in states)),
        notes="\n".join([*(state.summary for state in states), kept.notes if kept else ""]),
    )


def _candidates(tx: Tx, incident: Incident) -> list[tuple[Incident, Said]]:
    """Earlier incidents that may be like this one, with what is said in them."""
    wanted = similar.words_of(_own(tx, incident).whole)[: similar.MOST_WORDS]
    names = search.found(tx, wanted, _CANDIDATES)
    names += search.of_scenario(tx, incident.scenario, incident.number, _OF_SCENARIO) if incident.scenario else []
    found = []
    for name in dict.fromkeys(names):
        other = incidents.load(tx, name)
        if other is not None and other.number < incident.number and other.drill <= incident.drill:
            said = search.words(tx, name) or Said(title=f"{other.title}\n{other.scenario_title}")
            found.append((other, said))
    return found
