"""Where a step runs, and where a run that was ordered does."""

from __future__ import annotations

from dataclasses import replace

from tocsin.app import App
from tocsin.core.following import own_id
from tocsin.core.httprequest import Unreadable, parse, with_address
from tocsin.core.run import Run
from tocsin.core.runbook import SET_BACK, Runbook, Scenario, Step
from tocsin.errors import Invalid, Refused
from tocsin.plug.kinds import taken_by
from tocsin.plug.pins import why_broken
from tocsin.safety.team import Team
from tocsin.service.books import Ground
from tocsin.settings import Place, Settings


def place_of(app: App, runbook: Runbook, step: Step) -> Place:
    """The target that takes a step, with its executor; what sets a value back runs where the value was changed."""
    step = runbook.step(step.id.removeprefix(SET_BACK)) or step
    scenario = scenario_of(runbook, step)
    return app.settings.place(
        replace(step, id=own_id(step.id)), replace(scenario, id=own_id(scenario.id)) if scenario else None
    )


def place_of_run(app: App, run: Run) -> Place:
    """The target for which a run was ordered. Raises `Refused` where the configuration has it no more."""
    try:
        return app.settings.named(run.place) if run.place else app.settings.default
    except Invalid as error:
        raise Refused(f"The target changed since this was asked for: {error.message}", "Ask again.") from None


def team_on(settings: Settings, place: Place) -> Team:
    """The team's own commands as they hold at a place just now: a script that changed, or lies elsewhere, does not."""
    team = settings.team
    if not team.pins:
        return team
    if getattr(place.executor, "verifies_pins", False):
        return team  # it looks there, right before the start
    if place.target.kind != "local":
        broken = {
            name: f"`{name}` lies on {place.target.name}, where its content can't be looked at" for name, _ in team.pins
        }
    else:
        found = {name: why_broken(name, sha256, place.target.workdir) for name, sha256 in team.pins}
        broken = {name: why for name, why in found.items() if why}
    return replace(team, broken=broken) if broken else team


def on_targets(settings: Settings) -> Ground:
    """How the commands of runbooks are judged under a configuration: each as in the place that takes its step."""
    teams: dict[str, Team] = {}

    def ground(step: Step, scenario: Scenario | None) -> tuple[str, Team]:
        place, command = settings.place(step, scenario), step.command or ""
        name = place.target.name
        if name not in teams:
            teams[name] = team_on(settings, place)
        if step.kind == "http":
            command = with_address(command, _base_of(place))
        return command, teams[name]

    return ground


def completed(request: str, place: Place) -> str:
    """A request over HTTP as it will be sent from a place: one with a path alone gets the place's address.

    Raises `Refused` where that place sends none.
    """
    taken = taken_by(place.executor)
    if taken and "http" not in taken:
        hint = 'Add a table [targets.NAME] with kind = "http" and base_url or hosts to tocsin.toml.'
        raise Refused(f"No target that takes this step sends requests over HTTP to {_asked(request)}.", hint)
    return with_address(request, _base_of(place))


def _base_of(place: Place) -> str:
    return str(getattr(place.executor, "base_url", ""))


def _asked(request: str) -> str:
    try:
        return parse(request, gaps=True).host.replace("\x01", "…") or "an address of its own"
    except Unreadable:
        return "this address"


def scenario_of(runbook: Runbook, step: Step) -> Scenario | None:
    """The scenario in which a step stands; None for the general process and for procedures."""
    return next((each for each in runbook.scenarios if any(one.id == step.id for one in each.steps)), None)
