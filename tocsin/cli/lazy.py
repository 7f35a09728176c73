"""A group of commands that imports a verb only when it is used, so that help is there at once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True, slots=True)
class Verb:
    """Where a command lies, and the line that the list of commands shows for it."""

    module: str
    says: str
    attribute: str = "command"


class LazyGroup(click.Group):
    """A group over a table of verbs. A verb that is mistyped is answered with the nearest ones."""

    def __init__(self, *arguments: Any, verbs: Mapping[str, Verb], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.verbs = verbs

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in the table's order."""
        del ctx
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, imported now; None where there is no such verb."""
        del ctx
        verb = self.verbs.get(cmd_name)
        if verb is None:
            return None
        found: click.Command = getattr(importlib.import_module(verb.module), verb.attribute)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but it suggests verbs that are not imported."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            raise click.NoSuchCommand(args[0], possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, from the table alone."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.says) for name, verb in self.verbs.items()])
