"""One command for each move of the catalogue; its arguments and options are the fields of the move's request."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import click
import msgspec

from tocsin.cli import addressing, output
from tocsin.cli.remote import Remote, incident, remote, understood
from tocsin.cli.shapes import Full
from tocsin.cli.spans import Minutes
from tocsin.core.causes import Hypothesis
from tocsin.core.incident import Incident
from tocsin.core.runbook import Step
from tocsin.core.shown import StepView
from tocsin.errors import Invalid, NotFound
from tocsin.service.catalogue import CATALOGUE, Move
from tocsin.service.respond import Declaration

Decorate = Callable[[Callable[..., None]], Callable[..., None]]

_TYPES: dict[object, click.ParamType[Any]] = {
    str: click.STRING, int: click.INT, int | None: click.INT, float: click.FLOAT
}  # fmt: skip
MINUTES = Minutes()
_EXAMPLES = {
    "role": "commander", "person": "ana", "severity": "P1", "why": "'half of the customers are affected'",
    "text": "'the bank is looking into it'", "to": "'team lead'", "minutes": "30", "placeholder": "'<pid>'",
    "value": "4711", "branch": "'recent deployment'", "step": "'error logs'", "approval": "apr_1",
    "phase": "communicate", "owner": "ana", "how": "'rolled the release back'", "criterion": "'partner has confirmed'",
    "people": "'ana, ben'", "address": "https://meet.example.org/inc-1",
    "action": "'test the rollback'", "rung": "4", "deadline": "'post-mortem'",
    "box": "'notify stakeholders'", "rule": "365", "users": "'340 of 12,000'",
    "cause": "'rate limits'", "evidence": "'no 429 in the log'", "at": "2026-03-05T14:00",
    "message": "initial-update", "answers": "--answer impact='no bread in the north'",
}  # fmt: skip
_HELP = {
    "step": "The step: its id, its title, or words that only its title or command has.",
    "branch": "The branch, or words that only it has.",
    "approval": "The approval's id, or words of its step; not needed where only one waits.",
    "phase": "The phase's id, or words that only its title has.",
    "action": "The action item's id, or words that only it has.",
    "deadline": "The deadline's id, or words that only it has.",
    "cause": "The possible cause's id, or words that only it has.",
    "criterion": "The criterion's number, as `tocsin incident show` lists it, or words that only it has.",
    "rung": "The rung, counted from 0, as `tocsin incident clocks` lists them.",
    "ref": "The incident: INC-1, inc-1 or 1.",
    "minutes": "For how long, or until when: 90, 1h30m, 21:00, 2026-12-24T20:00.",
}
_OPTIONS = {
    "why": "The reason; it stands on the timeline.",
    "audience": "Who was told. Default: stakeholders.",
    "sha": "The seal that was seen; unless given, the one that was asked for.",
    "summary": "What ended it, in a sentence.",
    "override": "The reason to end it although it has not recovered.",
    "severity": "One of the runbook's severities.",
    "scenario": "One of the runbook's scenarios: its id, or words that only its title has.",
    "runbook": "The runbook, by title or file name, where several are loaded.",
    "drill": "It is an exercise.",
    "private": "Only you see it, --people, and who is called; for everybody else it does not exist.",
    "people": "Who sees it, beside you; divided by commas.",
    "rules": "Carry out this rule of the document where the answers then speak of it.",
}
LONGEST_NAMED = 80
FROM_STDIN = "-"
"""Given for a text, this means: read it from standard input."""


@dataclass(frozen=True, slots=True)
class _Row:
    shown: StepView


@dataclass(frozen=True, slots=True)
class _Rows:
    rows: tuple[_Row, ...]


def command_of(name: str) -> click.Command:
    """The command of a move."""
    move = CATALOGUE[name]

    def make(remote: Remote, ref: str, as_json: bool, **given: Any) -> None:
        after = send(remote, move, ref, given)
        output.give(after) if as_json else report(understood(Incident, after))

    return assemble(move, make)


def assemble(move: Move, act: Callable[..., None], *more: Decorate, example: str = "") -> click.Command:
    """A command that takes what the move needs; ``act`` is called with the server, the incident and what was given."""
    function: Callable[..., None] = output.as_json(remote(act))
    for decorate in more:
        function = decorate(function)
    for each in reversed(fields(move.request)):
        function = _parameter(each, _hint(move.request, each))(function)
    function = click.argument("ref", metavar="INCIDENT", help=_HELP["ref"])(function)
    role = f"It takes the role {move.role}."
    text = f"{move.says}\n\n{role}\n\n\b\nExample:\n  {example or _example(move)}"
    return click.command(move.name, help=text, short_help=move.says)(function)


def send(remote: Remote, move: Move, ref: str, given: dict[str, Any]) -> Any:
    """Make the move with what was given on the command line; the incident after it, as the API tells it."""
    body = {name: _text(value) for name, value in given.items() if value is not None and name != "line"}
    resolve = _RESOLVE.get(next((each.name for each in fields(move.request) if each.name in _RESOLVE), ""))
    if resolve is not None:
        body |= resolve(remote, ref, given)
    return remote.post(incident(ref, move.name), body)


def report(after: Incident) -> None:
    """One line about the incident as it is now; what waits for a person is said beside it."""
    output.tell(f"{after.id}  {after.severity}  {after.status}  {output.one_line(after.title)}")
    for waiting in after.waiting_approvals:
        about = f"{len(waiting.members)} commands wait" if waiting.members else f"`{_short(waiting.command)}` waits"
        output.say(f"{about} for an approval: tocsin approve {after.id} {waiting.id}")


def _short(command: str) -> str:
    """The first line of a command, as far as it fits in a sentence."""
    first, *more = command.strip().splitlines() or [""]
    short = output.one_line(first)[:LONGEST_NAMED]
    return f"{short} …" if more or len(first) > LONGEST_NAMED else short


def declaration_options() -> list[Decorate]:
    """The options with which an incident is declared; its title is the command's own argument."""
    return [_parameter(each, _hint(Declaration, each)) for each in fields(Declaration) if each.name != "title"]


def full(remote: Remote, ref: str) -> Full:
    """One incident."""
    return understood(Full, remote.get(incident(ref)))


def find_step(remote: Remote, ref: str, words: str | None, line: int | None) -> str:
    """The id of a step: first among those of the incident's scenario, then in the whole runbook."""
    if (words is None) is (line is None):
        raise Invalid("Nothing says which step is meant.", "Name it, or give --line with its line in the runbook.")
    seen = full(remote, ref)
    if line is not None:
        try:
            return addressing.step_by_line(seen.steps(), line)
        except NotFound:
            return addressing.step_by_line(_whole(remote, seen), line)
    found = addressing.step_by_words(seen.steps(), str(words))
    found = found or addressing.step_by_words(_whole(remote, seen), str(words))
    if found is None:
        raise NotFound(f"{words!r} names no step of {seen.incident.id}.", f"`tocsin incident show {ref}` lists them.")
    return found


def _whole(remote: Remote, seen: Full) -> list[Step]:
    """Every step of the runbooks that the incident follows."""
    found = understood(_Rows, remote.get(incident(seen.incident.id, "commands")))
    return [row.shown.step for row in found.rows]


def _step(remote: Remote, ref: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"step": find_step(remote, ref, given["step"], given["line"])}


def _branch(remote: Remote, ref: str, given: dict[str, Any]) -> dict[str, Any]:
    known = {part.branch: part.branch for part in full(remote, ref).parts if part.branch}
    return {"branch": addressing.by_words("branches", known, given["branch"])}


def _phase(remote: Remote, ref: str, given: dict[str, Any]) -> dict[str, Any]:
    known = {phase.id: phase.title for phase in full(remote, ref).incident.phases}
    return {"phase": addressing.by_words("phases", known, given["phase"])}


def _approval(remote: Remote, ref: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"approval": addressing.approval(full(remote, ref).incident, given["approval"] or "").id}


def _action(remote: Remote, ref: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"action": addressing.by_words("action items", actions(remote, ref), given["action"])}


def _deadline(remote: Remote, ref: str, given: dict[str, Any]) -> dict[str, Any]:
    known = {task.id: task.what for task in full(remote, ref).incident.clocks.timetable.tasks}
    return {"deadline": addressing.by_words("deadlines", known, given["deadline"])}


def _criterion(remote: Remote, ref: str, given: dict[str, Any]) -> dict[str, Any]:
    """People count from 1, as the timeline does; the API counts from 0."""
    known = {str(each.index + 1): each.state.criterion.text for each in full(remote, ref).criteria}
    if given["criterion"].isdecimal() and given["criterion"] not in known:  # the 0 of "below 20 %" is not meant
        raise NotFound(f"{ref} has no recovery criterion {given['criterion']}.", f"There are {len(known)}.")
    return {"criterion": int(addressing.by_words("recovery criteria", known, given["criterion"])) - 1}


def _cause(remote: Remote, ref: str, given: dict[str, Any]) -> dict[str, Any]:
    found = understood(dict[str, list[Hypothesis]], remote.get(incident(ref, "causes")))["causes"]
    return {"cause": addressing.by_words("causes", {each.id: each.text for each in found}, given["cause"])}


_RESOLVE: dict[str, Callable[[Remote, str, dict[str, Any]], dict[str, Any]]] = {
    "step": _step, "branch": _branch, "phase": _phase, "approval": _approval, "action": _action,
    "deadline": _deadline, "cause": _cause, "criterion": _criterion,
}  # fmt: skip


_BY_WORDS = frozenset({"criterion"})
"""Fields that are a number for programs, and for people may be words."""


def actions(remote: Remote, ref: str) -> dict[str, str]:
    """The action items of an incident: id → text."""
    return {name: item.text for name, item in full(remote, ref).incident.learning.actions.items()}


def _parameter(each: Field[Any], hint: Any) -> Decorate:
    """How a field stands on the command line: what is required as an argument, the rest as options."""
    kind, said = _plain(hint)
    kind = str if each.name in _BY_WORDS else kind
    option = f"--{each.name.replace('_', '-')}"
    if each.name == "step":
        return _step_parameter
    if get_origin(kind) is dict:
        return click.option(
            option.removesuffix("s"), each.name, multiple=True, metavar="NAME=WORDS", callback=_pairs,
            help=said or None,
        )  # fmt: skip
    if get_origin(kind) is tuple:
        return click.option(
            option.removesuffix("s"), each.name, multiple=True, metavar="LINE", help=said or _OPTIONS.get(each.name)
        )
    if kind is bool and each.default is MISSING:
        return click.option(f"{option}/--not-{each.name}", each.name, required=True, help=f"Whether it {each.name}.")
    if kind is bool:
        return click.option(option, each.name, is_flag=True, help=said or _OPTIONS.get(each.name))
    if each.default is MISSING:
        help_text = _HELP.get(each.name, said) or None
        if each.name == "approval":
            return click.argument("approval", type=_TYPES[kind], required=False, metavar="[APPROVAL]", help=help_text)
        return _either_way(each.name, option, MINUTES if each.name == "minutes" else _TYPES[kind], help_text)
    return click.option(option, each.name, type=_TYPES[kind], default=None, help=said or _OPTIONS.get(each.name))


def _either_way(name: str, option: str, kind: click.ParamType[Any], help_text: str | None) -> Decorate:
    """What is needed may be given in its place, or by name: ``hold INC-1 90 'a reason'``, ``--why 'a reason'``."""
    by_name = f"{name}_by_name"

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def merged(*args: Any, **given: Any) -> None:
            named = given.pop(by_name)
            if given[name] is not None and named is not None:
                raise click.UsageError(f"{name.upper()} is given twice.")
            given[name] = named if given[name] is None else given[name]
            if given[name] is None:
                raise click.UsageError(f"Missing argument '{name.upper()}'.")
            function(*args, **given)

        taken = click.option(option, by_name, type=kind, default=None, hidden=True)(merged)
        return click.argument(name, type=kind, required=False, metavar=name.upper(), help=help_text)(taken)

    return decorate


def _pairs(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str] | None:
    """What was given as NAME=WORDS, several times; None for never. Raises `Invalid` for anything else."""
    strange = next((each for each in given if "=" not in each), None)
    if strange is not None:
        raise Invalid(f"{strange!r} has no =.", "Write for example --component timetable=degraded.")
    return {name.strip(): words.strip() for name, _, words in (each.partition("=") for each in given)} or None


def _step_parameter(function: Callable[..., None]) -> Callable[..., None]:
    """A step is named by words or by its line."""
    by_line = click.option("--line", type=click.IntRange(min=1), help="Take the step on this line of the runbook.")
    return click.argument("step", required=False, metavar="[STEP]", help=_HELP["step"])(by_line(function))


def _hint(request: type[Any], each: Field[Any]) -> Any:
    return get_type_hints(request, include_extras=True)[each.name]


def _plain(hint: Any) -> tuple[object, str]:
    """The field's type, and what it says about itself."""
    if get_origin(hint) is not Annotated:
        return hint, ""
    kind, *notes = get_args(hint)
    said = next((note.description for note in notes if isinstance(note, msgspec.Meta) and note.description), "")
    return kind, f"{said[:1].upper()}{said[1:]}." if said else ""


def _text(value: Any) -> Any:
    return sys.stdin.read().strip() if value == FROM_STDIN else value


def _example(move: Move) -> str:
    words = ["tocsin", "incident", move.name, "INC-1"]
    for each in fields(move.request):
        kind, _ = _plain(_hint(move.request, each))
        if kind is bool and each.default is MISSING:
            words.append(f"--{each.name}")
        elif each.default is MISSING and each.default_factory is MISSING:
            words.append(_EXAMPLES[each.name])
    return " ".join(words)
