"""A step while its part is read: before it has its id, and before it is known what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.runbook import Step, StepKind, StepStage


@dataclass(slots=True, kw_only=True, eq=False)
class Draft:
    """A `Step` to be. ``words`` name it where its title doesn't; ``alternative_to``: what it replaces."""

    kind: StepKind
    stage: StepStage
    title: str
    line: int
    end_line: int
    command: str | None = None
    language: str | None = None
    expected: str | None = None
    placeholders: tuple[str, ...] = ()
    branch: str | None = None
    column: int = 0
    words: str = ""
    alternative_to: Draft | None = None

    @property
    def key(self) -> tuple[int, int, str]:
        """Where a command stands, and its text: the same in every part that tells it."""
        return self.line, self.column, self.command or ""

    def step(self, own: str, other: str | None) -> Step:
        """The step of the id ``own``, an alternative to the step of the id ``other``."""
        return Step(
            id=own,
            kind=self.kind,
            stage=self.stage,
            title=self.title,
            command=self.command,
            language=self.language,
            expected=self.expected,
            placeholders=self.placeholders,
            branch=self.branch,
            alternative_to=other,
            line=self.line,
            end_line=self.end_line,
            column=self.column,
        )
