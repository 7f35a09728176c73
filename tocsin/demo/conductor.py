"""What the demo's people do: look at the incident, make the one move that is due, look again.

Every turn starts from the incident as it is, so that somebody at the page may do any of it first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tocsin.demo.client import Client
from tocsin.demo.consent import Consent
from tocsin.demo.detection import Detection, Stuck, turns
from tocsin.demo.narrator import Narrator, steps_of
from tocsin.demo.stage import Stage
from tocsin.errors import Refused
from tocsin.times import SystemClock

PATIENCE = timedelta(seconds=60)
QUIET_FOR = timedelta(seconds=3)
HEAL_AFTER = timedelta(seconds=6)
OVERRIDE_AFTER = timedelta(seconds=25)
_DEPLOYED = re.compile(r"deploy|release|rollout|rolled out|version|code change", re.IGNORECASE)
_GONE_WELL = ("succeeded", "done", "skipped")
_BUSY = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Crew:
    """Who acts: Ana leads, Ben's token answers approvals as ``consent`` decides.

    ``heal`` mends the shop outside of Tocsin; ``failures`` counts what its customers have met with so far.
    """

    ana: Client
    ben: Client
    consent: Consent
    heal: Callable[[], None]
    failures: Callable[[], int]


class Conductor:
    """Leads one incident from its declaration to its post-mortem, over HTTP."""

    def __init__(self, stage: Stage, crew: Crew, detection: Detection, *, unattended: bool) -> None:
        self._stage, self._ana, self._ben, self._consent = stage, crew.ana, crew.ben, crew.consent
        self._crew, self._detection, self._unattended = crew, detection, unattended
        self._clock = SystemClock()
        self._done: set[str] = set()
        self._refused: set[str] = set()
        self._through: datetime | None = None
        self._failures = crew.failures()
        self._failed_at = self._clock.now()

    def lead(self, ref: str) -> bool:
        """Do what is due until the incident is resolved; False where nobody lets it go on."""
        narrator = Narrator(self._stage, self._ana, ref)
        self._stage.act("Diagnosis: what is proved to only read runs by itself")
        for _ in turns(PATIENCE if self._unattended else None):
            page = self._ana.get(f"/api/v1/incidents/{ref}")
            narrator.follow(page)
            self._count_failures()
            if page["incident"]["status"] == "resolved":
                return True
            try:
                self._do_next(ref, page)
            except Refused as error:
                self._stage.say(str(error), "dim")
        left = " ".join(self._ana.get(f"/api/v1/incidents/{ref}")["missing"]) or "Nobody resolved it."
        raise Stuck(f"{ref} was not resolved within {PATIENCE.seconds} s. {left}")

    def review(self, ref: str) -> str:
        """The post-mortem as Markdown."""
        return str(self._ana.get(f"/api/v1/incidents/{ref}/review")["text"])

    def _do_next(self, ref: str, page: Mapping[str, Any]) -> None:
        """The first thing that is due. Each ends the turn, so that the next one looks at its result."""
        incident = page["incident"]
        if not incident["acknowledged_at"]:
            self._ana.move(ref, "acknowledge")
        elif self._once("assess", lambda: self._assess(ref, incident)) or _busy(page):
            return
        elif not incident["branch"] and "act-decision" not in self._done:
            self._decide(ref, page)
        elif waiting := _waiting(incident):
            self._answer(ref, waiting)
        elif (view := self._next_step(page)) is not None:
            self._go_on(ref, view)
        elif incident["status"] != "mitigated":
            self._mitigate(ref, page)
        else:
            self._recover(ref, page)

    def _once(self, what: str, do: Any) -> bool:
        if what in self._done:
            return False
        self._done.add(what)
        do()
        return True

    def _assess(self, ref: str, incident: Mapping[str, Any]) -> None:
        severity = incident["severity"]
        self._ana.move(ref, "assess", severity=severity, why="most orders fail, and customers notice")
        self._ana.move(ref, "post_update", text="Most orders fail. We are on it.", audience="the counter")

    def _decide(self, ref: str, page: Mapping[str, Any]) -> None:
        """Take the branch that speaks of a deployment, for the diagnosis has just shown one."""
        self._done.add("act-decision")
        self._stage.act("Decision: what does the runbook offer?")
        branches = [part for part in page["parts"] if part["branch"]] if page["incident"]["scenario"] else []
        for part in branches:
            self._stage.say(part["branch"], "dim")
        fitting = [part for part in branches if _DEPLOYED.search(part["branch"])] or branches
        if fitting:
            why = "the log of the repository shows a release right before the errors began"
            self._ana.move(ref, "choose_branch", branch=fitting[0]["branch"], why=why)
        else:
            self._stage.say("No branches: its own mitigation steps, if there are any.", "dim")

    def _answer(self, ref: str, approval: Mapping[str, Any]) -> None:
        """Show the exact command with its verdict, and have it answered."""
        self._stage.say(
            f"This waits for an approval ({approval['verdict']}: {approval['verdict_why']})", "ask",
            event="approval", approval=approval["id"], command=approval["command"], verdict=approval["verdict"],
            why=approval["verdict_why"], target=approval["target"],
        )  # fmt: skip
        self._stage.quote([*str(approval["command"]).splitlines(), f"on {approval['target']}"])

        def answered() -> bool:
            now = self._ana.get(f"/api/v1/incidents/{ref}")["incident"]
            return all(each["id"] != approval["id"] for each in _all_waiting(now))

        answer, why = self._consent.ask(approval, answered)
        if answer == "yes":
            self._ben.move(ref, "approve", approval=approval["id"], sha=approval["sha"])
        elif answer == "no":
            self._refused.add(approval["step"])
            self._ben.move(ref, "deny", approval=approval["id"], why=why)
            if not self._unattended:
                self._stage.say("It does not run. The page still offers every step; Ctrl-C ends the demo.", "ask")

    def _next_step(self, page: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The next mitigation that nobody has touched. After a "no" people decide, not the demo."""
        if self._refused and not self._unattended:
            return None
        untouched = [view for view in self._mitigations(page) if not view["state"]]
        return next((view for view in untouched if view["step"]["id"] not in self._done), None)

    def _mitigations(self, page: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The steps of the chosen branch; without branches, those that mitigate. Of alternatives, the first."""
        branch = page["incident"]["branch"] or None
        inside = [view for view in steps_of(page) if view["step"]["branch"] == branch]
        inside = [view for view in inside if branch or view["step"]["stage"] in ("mitigation", "rollback")]
        return [view for view in inside if not view["step"]["alternative_to"]]

    def _go_on(self, ref: str, view: Mapping[str, Any]) -> None:
        step = view["step"]
        self._done.add(step["id"])
        if step["kind"] in ("shell", "sql") and not view["unbound"] and not view["problem"]:
            self._ana.move(ref, "request_step", step=step["id"])
        else:
            gap = f"{', '.join(view['unbound'])} has no value here" if view["unbound"] else view["problem"]
            why = gap or "nothing in the demo's shop that this could be done to"
            self._ana.move(ref, "skip_step", step=step["id"], why=why)

    def _mitigate(self, ref: str, page: Mapping[str, Any]) -> None:
        """Once the runbook's steps are through: say so when customers meet with no errors; else mend it by hand."""
        taken = [view["state"] for view in self._mitigations(page) if view["state"]]
        if not self._unattended and any(state["status"] not in _GONE_WELL for state in taken):
            return
        self._once("act-recovery", lambda: self._stage.act("Recovery: the runbook's own criterion decides"))
        self._through = self._through or self._clock.now()
        if not self._failing():
            how = f"customers have met with no error for {QUIET_FOR.seconds} s"
            self._ana.move(ref, "mitigate", how=how)
        elif self._clock.now() - self._through > HEAL_AFTER:
            self._once("heal", lambda: self._heal_by_hand(ref))

    def _recover(self, ref: str, page: Mapping[str, Any]) -> None:
        self._detection.clear()
        for criterion in page["criteria"]:
            state = criterion["state"]
            if state["criterion"]["metric"] is None and not state["holds"]:
                self._ana.move(ref, "confirm_criterion", criterion=criterion["index"], why="orders go through again")
                return
        missing = " ".join(page["missing"])
        if not missing or self._unanswerable(page):
            override = f"the demo can't wait for or measure this: {missing}" if missing else ""
            summary = "The release was taken back; orders go through again."
            self._ana.move(ref, "resolve", summary=summary, override=override)
        else:
            self._once(missing.partition("another")[0], lambda: self._stage.say(missing, "dim"))

    def _unanswerable(self, page: Mapping[str, Any]) -> bool:
        """Unattended, after a while: what is left takes longer, or has no signal here."""
        if not self._unattended or self._failing() or self._clock.now() - self._failed_at < OVERRIDE_AFTER:
            return False
        firing = any(alert["firing"] for alert in page["incident"]["alerts"].values())
        return not firing and all(criterion["state"]["holds"] is not False for criterion in page["criteria"])

    def _count_failures(self) -> None:
        failures = self._crew.failures()
        if failures != self._failures:
            self._failures, self._failed_at = failures, self._clock.now()

    def _failing(self) -> bool:
        return self._clock.now() - self._failed_at < QUIET_FOR

    def _heal_by_hand(self, ref: str) -> None:
        """The runbook's steps did not take the release back, so somebody does, outside of Tocsin."""
        text = "Nothing that ran took the release back, so it is taken back by hand: git revert, restart of the shop."
        self._ana.move(ref, "note", text=text)
        self._crew.heal()


def _busy(page: Mapping[str, Any]) -> bool:
    return any(view["state"] and view["state"]["status"] in _BUSY for view in steps_of(page))


def _waiting(incident: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next(iter(_all_waiting(incident)), None)


def _all_waiting(incident: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [approval for approval in incident["approvals"].values() if approval["status"] == "waiting"]
