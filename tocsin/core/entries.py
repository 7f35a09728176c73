"""A line of the timeline: who did what when. What can stand there is in `facts` and `stepfacts`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar, dataclass_transform

F = TypeVar("F")
FACTS: dict[str, type[Any]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def fact(cls: type[F]) -> type[F]:
    """Mark a dataclass as a fact; its class name is its kind on the timeline."""
    frozen = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    FACTS[cls.__name__] = frozen
    return frozen


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it. ``engine`` is Tocsin itself; ``agent`` is a program acting for a person."""

    kind: Literal["person", "source", "engine", "agent"]
    name: str

    def __str__(self) -> str:
        return self.name


ENGINE = Actor("engine", "Tocsin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline."""

    seq: int
    at: datetime
    by: Actor
    fact: Any

    @property
    def kind(self) -> str:
        """The fact's name."""
        return type(self.fact).__name__
