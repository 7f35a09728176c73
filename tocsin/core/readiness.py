"""Whether the team is ready for the next incident: whom pages would not reach, who stands alone, who lacks access."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.firstresponse import first_responses
from tocsin.core.oncall import Directory, Person, channel_id
from tocsin.core.outlook import Outlook
from tocsin.core.runbook import Access, Level, Runbook

ACCESS_LASTS = timedelta(days=35)
"""So long a word counts that somebody reaches a system: it is asked for once a month, and people are away."""
SOON = timedelta(hours=24)
SHOWN = 4
ORDER: tuple[Level, ...] = ("error", "warning", "note")
_WORST = ("nobody", "nobody-called")
"""What comes before all others: no page reaches anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not ready. ``line`` 0: it stands in no document; ``begins`` null: it is so now and stays so.

    ``times`` counts the windows from ``begins`` on in which it is so; ``ends`` is the end of the first. ``person``:
    whom it is about, by id, where it is about one.
    """

    level: Level
    code: str
    message: str
    hint: str = ""
    source: str = ""
    line: int = 0
    severities: tuple[str, ...] = ()
    begins: datetime | None = None
    ends: datetime | None = None
    times: int = 1
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayState:
    """How one way to a person works. ``woken`` false: it wakes nobody, as a console."""

    via: str
    verified_at: datetime | None = None
    ok_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""
    woken: bool = True

    @property
    def broken(self) -> bool:
        """Whether the last attempt failed."""
        return self.failed_at is not None and (self.ok_at is None or self.failed_at > self.ok_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessState:
    """What a person last said of reaching a system; ``ok_at``: when they last reached it."""

    person: str
    system: str
    at: datetime
    ok: bool
    note: str = ""
    ok_at: datetime | None = None


def unreachable(people: Mapping[str, Person], ways: Mapping[str, Sequence[WayState]]) -> dict[str, str]:
    """People whom nothing reaches as things stand, with the reason: no way at all, or each one failed last."""
    found = {}
    for name, person in people.items():
        mine = [way for way in ways.get(name, ()) if way.woken or person.notify]
        if not person.notify and not person.rules:
            found[name] = f"nothing tells them: there is no notify under [people.{name}]"
        elif mine and all(way.broken for way in mine):
            found[name] = "; ".join(f"{way.via} failed last ({way.error})" for way in mine)
    return found


def of_ways(
    called: Iterable[str], people: Mapping[str, Person], ways: Mapping[str, Sequence[WayState]]
) -> Iterator[Finding]:
    """Ways of those who would be called that nobody has verified, that failed last, or that wake nobody."""
    for name in called:
        person, mine = people[name], ways.get(name, ())
        hint = f"`tocsin people verify {name}` sends a code there."
        unproved = [way.via for way in mine if way.woken and way.verified_at is None and way.ok_at is None]
        if person.notify and mine and not any(way.woken for way in mine):
            only = listed([way.via for way in mine])
            yield Finding(
                level="warning", code="wakes-nobody",
                message=f"{person.name} would be called, and is told by {only} only, which wakes nobody.",
                hint=f"Name a way to a telephone, a chat or a mailbox under [people.{name}].",
            )  # fmt: skip
        if unproved:
            message = f"Nobody has verified that {listed(unproved)} leads to {person.name}, who would be called."
            yield Finding(level="warning", code="unverified", message=message, hint=hint)
        broken = [way for way in mine if way.broken]
        if broken and len(broken) < len(mine):
            said = listed([f"{way.via} ({way.error})" for way in broken])
            message = f"The last message to {person.name} failed by {said}; other ways are left."
            yield Finding(level="warning", code="failed-way", message=message, hint=f"`tocsin notify test {name}`")


def of_access(
    book: Runbook, responders: Sequence[str], people: Mapping[str, Person], said: Sequence[AccessState], now: datetime
) -> Iterator[Finding]:
    """Systems of the document's list that somebody who would be called can't reach, or has not reached lately."""
    known = {(each.person, each.system): each for each in said}
    for item in book.access:
        refused, silent = [], []
        for name in responders:
            state = known.get((name, item.system))
            if state is not None and not state.ok:
                refused.append(f"{people[name].name}{f' ({state.note})' if state.note else ''}")
            elif state is None or now - state.at > ACCESS_LASTS:
                silent.append(people[name].name)
        yield from _of_item(book, item, refused, silent, len(responders))


def _of_item(book: Runbook, item: Access, refused: list[str], silent: list[str], total: int) -> Iterator[Finding]:
    if refused:
        yield Finding(
            level="error", code="no-access", source=book.source, line=item.line,
            message=f"{listed(refused)} can't reach “{item.what}” (line {item.line}).",
            hint=f"Give them access; then `tocsin people access NAME --system {item.system} --ok`.",
        )  # fmt: skip
    if silent:
        everybody = len(silent) == total > 1
        who = f"None of {total} responders has" if everybody else f"{listed(silent)} {_have(silent)} not"
        lately = f"within {ACCESS_LASTS.days} days"
        yield Finding(
            level="warning", code="access-unchecked", source=book.source, line=item.line,
            message=f"{who} said {lately} that they reach “{item.what}” (line {item.line}).",
            hint=f"Let each of them try: `tocsin people access NAME --system {item.system} --ok`.",
        )  # fmt: skip


def _have(names: Sequence[str]) -> str:
    return "has" if len(names) == 1 else "have"


def of_first_responses(book: Runbook, directory: Directory, met: bool) -> Iterator[Finding]:
    """Teams that a severity's words alert and that nobody fills; a war room that has no place (``met``: it has one)."""
    for first in first_responses(book):
        bound = directory.bound(first.team) is not None or channel_id(first.team) in directory.channels
        if first.team and not bound:
            yield Finding(
                level="warning", code="unbound-team", source=book.source, line=first.line,
                message=f"{first.severity} alerts “{first.team}” (line {first.line}), and nobody is bound to it.",
                hint=f'Bind it under [channels] in tocsin.toml: "{first.team}" = "NOTIFIER"; or under [roles].',
                severities=(first.severity,),
            )  # fmt: skip
        if "war room" in first.deeds and not met:
            yield Finding(
                level="warning", code="no-war-room", source=book.source, line=first.line,
                message=f"{first.severity} wants a war room (line {first.line}), and nothing says where people meet.",
                hint="Write url under [war_room] in tocsin.toml, or set up a chat.", severities=(first.severity,),
            )  # fmt: skip


def of_drills(book: Runbook, drilled: Mapping[str, datetime]) -> Iterator[Finding]:
    """Scenarios that nobody has ever drilled, together."""
    never = [each.title for each in book.scenarios if each.id not in drilled]
    if not never:
        return
    if len(never) == len(book.scenarios) > 1:
        message = f"None of {len(never)} scenarios was ever drilled."
    else:
        message = f"{listed(never)} {'was' if len(never) == 1 else 'were'} never drilled."
    hint = "Declare an incident of it as a drill: `tocsin incident declare … --drill`."
    yield Finding(level="note", code="never-drilled", message=message, hint=hint, source=book.source)


def called_people(found: Sequence[Outlook]) -> tuple[str, ...]:
    """Everybody whom a rung or a condition would call, those who are called first before the others."""
    calls = sorted(
        {(call.after_seconds, call.person) for each in found for span in each.spans for call in span.calls
         if call.cause in ("", "unreachable")}
    )  # fmt: skip
    drawn = [each.person for one in found for each in one.conditions if each.cause in ("", "unreachable")]
    return tuple(dict.fromkeys(person for person in [*(name for _, name in calls), *drawn] if person))


_ALWAYS_NEWS = frozenset({"gap", "unreachable"})


def soon(findings: Iterable[Finding], now: datetime) -> tuple[Finding, ...]:
    """What is not ready now or becomes so within a day: the news, not what was never set up.

    A schedule without anybody and a person whom nothing reaches are news however long that lasts.
    """
    return tuple(
        each for each in findings
        if each.level == "error"
        and (each.code in _ALWAYS_NEWS if each.begins is None else each.begins < now + SOON)
    )  # fmt: skip


def worst_first(findings: Iterable[Finding], now: datetime) -> tuple[Finding, ...]:
    """In the order in which people should look at them."""
    return tuple(sorted(findings, key=lambda one: (ORDER.index(one.level), one.code not in _WORST, one.begins or now)))


def listed(words: Sequence[str]) -> str:
    """Words in a sentence, the first four of many."""
    shown = [*words[:SHOWN], f"{len(words) - SHOWN} more"] if len(words) > SHOWN else list(words)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
