"""Where commands run: ``[target]`` is the default, ``[targets.NAME]`` are the others, and each says what it takes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tocsin import wire
from tocsin.core.run import Target
from tocsin.core.runbook import Scenario, Step
from tocsin.errors import Invalid
from tocsin.ids import slug
from tocsin.plug import registry
from tocsin.plug.kinds import Executor, reached_by, taken_by
from tocsin.settings import wrongshape
from tocsin.settings.kinds import class_of
from tocsin.settings.shapes import NamedTargetTable, TargetTable
from tocsin.settings.spans import SHORTEST_SPAN, span

PACKAGE = "tocsin.executors"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_KINDS = ("shell", "sql", "http")
_STATEMENT_PROGRAM = "psql"
"""What a statement of SQL is started with where the target takes commands only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A target, and what starts commands there."""

    target: Target
    executor: Executor


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """Which steps a target takes. Of each key one entry must fit; a key that is not written fits everything."""

    programs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    def fits(self, step: Step, scenario: Scenario | None) -> bool:
        """Whether the step is one of those; without any key, none is."""
        if not (self.programs or self.kinds or self.scenarios or self.steps):
            return False
        names = (scenario.id, scenario.title) if scenario else ()
        return (
            (not self.kinds or step.kind in self.kinds)
            and (not self.steps or _one_fits(self.steps, (step.id,)))
            and (not self.scenarios or _one_fits(self.scenarios, names))
            and (not self.programs or not programs_of(step).isdisjoint(self.programs))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A named target: where it is, and what it takes."""

    place: Place
    wanted: Takes

    def takes(self, step: Step, scenario: Scenario | None) -> bool:
        """Whether the step belongs here and can run here."""
        taken = taken_by(self.place.executor)
        able = not taken or step.kind in taken or (step.kind == "sql" and "shell" in taken)
        return able and self.wanted.fits(step, scenario) and reached_by(self.place.executor, step.command or "")


def programs_of(step: Step) -> frozenset[str]:
    """The programs that a step names; a statement of SQL counts as psql."""
    from tocsin.lint.mentions import programs  # the grammar of shells is only needed where programs are named

    if step.kind == "http":
        return frozenset()
    return frozenset({_STATEMENT_PROGRAM} if step.kind == "sql" else programs(step.command or ""))


def default_place() -> Place:
    """This machine, in the present folder."""
    return Place(target=Target(), executor=registry.discover(PACKAGE, Executor)["local"]())


def named(places: Sequence[Place], name: str) -> Place:
    """The place whose target has this name. Raises `Invalid` with the names that there are."""
    found = next((place for place in places if place.target.name == name), None)
    if found is None:
        known = ", ".join(place.target.name for place in places)
        raise Invalid(f"There is no target {name!r}.", f"Known: {known}.")
    return found


def default(table: Mapping[str, Any], folder: Path, where: str) -> Place:
    """What ``[target]`` says."""
    place = f"{where}: [target]"
    return _place(table, _convert(table, TargetTable, place), folder, place)


def others(tables: Mapping[str, Mapping[str, Any]], first: str, folder: Path, where: str) -> tuple[Placed, ...]:
    """What ``[targets.NAME]`` say, in the order of the file; ``first`` is the name of the default one."""
    known = {slug(first): first}
    found: list[Placed] = []
    for name, table in tables.items():
        place = f"{where}: [targets.{name}]"
        if known.setdefault(slug(name), name) is not name or not slug(name):
            raise Invalid(f"{name!r} can't be told from {known[slug(name)]!r}.", "Take another name.", where=place)
        found.append(_named(name, table, folder, place))
    return tuple(found)


def labels(given: Iterable[str], where: str) -> tuple[str, ...]:
    """Labels in their order, each once. Raises `Invalid` for one that is none."""
    for label in given:
        if not _LABEL.fullmatch(label):
            raise Invalid(f"{label!r} is not a label.", "Use letters, digits, - _ and dots.", where=where)
    return tuple(sorted(set(given)))


def variables(tables: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The names of the variables that targets hand to commands, as they are written."""
    lists = [table.get("env", []) for table in tables]
    return tuple(dict.fromkeys(name for each in lists if isinstance(each, list) for name in each))


def secrets(
    tables: Iterable[Mapping[str, Any]], places: Iterable[Place], environ: Mapping[str, str]
) -> tuple[str, ...]:
    """What is masked: values of variables that some target does not call public, and the executors' own secrets."""
    hidden: dict[str, None] = {}
    for table in tables:
        for name in table.get("env", []):
            if environ.get(name) and name not in table.get("public", []):
                hidden.setdefault(environ[name])
    for place in places:
        for value in registry.secrets_of(place.executor):
            hidden.setdefault(value)
    return tuple(hidden)


def _named(name: str, table: Mapping[str, Any], folder: Path, where: str) -> Placed:
    raw = _convert(table, NamedTargetTable, where)
    for kind in raw.kinds:
        if kind not in _KINDS:
            hint = f"Use one of: {', '.join(_KINDS)}."
            raise Invalid(f"{kind!r} is not a kind of step.", hint, where=f"{where} kinds")
    place = _place(table, raw, folder, where, name)
    wanted = Takes(
        programs=tuple(raw.programs), kinds=tuple(raw.kinds), scenarios=tuple(raw.scenarios), steps=tuple(raw.steps)
    )
    if wanted == Takes() and taken_by(place.executor) in ({"sql"}, {"http"}):
        wanted = Takes(kinds=tuple(taken_by(place.executor)))
    return Placed(place=place, wanted=wanted)


def _place(
    table: Mapping[str, Any], raw: TargetTable | NamedTargetTable, folder: Path, where: str, name: str = ""
) -> Place:
    _check(raw, where)
    own = {key: value for key, value in table.items() if key not in raw.__struct_fields__}
    executor = registry.bind(class_of(registry.discover(PACKAGE, Executor), raw.kind, where), own, where)
    name = name or getattr(raw, "name", name)
    if not name.strip() or any(not letter.isprintable() for letter in name):
        raise Invalid("A target's name is a word.", "Name it.", where=where)
    target = Target(
        name=name,
        kind=raw.kind,
        workdir=str((folder / raw.workdir).resolve()) if raw.kind == "local" else raw.workdir,
        env_names=tuple(raw.env),
        path=raw.path,
        timeout=span(raw.timeout, f"{where} timeout", SHORTEST_SPAN),
        labels=labels(raw.labels, f"{where} labels"),
        where=registry.whereabouts(executor),
    )
    return Place(target=target, executor=executor)


def _convert(table: Mapping[str, Any], shape: type[Any], where: str) -> Any:
    """The keys that every target has; the others belong to its kind, and one that nobody knows is told here."""
    known = list(shape.__struct_fields__)
    kind = table.get("kind", "local")
    kinds = registry.discover(PACKAGE, Executor)
    of_kind = [setting.name for setting in registry.describe(kinds[kind]).settings] if kind in kinds else []
    for key in table:
        if kind in kinds and key not in (*known, *of_kind):
            close = difflib.get_close_matches(key, [*known, *of_kind], n=1)
            hint = f"Did you mean {close[0]!r}?" if close else f"Known are: {', '.join((*known, *of_kind))}."
            raise Invalid(f"there is no setting {key!r}.", hint, where=where)
    try:
        return wire.convert(shape, {key: value for key, value in table.items() if key in known})
    except Invalid as error:
        raise wrongshape.said_of_table(error, table, where) from None


def _check(raw: TargetTable | NamedTargetTable, where: str) -> None:
    for name in raw.env:
        if not _VARIABLE.fullmatch(name):
            raise Invalid(f"{name!r} is not the name of a variable.", where=f"{where} env")
    for name in raw.public:
        if name not in raw.env:
            raise Invalid(f"{name!r} is public, but not in env.", "Add it there.", where=f"{where} public")


def _one_fits(globs: Iterable[str], names: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for name in names for glob in globs)
