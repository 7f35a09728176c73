"""The queue of questions in the terminal: all that each one says, in blocks that fit the screen, or a row for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from tocsin.cli import output
from tocsin.cli.folding import fold, printable
from tocsin.cli.shapes import Asked, Changed
from tocsin.core.facts import ENGINE
from tocsin.core.incident import Approval
from tocsin.times import say_duration

COLUMNS = (
    "INCIDENT", "APPROVAL", "VERDICT", "MISSING", "COMMAND", "TARGET", "ASKED BY", "SINCE (UTC)", "EXPIRES (UTC)", "",
)  # fmt: skip


def rows(asked: Sequence[Asked]) -> Iterator[tuple[str, ...]]:
    """One row for each question, for programs and pipes: nothing is cut off."""
    for each in asked:
        one = each.approval
        yield (
            each.incident, one.id, one.verdict, missing(one), _in_one_line(one), one.target, one.asked_by,
            output.moment(one.asked_at), output.moment(one.expires_at), "changed since" if each.changed else "",
        )  # fmt: skip


def blocks(asked: Sequence[Asked], now: datetime, width: int) -> Iterator[str]:
    """The questions below each other, in lines of at most ``width`` cells; what is long is folded, never cut."""
    for number, each in enumerate(asked):
        if number:
            yield ""
        for line in _block(each, now):
            yield from fold(printable(line), width)


def missing(one: Approval) -> str:
    """Who has to say yes yet."""
    left = one.needs - len(one.granted_by)
    return f"{left} of {one.needs} people" if one.needs > 1 else "one person"


def _block(each: Asked, now: datetime) -> Iterator[str]:
    one = each.approval
    names = ", ".join(each.steps) if len(each.steps) == 1 else f"{len(each.steps)} steps"
    yield f"{each.incident} ({each.severity}) {output.one_line(each.title)}"
    yield f"  {output.one_line(names)}"
    yield f"  {one.id}"
    yield f"  {_judged(one.verdict, one.traits)}: {one.verdict_why}"
    span = say_duration(one.expires_at - now)
    yield f"  asked by {one.asked_by}, {output.moment(one.asked_at)} UTC"
    yield f"  expires {output.moment(one.expires_at)} UTC, in {span}"
    yield f"  {_needs(one)}"
    if one.policy:
        yield f"  rule: {one.policy}"
    if one.undoes:
        yield f"  undoes {one.undoes}, which is in doubt"
    yield from _commands(one, each.steps)
    for changed in each.changed:
        yield from _changed(changed)


def _needs(one: Approval) -> str:
    given = f"; {', '.join(one.granted_by)} said yes, {missing(one)} missing" if one.granted_by else ""
    who = f", only {' or '.join(one.roles)}" if one.roles else ""
    alone = f", not {one.asked_by}, who asked" if not one.self_approve and one.asked_by != ENGINE.name else ""
    return f"needs {'one person' if one.needs == 1 else f'{one.needs} people'}{who}{alone}{given}"


def _commands(one: Approval, titles: Sequence[str]) -> Iterator[str]:
    if not one.members:
        yield f"  on {one.target}"
        yield from (f"    {line}" for line in one.command.split("\n"))
        return
    yield "  what fails does not stop the others" if one.go_on else "  what does not go well stops the rest"
    for number, member in enumerate(one.members, 1):
        title = titles[number - 1] if len(titles) == len(one.members) else member.step
        yield f"  {number} of {len(one.members)}, {output.one_line(title)}"
        yield f"    {_judged(member.verdict, member.traits)}: {member.verdict_why} On {member.target}."
        yield from (f"    {line}" for line in member.command.split("\n"))


def _changed(changed: Changed) -> Iterator[str]:
    yield f"  CHANGED SINCE: {output.one_line(changed.title)}. A yes would be refused; withdraw it and ask again."
    if changed.problem:
        yield f"    {output.one_line(changed.problem)}"
        return
    yield f"    now, on {changed.now_on}"
    yield from (f"    {line}" for line in changed.now.split("\n"))


def _judged(verdict: str, traits: Sequence[str]) -> str:
    shown = [trait for trait in traits if trait != "unbound"]
    return f"{verdict} ({', '.join(shown)})" if shown else verdict


def _in_one_line(one: Approval) -> str:
    return f"{len(one.members)} commands: {one.command}" if one.members else one.command
