"""What a configuration and this machine answer to the needs of runbooks; `tocsin.lint.bindings` compares them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tocsin.core.oncall import channel_id
from tocsin.core.runbook import Runbook
from tocsin.lint.needs import TEAM, Needs, needs
from tocsin.lint.subject import Bindings
from tocsin.settings import Settings

ALWAYS = frozenset({"HOME", "PATH", "PWD", "USER"})
"""The variables that commands have without being given them."""


def bindings_of(books: Sequence[Runbook], settings: Settings, *, programs: bool = False) -> Bindings:
    """What the settings answer to these runbooks; with ``programs`` it is looked on this machine which are missing."""
    wanted = needs(books)
    return Bindings(
        roles=frozenset(each.name for each in wanted.roles if settings.directory.bound(each.name) is not None),
        metrics=frozenset(each.name for each in wanted.metrics if settings.signal(each.name) is not None),
        channels=frozenset(
            each.name
            for each in wanted.channels
            if channel_id(each.name) in settings.directory.channels
            or (each.kind == TEAM and settings.directory.bound(each.name) is not None)
        ),
        placeholders=frozenset(settings.placeholders),
        variables=ALWAYS.union(*(place.target.env_names for place in settings.places)),
        missing=_missing(wanted, settings) if programs else frozenset(),
        severities=tuple((word, rule.place) for rule in settings.approvals.rules for word in rule.severity),
    )


def _missing(wanted: Needs, settings: Settings) -> frozenset[str]:
    """Programs that this machine lacks; one that a named target takes is looked for there, by its own people."""
    here = settings.target
    if here.kind != "local":
        return frozenset()
    elsewhere = {program for each in settings.targets for program in each.wanted.programs}
    return frozenset(
        each.name
        for each in wanted.programs
        if each.name not in elsewhere and not _there(each.name, here.path, Path(here.workdir))
    )


def _there(program: str, path: str, folder: Path) -> bool:
    if "/" in program:
        return (folder / program).exists()
    return shutil.which(program, path=path) is not None
