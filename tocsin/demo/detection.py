"""How the incident begins: Tocsin sees the runbook's threshold crossed, else the monitoring or a human says so."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from tocsin.core.runbook import Runbook, Scenario
from tocsin.demo.client import Client
from tocsin.demo.stage import Stage
from tocsin.errors import Unavailable
from tocsin.times import SystemClock

TURN = 0.25
BY_ITSELF = timedelta(seconds=15)
WITH_HELP = timedelta(seconds=20)
_BY_WORDS = re.compile(r"error|deploy|release|outage|down", re.IGNORECASE)


class Stuck(Unavailable):
    """The demo can't go on by itself."""


class Detection:
    """Waits for the incident about the shop's errors. ``posted``: the alert that had to be sent, if one had to."""

    def __init__(self, stage: Stage, ana: Client, monitoring: Client, book: Runbook) -> None:
        self._stage, self._ana, self._monitoring = stage, ana, monitoring
        self._expected = scenario_for(book)
        self.posted: dict[str, Any] | None = None

    def wait(self) -> str:
        """The incident's id. Where the runbook gives Tocsin nothing to measure, somebody helps, and that is told."""
        for _ in turns(BY_ITSELF):
            if found := self._open():
                return found
        if self._expected is None or not self._expected.alerts:
            return self._declare()
        self._post(self._expected.alerts[0])
        for _ in turns(WITH_HELP):
            if found := self._open():
                return found
        raise Stuck("Tocsin declared no incident.")

    def clear(self) -> None:
        """The monitoring says that it is over, if it had said that it began."""
        if self.posted is not None:
            over = {**self.posted, "endsAt": SystemClock().now().isoformat()}
            self._monitoring.post("/api/v2/alerts", [over])
            self.posted = None

    def _open(self) -> str:
        """The open incident about the errors; other thresholds of the runbook may have fired as well."""
        listed = [each["incident"] for each in self._ana.get("/api/v1/incidents?status=open")["incidents"]]
        wanted = self._expected.id if self._expected else ""
        fitting = [each for each in listed if each["scenario"] == wanted != "" or _about_errors(each)]
        fitting.sort(key=lambda each: (each["scenario"] != wanted, not each["scenario"], each["number"]))
        return str(fitting[0]["id"]) if fitting else ""

    def _post(self, name: str) -> None:
        self._stage.say(f"The runbook has no threshold that fires here, so its alert {name} is posted.")
        labels = {"alertname": name, "service": "shop"}
        self.posted = {"labels": labels, "annotations": {"summary": "orders of new customers fail"}}
        self._monitoring.post("/api/v2/alerts", [self.posted])

    def _declare(self) -> str:
        scenario = self._expected
        title = f"{scenario.title}: orders fail" if scenario else "Orders fail"
        self._stage.say(f"The runbook has no threshold and no alert that fires here, so “{title}” is declared by hand.")
        words = {"title": title, "scenario": scenario.id if scenario else "", "why": "customers can't order"}
        return str(self._ana.post("/api/v1/incidents", words)["id"])


def turns(patience: timedelta | None) -> Iterator[None]:
    """Turns with a short pause between them, for as long as patience lasts; none: for ever."""
    clock, pause = SystemClock(), threading.Event()
    deadline = clock.now() + patience if patience else None
    while deadline is None or clock.now() < deadline:
        yield
        pause.wait(TURN)


def scenario_for(book: Runbook) -> Scenario | None:
    """The scenario that a bad deployment leads to: by its threshold, by its words, else the first."""
    by_rule = [book.scenario(rule.scenario or "") for rule in book.rules if "error" in rule.metric.lower()]
    by_words = [scenario for scenario in book.scenarios if _BY_WORDS.search(scenario.title)]
    return next((scenario for scenario in (*by_rule, *by_words, *book.scenarios) if scenario is not None), None)


def _about_errors(incident: Mapping[str, Any]) -> bool:
    alerts = incident["alerts"].values()
    return any("error" in f"{alert['name']} {alert['labels'].get('metric', '')}".lower() for alert in alerts)
