"""What shows an incident in the terminal: list, show, timeline, output."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from tocsin.cli import output
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.cli.shapes import Full
from tocsin.core.incident import StepState
from tocsin.core.shown import Output, StepView, Summary, TimelineEntry

_MARKS = {
    "succeeded": "✓", "done": "✓", "failed": "✗", "timed_out": "✗", "unrunnable": "✗", "cancelled": "–", "skipped": "–",
    "undone": "–",
    "approved": "…", "queued": "…", "running": "…", "awaiting_approval": "?", "in_doubt": "!",
}  # fmt: skip


@click.command("list", short_help="List incidents, the newest first.")
@click.option(
    "--status", type=click.Choice(["open", "acknowledged", "mitigated", "resolved"]),
    help="Only these; open means everything that is not resolved.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many at most.")
@output.as_json
@remote
def list_incidents(remote: Remote, status: str | None, limit: int, as_json: bool) -> None:
    """List incidents, the newest first.

    \b
    Example:
      tocsin incident list --status open
    """
    query = {"status": status} if status else {}
    answer = remote.get("/api/v1/incidents", limit=limit, **query)
    if as_json:
        output.give(answer)
        return
    show_summaries(understood(dict[str, list[Summary]], answer)["incidents"])


def show_summaries(found: list[Summary]) -> None:
    """Incidents as a table, or a sentence where there are none."""
    if not found:
        output.say("There are none.")
        return
    rows = [
        (
            each.incident.id, each.incident.severity, each.incident.status, output.moment(each.incident.declared_at),
            each.incident.owner or "-", str(each.waiting or "-"), each.incident.title,
        )
        for each in found
    ]  # fmt: skip
    output.table(("INCIDENT", "SEVERITY", "STATUS", "DECLARED (UTC)", "BY", "WAITS", "TITLE"), rows)


@click.command("show", short_help="Show one incident with its steps and clocks.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@output.as_json
@remote
def show(remote: Remote, ref: str, as_json: bool) -> None:
    """Show one incident: its clocks, its steps with their lines and ids, what still stands before its end.

    \b
    Example:
      tocsin incident show INC-1
    """
    answer = remote.get(incident(ref))
    if as_json:
        output.give(answer)
        return
    seen = understood(Full, answer)
    _head(seen)
    _steps(seen)
    _recovery(seen)
    _ladder(seen)


@click.command("timeline", short_help="Print what happened, the oldest first.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only entries after this number.")
@output.as_json
@remote
def timeline(remote: Remote, ref: str, after: int, as_json: bool) -> None:
    """Print what happened in an incident, the oldest first. Moments are in UTC.

    \b
    Example:
      tocsin incident timeline INC-1
    """
    answer = remote.get(incident(ref, "timeline"), after=after)
    if as_json:
        output.give(answer)
        return
    for told in understood(dict[str, list[TimelineEntry]], answer)["timeline"]:
        output.tell(entry(told))


def entry(told: TimelineEntry) -> str:
    """One entry of a timeline in one line."""
    return f"{told.seq:>4}  {output.moment(told.at)}  {output.one_line(told.shows())}"


@click.command("output", short_help="Print what the last run of a step printed.")
@click.argument("ref", metavar="INCIDENT", help="INC-1, inc-1 or 1.")
@click.argument("step", required=False, metavar="[STEP]", help="Its id, its title, or words that only it has.")
@click.option("--line", type=click.IntRange(min=1), help="Take the step on this line of the runbook.")
@output.as_json
@remote
def show_output(remote: Remote, ref: str, step: str | None, line: int | None, as_json: bool) -> None:
    """Print what the last run of a step printed, with secrets masked.

    \b
    Example:
      tocsin incident output INC-1 'error logs'
      tocsin incident output INC-1 --line 41
    """
    from tocsin.cli.moves import find_step

    answer = remote.get(incident(ref, "steps", find_step(remote, ref, step, line), "output"))
    if as_json:
        output.give(answer)
        return
    shown = understood(Output, answer)
    text = "".join(piece.text for piece in shown.output)
    click.echo(output.visible(text), nl=False)
    end_line(text)
    output.say(state_of(shown))


def end_line(printed: str) -> None:
    """On a terminal what follows begins on a line of its own; a file holds what was printed and no more."""
    if printed and not printed.endswith("\n") and sys.stdout.isatty():
        click.echo()


def state_of(shown: Output) -> str:
    """How the last run of a step stands, as a sentence."""
    name = f"“{output.one_line(shown.title)}”" if shown.title else shown.step
    if shown.state is None:
        return f"{name} has not run."
    exit_code = "" if shown.state.exit_code is None else f", exit code {shown.state.exit_code}"
    note = f" {shown.state.note}" if shown.state.note else ""
    wrote = f" Wrote {', '.join(shown.state.files)}." if shown.state.files else ""
    return f"{name} {shown.state.status.replace('_', ' ')}{exit_code}.{note}{wrote}{_check_of(shown.state)}"


def _check_of(state: StepState) -> str:
    """How the output compares with what the document expects, in a sentence."""
    check = state.check
    if check is None:
        return ""
    detail = f": {check.detail}" if check.detail else f": {output.one_line(check.expected)}"
    return f" {check.result.capitalize()}{detail}."


def _head(seen: Full) -> None:
    each = seen.incident
    drill = "  (drill)" if each.drill else ""
    click.secho(output.one_line(f"{each.id}  {each.severity}  {each.status}  {each.title}{drill}"), bold=True)
    output.tell(output.one_line(each.why))
    place = f", line {each.line}" if each.line else ""
    scenario = f"{each.scenario_title} of " if each.scenario_title else ""
    output.tell(output.one_line(f"It follows {scenario}{each.runbook}{place}."))
    for line in _gathered(seen):
        output.tell(line)
    for role, person in each.roles.items():
        output.tell(output.one_line(f"{role}: {person}"))
    for line in _team(seen):
        output.tell(output.one_line(line))
    output.heading("Clocks")
    output.table(("CLOCK", "", "WHY"), [(clock.name, clock.shows(seen.now), clock.why) for clock in seen.clocks])


def _team(seen: Full) -> Iterator[str]:
    """Who has it, what is offered, where people meet, who sees it."""
    each, team = seen.incident, seen.incident.team
    if each.owner:
        yield f"It is {each.owner}'s."
    for offer in team.offers.values():
        what = "it" if offer.role == "owner" else f"the role {offer.role}"
        yield f"{offer.by} offers {what} to {offer.to} until {output.moment(offer.until)}."
    if team.war_room:
        yield f"People meet at {team.war_room}"
    for chat, name in sorted(each.rooms.items()):
        yield f"Its channel on {chat} is #{name}"
    if team.private:
        yield f"It is private: only {', '.join(team.named)} and whoever is drawn in see it."


def _gathered(seen: Full) -> Iterator[str]:
    """How many alerts it holds, and the incidents that it was merged into, made of, or split off from."""
    each, held = seen.incident, seen.held
    if held.alerts:
        names = f" under {held.names} names" if held.names > 1 else ""
        yield f"{output.count(held.alerts, 'alert')}{names}, {held.firing} of them firing."
    if each.duplicate_of:
        yield f"It was merged into {each.duplicate_of}, as its duplicate."
    if each.absorbed:
        yield f"Merged into it: {', '.join(each.absorbed)}."
    if each.split_from:
        yield f"Its first alerts were split off from {each.split_from}."


def _steps(seen: Full) -> None:
    for part in seen.parts:
        chosen = " (chosen)" if part.chosen else ""
        output.heading(
            output.one_line(
                f"{part.stage.capitalize()}: {part.branch}{chosen}" if part.branch else part.stage.capitalize()
            )
        )
        output.table(("", "LINE", "VERDICT", "STEP", "COMMAND", "STATE"), [step_row(shown) for shown in part.steps])
    waiting = seen.incident.waiting_approvals
    if waiting:
        output.heading("Waiting for an approval")
        output.table(("APPROVAL", "COMMAND", "BY"), [(one.id, one.command, one.asked_by) for one in waiting])


def step_row(shown: StepView) -> tuple[str, ...]:
    """A step as a row: how far it is, its line, what is proved of it, title, command, state."""
    step, state = shown.step, shown.state
    status = state.status.replace("_", " ") if state else ""
    if state and state.exit_code is not None:
        status += f" ({state.exit_code})"
    if state and state.check is not None:
        status += f", {state.check.result}"
    if not state and shown.instead:
        status = f"line {shown.instead.line} instead"
    elif not state:
        status = f"needs {', '.join(shown.unbound)}" if shown.unbound else shown.problem
    verdict = step.verdict if step.runnable else step.kind
    mark = _MARKS.get(state.status, "") if state else ""
    return mark, str(step.line), verdict, step.title, output.one_line(shown.command, 80), status


def _recovery(seen: Full) -> None:
    if seen.criteria:
        output.heading("Recovery criteria")
        rows = [(str(each.index + 1), each.state.criterion.text, each.shows()) for each in seen.criteria]
        output.table(("NUMBER", "CRITERION", "STATE"), rows)
    if seen.missing:
        output.heading("Not yet recovered")
        for reason in seen.missing:
            output.tell(output.one_line(reason))


def _ladder(seen: Full) -> None:
    if seen.ladder:
        output.heading("Escalation")
        rows = [
            (
                "✗" if each.missed else "✓" if each.climbed else "",
                each.rung.to or "the next level",
                each.person or "nobody is bound",
                output.moment(each.at),
                f"could not be told: {output.one_line(each.missed, 60)}" if each.missed else each.rung.when,
            )
            for each in seen.ladder
        ]
        output.table(("", "TO", "WHO", "AT (UTC)", "WHEN"), rows)
