"""The open incidents, by what an alert may have in common with them: so that one alert need not look at all of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from tocsin.core.incident import Incident


class Openings:
    """Open incidents; whoever goes through them meets them in the order of their numbers."""

    def __init__(self, incidents: Iterable[Incident] = ()) -> None:
        self._all: dict[str, Incident] = {}
        self._refs: dict[int, str] = {}
        self._holding: dict[str, list[int]] = {}
        self._about: dict[str, list[int]] = {}
        for incident in incidents:
            self.put(incident)

    def put(self, incident: Incident) -> None:
        """Take note of an incident as it is now; one that is resolved is not among them any more."""
        before = self._all.get(incident.id)
        if before is not None and before.version == incident.version:
            return
        self.drop(incident.id)
        if not incident.open:
            return
        self._all[incident.id] = incident
        self._refs[incident.number] = incident.id
        for fingerprint in incident.alerts:
            insort(self._holding.setdefault(fingerprint, []), incident.number)
        for topic in _topics(incident):
            insort(self._about.setdefault(topic, []), incident.number)

    def drop(self, ref: str) -> None:
        """Forget an incident."""
        before = self._all.pop(ref, None)
        if before is None:
            return
        del self._refs[before.number]
        for fingerprint in before.alerts:
            _remove(self._holding, fingerprint, before.number)
        for topic in _topics(before):
            _remove(self._about, topic, before.number)

    def get(self, ref: str) -> Incident | None:
        """The open incident of this name."""
        return self._all.get(ref)

    def has(self, ref: str) -> bool:
        """Whether an incident is open."""
        return ref in self._all

    def holding(self, fingerprint: str) -> list[Incident]:
        """Those whose timeline lists this alert."""
        return [self._of(number) for number in self._holding.get(fingerprint, ())]

    def about(self, scenario: str) -> Iterator[Incident]:
        """Those that follow this scenario, or took in one that did, of whichever runbook.

        Without a scenario: those of them that have alerts or gather them, as nothing else can be joined there.
        """
        return map(self._of, self._about.get(scenario, ()))

    def __iter__(self) -> Iterator[Incident]:
        return map(self._of, sorted(self._refs))

    def __len__(self) -> int:
        return len(self._all)

    def _of(self, number: int) -> Incident:
        return self._all[self._refs[number]]


def _topics(incident: Incident) -> set[str]:
    topics = {incident.scenario, *(topic.scenario for topic in incident.topics)}
    return topics if incident.alerts or incident.gathers else topics - {""}


def _remove(index: dict[str, list[int]], key: str, number: int) -> None:
    numbers = index[key]
    del numbers[bisect_left(numbers, number)]
    if not numbers:
        del index[key]
