"""What must be bound before the documents run: metrics, roles, channels, placeholders, variables, programs.

Only what the documents say; whether it is bound, and to what, is for others to find out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from tocsin.core.firstresponse import first_responses
from tocsin.core.ladders import ladder
from tocsin.core.oncall import channel_id
from tocsin.core.policy import Rung
from tocsin.core.run import variable_of
from tocsin.core.runbook import Contact, Criterion, Placeholder, Rule, Runbook, Step
from tocsin.ids import slug
from tocsin.lint.mentions import compose_files, databases, folders, hosts, programs
from tocsin.reading.shellwords import QUERIES
from tocsin.times import say_duration

DATABASE = "DATABASE_URL"
"""The variable by which statements of SQL find their database."""
TEAM = "team"
"""The kind of a channel that is a team in the document's words; a role may fill it, too."""
GIVEN = frozenset({"HOME", "PATH", "PWD", "USER"})
"""Variables that commands have without being given them."""

_VARIABLE = re.compile(r"(\$\{?(\w+))")
_YOURS = re.compile(r"^(?:your|my)[_-]", re.IGNORECASE)
_FIXED = re.compile(
    r"\b(?:domain|host(?:name)?|project|org(?:ani[sz]ation)?|repo(?:sitory)?|account|region|cluster|namespace|tenant"
    r"|zone|bucket|app|application|registry|subscription|workspace)\b",
    re.IGNORECASE,
)
_CHANGING = re.compile(
    r"\b(?:previous|prev|new|old|last|good|bad|fail(?:ed|ing)|affected|broken|current|target|rollback|backup|deploy"
    r"|deployment|preview|release|version|tag|alert)\b",
    re.IGNORECASE,
)
_TURNS = {"two weeks": "2 weeks", "quarter": "3 months", "year": "12 months"}
_NO_ROLE = re.compile(r"\d|.{41}", re.DOTALL)
"""A "name" that is a version, a date, opening hours or a sentence: the line was no contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Where a document needs something: its file, the 1-based line, and what it says there in a few words."""

    source: str
    line: int
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that must be bound, as the document writes it, with everywhere it is used, the first place first."""

    name: str
    uses: tuple[Use, ...]

    @property
    def line(self) -> int:
        """The line of its first use."""
        return self.uses[0].line

    @property
    def key(self) -> str:
        """By which two writings of it are the same."""
        return " ".join(self.name.casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricNeed(Need):
    """A metric in the document's words, with the unit in which it is compared."""

    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleNeed(Need):
    """A role. ``called``: a rung of the ladder calls it; ``at_once``: with the first page; ``contacts``: as written."""

    called: bool = False
    at_once: bool = False
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNeed(Need):
    """A channel; its name is the address as written. Without ``severities`` it is for every incident."""

    kind: str
    severities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceholderNeed(Need):
    """A placeholder in a command. ``lasting``: the same in every incident, so bound once.

    A secret is none of these: it comes from the environment, so it stands among the variables.
    """

    type: str
    lasting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the commands act on, as far as they name it: databases, compose files and projects, hosts, folders."""

    databases: tuple[Need, ...] = ()
    compose: tuple[Need, ...] = ()
    hosts: tuple[Need, ...] = ()
    folders: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationNeed(Need):
    """How the duty changes hands: ``name`` is a turn as `tocsin.toml` writes it. ``office``: where hours are named."""

    office: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Everything that must be bound before some documents run, each thing once, in the order of the documents."""

    metrics: tuple[MetricNeed, ...] = ()
    roles: tuple[RoleNeed, ...] = ()
    channels: tuple[ChannelNeed, ...] = ()
    placeholders: tuple[PlaceholderNeed, ...] = ()
    variables: tuple[Need, ...] = ()
    programs: tuple[Need, ...] = ()
    targets: Targets = Targets()
    rotations: tuple[RotationNeed, ...] = ()


N = TypeVar("N", bound=Need)


def needs(books: Sequence[Runbook]) -> Needs:
    """What these runbooks need, together; what several of them name stands there once, with the uses of all."""
    return Needs(
        rotations=tuple(need for book in books for need in _rotations(book)),
        metrics=_once((need for book in books for need in _metrics(book)), _same_metric, lambda need: slug(need.name)),
        roles=_folded(
            _once((need for book in books for need in _roles(book)), _same_role, lambda need: slug(need.name))
        ),
        channels=_once(
            (need for book in books for need in _channels(book)), _same_channel, lambda need: channel_id(need.name)
        ),
        placeholders=_once((need for book in books for need in _placeholders(book)), _same, lambda need: need.name),
        variables=_once((need for book in books for need in _variables(book)), _same, lambda need: need.name),
        programs=_once(_in_commands(books, programs, statement="psql"), _same, lambda need: need.name),
        targets=Targets(
            databases=_once(_in_commands(books, databases, statement=f"${DATABASE}"), _same),
            compose=_once(_in_commands(books, compose_files), _same),
            hosts=_once(_in_commands(books, hosts), _same),
            folders=_once(_in_commands(books, folders), _same, lambda need: need.name),
        ),
    )


def _once(
    found: Iterable[N], join: Callable[[list[N]], N], key: Callable[[N], str] = lambda need: need.key
) -> tuple[N, ...]:
    """Each need once, where it first stood: in the order of the documents, then of their lines."""
    alike: dict[str, list[N]] = {}
    for need in found:
        alike.setdefault(key(need) or need.key, []).append(need)
    return tuple(join(same) for same in alike.values())


def _same(alike: list[N]) -> N:
    return replace(alike[0], uses=tuple(dict.fromkeys(use for need in alike for use in need.uses)))


def _rotations(book: Runbook) -> Iterator[RotationNeed]:
    told = book.rotation
    if told is None:
        return
    office = tuple(
        Use(source=book.source, line=each.line or told.line, says=f"{each.hours} for {', '.join(each.severities)}")
        for each in told.coverage
        if each.severities and "24" not in each.hours
    )
    use = Use(source=book.source, line=told.line, says="the rotation")
    yield RotationNeed(name=_TURNS.get(told.every, told.every), uses=(use,), office=office)


def _metrics(book: Runbook) -> Iterator[MetricNeed]:
    found = [(rule.line, rule.metric, rule.unit, _opens(rule)) for rule in book.rules]
    for scenario in book.scenarios:
        found += [(one.line, one.metric, one.unit, _closes(one)) for one in scenario.criteria if one.metric]
    for line, metric, unit, says in sorted(found, key=lambda each: each[0]):
        yield MetricNeed(name=metric, unit=unit, uses=(Use(source=book.source, line=line, says=says),))


def _same_metric(alike: list[MetricNeed]) -> MetricNeed:
    return replace(_same(alike), unit=next((need.unit for need in alike if need.unit), None))


def _opens(rule: Rule) -> str:
    span = f" for {say_duration(timedelta(minutes=rule.for_minutes))}" if rule.for_minutes else ""
    return f"{rule.op} {_amount(rule.value, rule.unit)}{span}" + (f" is {rule.severity}" if rule.severity else "")


def _closes(criterion: Criterion) -> str:
    amount = "" if criterion.value is None else _amount(criterion.value, criterion.unit)
    return f"recovered at {criterion.op} {amount}" if criterion.op else "must recover"


def _amount(value: float, unit: str | None) -> str:
    return f"{value:g}" if unit in (None, "count", "ratio") else f"{value:g} {unit}"


def _roles(book: Runbook) -> Iterator[RoleNeed]:
    found = [*_called(book), *_contacts(book)]
    yield from sorted(found, key=lambda need: need.line)


def _called(book: Runbook) -> Iterator[RoleNeed]:
    for rung in (rung for rung in ladder(book) if rung.to):
        at_once = rung.timed and not rung.after_seconds and not rung.severities
        yield RoleNeed(
            name=rung.to, called=True, at_once=at_once,
            uses=(Use(source=book.source, line=rung.line or 1, says=_climbs(rung)),),
        )  # fmt: skip


def _climbs(rung: Rung) -> str:
    if not rung.line:
        return f"called at once: {rung.when}"
    where = f" at {', '.join(rung.severities)}" if rung.severities else ""
    if rung.clock == "unavailable" and rung.after_seconds:
        return f"called after {say_duration(timedelta(seconds=rung.after_seconds))} without service{where}"
    if not rung.timed:
        return f"called when: {rung.when}" if rung.when else f"called by hand{where}"
    after = f"after {say_duration(timedelta(seconds=rung.after_seconds))}" if rung.after_seconds else "at once"
    return f"called {after}{where}"


def _contacts(book: Runbook) -> Iterator[RoleNeed]:
    called = {slug(rung.to) for rung in ladder(book)}
    for contact in book.contacts:
        named_only = not (contact.chat or contact.email or contact.phone or contact.unfilled)
        if named_only and slug(contact.role) not in called and _NO_ROLE.search(contact.name or ""):
            continue
        ways = [text for text in (contact.name, contact.email, contact.chat, contact.phone) if text]
        says = f"contact: {', '.join(ways)}" if ways else "contact, not filled in"
        use = Use(source=book.source, line=contact.line, says=says)
        yield RoleNeed(name=contact.role, contacts=(contact,), uses=(use,))


def _same_role(alike: list[RoleNeed]) -> RoleNeed:
    return replace(
        _same(alike),
        called=any(need.called for need in alike),
        at_once=any(need.at_once for need in alike),
        contacts=tuple(contact for need in alike for contact in need.contacts),
    )


def _folded(roles: tuple[RoleNeed, ...]) -> tuple[RoleNeed, ...]:
    """Without "on-call" where the documents name the on-call engineer: whoever is bound to that is called for both."""
    spare = next((role for role in roles if slug(role.name) == "on-call" and role.line == 1), None)
    fuller = next((role for role in roles if slug(role.name).startswith("on-call-")), None)
    if spare is None or fuller is None:
        return roles
    joined = _same_role([fuller, replace(spare, contacts=())])
    return tuple(joined if role is fuller else role for role in roles if role is not spare)


def _channels(book: Runbook) -> Iterator[ChannelNeed]:
    for channel in book.channels:
        says = ", ".join(channel.severities) or "every incident"
        yield ChannelNeed(
            name=channel.address, kind=channel.kind, severities=channel.severities,
            uses=(Use(source=book.source, line=channel.line, says=says),),
        )  # fmt: skip
    for first in first_responses(book):
        if first.team:
            yield ChannelNeed(
                name=first.team, kind=TEAM, severities=(first.severity,),
                uses=(Use(source=book.source, line=first.line, says=f"alerted at {first.severity}"),),
            )  # fmt: skip


def _same_channel(alike: list[ChannelNeed]) -> ChannelNeed:
    everything = not all(need.severities for need in alike)
    severities = dict.fromkeys(name for need in alike for name in need.severities)
    return replace(_same(alike), severities=() if everything else tuple(severities))


def _placeholders(book: Runbook) -> Iterator[PlaceholderNeed]:
    places: dict[str, list[Step]] = {}
    for step in _in_order(book):
        for text in step.placeholders if step.runnable else ():
            places.setdefault(text, []).append(step)
    for gap in book.placeholders:
        uses = tuple(
            Use(source=book.source, line=step.line, says=_line_with(step, gap.text))
            for step in places.get(gap.text, ())
        )
        if uses and gap.type != "secret":
            yield PlaceholderNeed(name=gap.text, type=gap.type, lasting=_lasting(gap), uses=uses)


def _lasting(gap: Placeholder) -> bool:
    inner = gap.text.strip("<>[]{} ")
    if _YOURS.match(inner):
        return True
    words = re.sub(r"[_-]", " ", inner)
    return not _CHANGING.search(words) and (gap.type == "url" or bool(_FIXED.search(words)))


def _variables(book: Runbook) -> Iterator[Need]:
    steps = [step for step in _in_order(book) if step.command]
    used: dict[str, list[Use]] = {}
    for step in steps:
        for text, name in dict.fromkeys(_VARIABLE.findall(step.command or "")):
            used.setdefault(name, []).append(Use(source=book.source, line=step.line, says=_line_with(step, text)))
    for name in book.env_vars:
        if name not in GIVEN:
            yield Need(name=name, uses=tuple(used.get(name, ())) or (Use(source=book.source, line=1),))
    secrets = {gap.text for gap in book.placeholders if gap.type == "secret"}
    for step in steps:
        use = Use(source=book.source, line=step.line, says=_first_line(step))
        names = [variable_of(text) for text in step.placeholders if text in secrets and step.runnable]
        for name in (*names, *([DATABASE] if _is_statement(step) else [])):
            yield Need(name=name, uses=(use,))


def _in_commands(
    books: Sequence[Runbook], find: Callable[[str], Iterator[str]], *, statement: str = ""
) -> Iterator[Need]:
    """What ``find`` sees in the commands of a shell; a statement of SQL needs ``statement``."""
    for book in books:
        for step in _in_order(book):
            names: Iterable[str] = ()
            if step.kind == "shell" and step.command:
                names = find(_filled(step))
            elif statement and _is_statement(step):
                names = (statement,)
            for name in names:
                yield Need(name=name, uses=(Use(source=book.source, line=step.line, says=_first_line(step)),))


def _is_statement(step: Step) -> bool:
    return step.kind == "sql" and bool(step.command) and (step.language or "").lower() not in QUERIES


def _in_order(book: Runbook) -> list[Step]:
    return sorted(book.steps(), key=lambda step: step.line)


def _filled(step: Step) -> str:
    """The command with a word where each gap stands: ``<pid>`` would be read as a redirection."""
    text = step.command or ""
    for gap in sorted(step.placeholders, key=len, reverse=True):
        text = text.replace(gap, "GAP")
    return text


def _first_line(step: Step) -> str:
    return _line_with(step, "")


def _line_with(step: Step, text: str) -> str:
    """The first line of the command that holds the text, without the backslash that ties it to the next one."""
    lines = (step.command or "").strip().splitlines()
    return next((line.strip().removesuffix("\\").rstrip() for line in lines if text in line), "")
