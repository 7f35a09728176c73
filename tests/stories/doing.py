"""What people do in a story: moves of the catalogue, made under the name and role in which they come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.stories.vocabulary import IN, REF, STEP, WHO, WHY, action, latest, page_of, step_of
from tests.stories.world import World
from tocsin import wire
from tocsin.core.alert import Alert
from tocsin.core.facts import Actor
from tocsin.core.runbook import SET_BACK
from tocsin.service import access, catalogue, respond, review
from tocsin.store import alerts, library
from tocsin.times import parse_duration


def caller(world: World, who: str) -> access.Caller:
    """Who comes in: by their token of the settings, else as an admin."""
    token = next((token for token in world.app.settings.tokens if token.name == who), None)
    return access.caller_of(world.app, token.secret) if token else access.Caller(who, "admin")


def move(world: World, who: str, ref: str | None, name: str, **fields: Any) -> None:
    """Make a move of the catalogue, as a program does: by its name and plain values."""
    request = wire.convert(catalogue.CATALOGUE[name].request, fields)
    by, incident = caller(world, who), latest(world, ref).id
    access.need(world.app, by, "incidents:write", ref=incident)
    catalogue.make(world.app, name, incident, request, by.actor, by.role)


@action(
    rf"{WHO} declares(?: (?P<severity>[A-Z]+-?\d))? (?:`(?P<scenario>[^`]*)`|the scenario on line (?P<line>\d+))"
    rf"(?: of `(?P<book>[^`]+)`)?(?P<drill> as a drill)?{WHY}",
    "ana declares P1 `Orders fail` because customers phone",
)
def _declares(
    world: World,
    *,
    who: str,
    severity: str | None,
    scenario: str | None,
    line: str | None,
    book: str | None,
    drill: str | None,
    why: str | None,
) -> None:
    """Begin an incident by hand; of a scenario by words of its title or by its line, of a file, as a drill."""
    if line:
        found = [part.id for one in world.app.books for part in one.scenarios if part.line == int(line)]
        assert found, f"no scenario stands on line {line}"
        scenario = found[0]
    wanted = respond.Declaration(
        scenario=scenario or "", severity=severity or "", runbook=book or "", why=why or "", drill=bool(drill)
    )
    by = caller(world, who)
    catalogue.declare(world.app, wanted, by.actor, by.role)


@action(
    rf"{WHO} declares(?: (?P<severity>[A-Z]+-?\d))? without a scenario as `(?P<title>[^`]*)`",
    "ana declares P2 without a scenario as `Something smells`",
)
def _declares_other(world: World, who: str, severity: str | None, title: str) -> None:
    """Begin an incident that follows the general process."""
    by = caller(world, who)
    wanted = respond.Declaration(title=title.replace("\\n", "\n"), severity=severity or "")
    catalogue.declare(world.app, wanted, by.actor, by.role)


@action(rf"{WHO} acknowledges{REF}", "ana acknowledges")
def _acknowledges(world: World, who: str, ref: str | None) -> None:
    """Take the incident. Without a number the newest incident is meant, here and below."""
    move(world, who, ref, "acknowledge")


@action(rf"{WHO} makes (?P<person>[a-z]+) (?P<role>[a-z ]+?){IN}", "ana makes ben commander in INC-1")
def _assigns(world: World, who: str, person: str, role: str, ref: str | None) -> None:
    """Give a role of the response to a person."""
    move(world, who, ref, "assign", role=role, person=person)


@action(rf"{WHO} assesses{REF} as (?P<severity>\S+) because (?P<why>.+)", "ana assesses INC-1 as P1 because all wait")
def _assesses(world: World, who: str, ref: str | None, severity: str, why: str) -> None:
    """Say how bad it is."""
    move(world, who, ref, "assess", severity=severity, why=why)


@action(rf"{WHO} notes `(?P<text>[^`]*)`{IN}", "ana notes `the oven is cold`")
def _notes(world: World, who: str, text: str, ref: str | None) -> None:
    """Write something on the timeline; `\\n` is a line break."""
    move(world, who, ref, "note", text=text.replace("\\n", "\n"))


@action(rf"{WHO} tells (?P<audience>[a-z]+) `(?P<text>[^`]*)`{IN}", "ana tells customers `We are on it`")
def _tells(world: World, who: str, audience: str, text: str, ref: str | None) -> None:
    """Record an update for people outside the response."""
    move(world, who, ref, "post_update", audience=audience, text=text)


@action(rf"{WHO} calls (?P<to>[a-z /-]+?) in{REF} because (?P<why>.+)", "ana calls team lead in because I am lost")
def _calls(world: World, who: str, to: str, ref: str | None, why: str) -> None:
    """Draw in a person, or whoever fills a role."""
    move(world, who, ref, "escalate", to=to, why=why)


@action(
    rf"{WHO} holds the ladder for (?P<span>[\dhms ]+?){IN} because (?P<why>.+)",
    "ana holds the ladder for 20m because ben knows",
)
def _holds(world: World, who: str, span: str, ref: str | None, why: str) -> None:
    """Let the escalation wait."""
    move(world, who, ref, "hold", minutes=parse_duration(span) / timedelta(minutes=1), why=why)


@action(rf"{WHO} fills `(?P<placeholder>[^`]*)` with `(?P<value>[^`]*)`{IN}", "ana fills `<pid>` with `4711`")
def _fills(world: World, who: str, placeholder: str, value: str, ref: str | None) -> None:
    """Give a placeholder its value for the incident."""
    move(world, who, ref, "bind", placeholder=placeholder, value=value.replace("\\n", "\n"))


@action(
    rf"{WHO} takes the branch (?:`(?P<branch>[^`]*)`|of line (?P<line>\d+)){IN}{WHY}",
    "ana takes the branch `If a release came before it` because 42 went out at 02:55",
)
def _branch(world: World, who: str, branch: str | None, line: str | None, ref: str | None, why: str | None) -> None:
    """Take one of the "If …" branches: by its words, or by the line of a step in it."""
    words = branch if branch is not None else step_of(world, ref, f"line {line}").branch or ""
    move(world, who, ref, "choose_branch", branch=words, why=why or "")


@action(rf"{WHO} runs {STEP}{IN}", "ana runs line 25")
def _runs(world: World, who: str, step: str, ref: str | None) -> None:
    """Ask for a step: by the runbook's line, or by title or command in backquotes; of several the scenario's own."""
    move(world, who, ref, "request_step", step=step_of(world, ref, step).id)


@action(rf"{WHO} sets back {STEP}{IN}", "ana sets back line 36")
def _sets_back(world: World, who: str, step: str, ref: str | None) -> None:
    """Ask to set again what a step changed, as it was before."""
    move(world, who, ref, "request_step", step=SET_BACK + step_of(world, ref, step).id)


@action(rf"{WHO} approves setting back {STEP}{IN}", "ben approves setting back line 36")
def _approves_back(world: World, who: str, step: str, ref: str | None) -> None:
    """Allow that."""
    wanted = SET_BACK + step_of(world, ref, step).id
    asked = next(each for each in latest(world, ref).waiting_approvals if each.step == wanted)
    move(world, who, ref, "approve", approval=asked.id, sha=asked.sha, why="")


@action(rf"{WHO} (?P<verb>approves|denies|withdraws) {STEP}{IN}{WHY}", "ben approves line 25")
def _answers(world: World, who: str, verb: str, step: str, ref: str | None, why: str | None) -> None:
    """Answer the question about a step, as it was asked last."""
    wanted = step_of(world, ref, step).id
    asked = [entry for entry in latest(world, ref).approvals.values() if entry.step == wanted]
    assert asked, f"nothing was ever asked about {step}"
    last = max(asked, key=lambda entry: (entry.status == "waiting", entry.asked_at))
    name = {"approves": "approve", "denies": "deny", "withdraws": "withdraw"}[verb]
    move(world, who, ref, name, approval=last.id, sha=last.sha, why=why or "")


@action(
    rf"{WHO} asks for (?P<what>the rollback|`[^`]+`(?:, `[^`]+`)*) at once(?P<go_on>, whatever fails)?{IN}",
    "ana asks for the rollback at once, whatever fails",
)
def _asks_at_once(world: World, who: str, what: str, go_on: str | None, ref: str | None) -> None:
    """Ask for one approval of several steps, named in their order, or of the document's rollback."""
    words = [] if what == "the rollback" else what.split(", ")
    steps = [step_of(world, ref, each).id for each in words]
    move(world, who, ref, "request_set", steps=steps, go_on=bool(go_on))


@action(rf"{WHO} (?P<verb>approves|denies|withdraws) the set{IN}{WHY}", "ben approves the set")
def _answers_set(world: World, who: str, verb: str, ref: str | None, why: str | None) -> None:
    """Answer the question about several steps that was asked last; of an approved one, stop the rest."""
    asked = [entry for entry in latest(world, ref).approvals.values() if entry.members]
    assert asked, "no set was ever asked for"
    last = max(asked, key=lambda entry: (entry.asked_at, entry.id))
    name = {"approves": "approve", "denies": "deny", "withdraws": "withdraw"}[verb]
    move(world, who, ref, name, approval=last.id, sha=last.sha, why=why or "")


@action(rf"{WHO} undoes {STEP}{IN}", "ana undoes `Open the gate`")
def _undoes(world: World, who: str, step: str, ref: str | None) -> None:
    """Ask for the document's way back from a step that is in doubt."""
    move(world, who, ref, "undo_step", step=step_of(world, ref, step).id)


@action(rf"{WHO} (?P<verb>does|skips) {STEP}{IN}{WHY}", "ana does `Phone the partner` because nobody answered my mail")
def _does(world: World, who: str, verb: str, step: str, ref: str | None, why: str | None) -> None:
    """Tick off a step that was done by hand, or decide against one; the words behind "because" stay on record."""
    name = "do_step" if verb == "does" else "skip_step"
    move(world, who, ref, name, step=step_of(world, ref, step).id, why=why or "")


@action(
    rf"{WHO} finds that {STEP} (?P<found>happened|did not happen){IN}{WHY}",
    "ana finds that line 36 happened because the log says so",
)
def _settles(world: World, who: str, step: str, found: str, ref: str | None, why: str | None) -> None:
    """Say whether an interrupted run had its effect."""
    happened = found == "happened"
    move(world, who, ref, "settle_step", step=step_of(world, ref, step).id, happened=happened, why=why or "")


@action(rf"{WHO} ticks the phase (?P<phase>[a-z0-9/-]+){IN}", "ana ticks the phase process/assess")
def _phase(world: World, who: str, phase: str, ref: str | None) -> None:
    """Say that a phase of the process was reached; the end of its name is enough."""
    move(world, who, ref, "reach_phase", phase=phase_of(world, ref, phase))


@action(rf"{WHO} gives the phase (?P<phase>[a-z0-9/-]+) to (?P<owner>[a-z]+){IN}", "ana gives the phase assess to ben")
def _owns(world: World, who: str, phase: str, owner: str, ref: str | None) -> None:
    """Say who answers for a phase."""
    move(world, who, ref, "own_phase", phase=phase_of(world, ref, phase), owner=owner)


def phase_of(world: World, ref: str | None, words: str) -> str:
    """The phase whose id ends with these words; the words themselves where none does."""
    known = [phase.id for phase in latest(world, ref).phases]
    return next((name for name in known if name == words or name.endswith(f"/{words}")), words)


@action(rf"{WHO} mitigates{REF} by (?P<how>.+)", "ana mitigates INC-1 by going back one release")
def _mitigates(world: World, who: str, ref: str | None, how: str) -> None:
    """Say that the impact is over."""
    move(world, who, ref, "mitigate", how=how)


@action(rf"{WHO} confirms criterion (?P<number>\d+){IN}{WHY}", "ana confirms criterion 2 because I looked")
def _confirms(world: World, who: str, number: str, ref: str | None, why: str | None) -> None:
    """Say that a recovery criterion without a number holds; the first is 1."""
    move(world, who, ref, "confirm_criterion", criterion=int(number) - 1, why=why or "")


@action(
    rf"{WHO} resolves{REF}(?: saying `(?P<summary>[^`]*)`)?(?: all the same because (?P<override>.+))?",
    "ana resolves INC-1 saying `release 42 was at fault`",
)
def _resolves(world: World, who: str, ref: str | None, summary: str | None, override: str | None) -> None:
    """End the incident; "all the same because …" although it has not recovered."""
    move(world, who, ref, "resolve", summary=summary or "", override=override or "")


@action(rf"{WHO} reopens{REF} because (?P<why>.+)", "ana reopens INC-1 because it is back")
def _reopens(world: World, who: str, ref: str | None, why: str) -> None:
    """It was not over."""
    move(world, who, ref, "reopen", why=why)


@action(
    rf"{WHO} splits (?P<names>`[^`]+`(?:, `[^`]+`)*) off (?P<ref>INC-\d+)(?: into (?P<into>INC-\d+))?{WHY}",
    "ana splits `GateOpen{pier=2}` off INC-1 because it is another gate",
)
def _splits(world: World, who: str, names: str, ref: str, into: str | None, why: str | None) -> None:
    """Make alerts of an incident one of their own, or give them to another; by name, or name and a label."""
    held = world.app.db.read(lambda tx: alerts.listing(tx, incident=ref))
    chosen = [alert.fingerprint for alert in held if any(named(alert, name) for name in names.strip("`").split("`, `"))]
    move(world, who, ref, "split", alerts=chosen, into=into or "", why=why or "")


def named(alert: Alert, words: str) -> bool:
    """Whether an alert is meant by ``Name`` or ``Name{label=value}``."""
    name, _, label = words.rstrip("}").partition("{")
    key, _, value = label.partition("=")
    return alert.name == name and (not label or alert.labels.get(key) == value)


@action(rf"{WHO} merges (?P<ref>INC-\d+) into (?P<into>INC-\d+){WHY}", "ana merges INC-2 into INC-1 because one cable")
def _merges(world: World, who: str, ref: str, into: str, why: str | None) -> None:
    """End an incident as the duplicate of another one."""
    move(world, who, ref, "merge", into=into, why=why or "")


@action(rf"{WHO} opens the post-mortem{IN}", "ana opens the post-mortem")
def _opens(world: World, who: str, ref: str | None) -> None:
    """Have the post-mortem drafted from the timeline."""
    review.open_review(world.app, latest(world, ref).id, Actor("person", who))


@action(rf"{WHO} adds to the post-mortem `(?P<text>[^`]*)`{IN}", "ana adds to the post-mortem `We test on Fridays now`")
def _writes(world: World, who: str, text: str, ref: str | None) -> None:
    """Write on in the post-mortem."""
    incident, by = latest(world, ref).id, Actor("person", who)
    known = review.open_review(world.app, incident, by)
    review.edit_review(world.app, incident, f"{known.text}\n{text}\n", known.version, by)


@action(rf"{WHO} publishes the post-mortem{IN}", "ana publishes the post-mortem")
def _publishes(world: World, who: str, ref: str | None) -> None:
    """Release the post-mortem."""
    move(world, who, ref, "publish_review")


@action(rf"{WHO} closes the action item `(?P<text>[^`]*)`{IN}", "ana closes the action item `Write a test`")
def _closes(world: World, who: str, text: str, ref: str | None) -> None:
    """An action item was done; its first words are enough."""
    incident = page_of(world, ref).incident.id
    items = world.app.db.read(lambda tx: library.actions(tx, incident=incident))
    found = [item.id for item in items if item.text.startswith(text)]
    assert found, f"no action item begins with {text!r}: {[item.text for item in items]}"
    move(world, who, ref, "close_action", action=found[0])
