"""Which plugin a table means by its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.errors import Invalid


def class_of(kinds: Mapping[str, type[Any]], kind: str, place: str, key: str = "kind") -> type[Any]:
    """The plugin of this kind; raises `Invalid` with the kinds that there are."""
    if kind not in kinds:
        known = ", ".join(sorted(kinds))
        raise Invalid(
            f"{kind!r} is not a {key} we have." if kind else f"The {key} is missing.",
            f"Use one of: {known}.",
            where=place,
        )
    return kinds[kind]
