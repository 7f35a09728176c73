"""The configuration that applies to a document: the one that was named, else one beside it, else one in this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tocsin.cli.named import STDIN
from tocsin.cli.places import CONFIG
from tocsin.errors import Invalid
from tocsin.service.books import Ground, bare
from tocsin.settings import Settings, read_settings


class StandIns(Mapping[str, str]):
    """An environment in which every variable has a value: what is only looked at needs none of the secrets."""

    def __init__(self, real: Mapping[str, str]) -> None:
        self.real = real

    def __getitem__(self, name: str) -> str:
        """The real value, else one that can stand for a token or an address."""
        return self.real.get(name) or f"https://{name.lower().replace('_', '-')}.stand-in.invalid/"

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def __iter__(self) -> Iterator[str]:
        return iter(self.real)

    def __len__(self) -> int:
        return len(self.real)


def settings_for(path: Path, config: Path | None) -> tuple[Settings | None, str]:
    """The settings for a document, None where there are none; and a sentence where those found can't be used.

    Raises `Invalid` where ``config``, which was named, can't be used.
    """
    if config is not None:
        return read_settings(config, StandIns(os.environ)), ""
    beside = (path.parent / CONFIG, Path(CONFIG)) if path != STDIN else (Path(CONFIG),)
    found = next((each for each in beside if each.is_file()), None)
    if found is None:
        return None, ""
    try:
        return read_settings(found, StandIns(os.environ)), ""
    except Invalid as error:
        return None, f"The configuration is not looked at: {error}"


def ground_for(path: Path, config: Path | None) -> tuple[Ground, str]:
    """How a document's commands are judged, and the sentence of `settings_for`."""
    settings, complaint = settings_for(path, config)
    if settings is None:
        return bare, complaint
    from tocsin.service.placing import on_targets  # it knows the application, which most commands here don't need

    return on_targets(settings), complaint
