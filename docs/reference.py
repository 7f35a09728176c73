"""Write the lower parts of ``docs/reference/*.md`` from the program itself: ``python docs/reference.py``.

What stands above the mark in them is written by people, and stays. With ``--check`` nothing is written, and the exit
code says whether they are as they should be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click
import msgspec

from tocsin.cli.main import root
from tocsin.plug import registry
from tocsin.plug.kinds import Notifier, Probe
from tocsin.settings import ROLES, SHORTEST_TOKEN, _File

FOLDER = Path(__file__).resolve().parent / "reference"
WIDTH = 100
MARK = "<!-- From here on: made by `python docs/reference.py` from the program itself. -->"

TABLES: Mapping[str, tuple[str, str]] = {
    "server": ("[server]", ""),
    "defaults": ("[defaults]", ""),
    "people": ("[people.NAME]", "A table for each person. The name is the person's id, which `[roles]` refers to."),
    "roles": (
        "[roles]",
        (
            "Each key is a role as the runbook names it, each value a person's id. Where the runbook decorates a role "
            '("the on-call engineer"), the longest key whose words stand in it counts.'
        ),
    ),
    "channels": (
        "[channels]",
        (
            'Each key is the address of a channel as the runbook writes it (`"#incidents"`), each value the name of a '
            "notifier. A bound channel is told when an incident is declared, changes its severity, gets an update for "
            "people outside, is resolved or reopened, as far as the runbook names the channel for that severity. "
            "What the address is goes to the notifier: an e-mail address as `email`, a URL as `url`, anything else as "
            "`chat`. Where that is not enough, the value is a table with the keys below."
        ),
    ),
    "notifiers": (
        "[notifiers.NAME]",
        (
            "A table for each way of telling people; `notify` of a person and `[channels]` name it. `console` is "
            "always there."
        ),
    ),
    "signals": (
        '[signals."METRIC"]',
        (
            "A table for each metric of the runbook that can be measured. The key is the metric in its words; "
            "where several fit, the longest one counts."
        ),
    ),
    "target": ("[target]", "Where commands run, and with which environment. All of it is part of what is approved."),
    "approvals": ("[approvals]", "How a command that may change something is allowed."),
    "placeholders": (
        "[placeholders]",
        (
            'Each key is a placeholder as it stands in the runbook (`"<SERVICE>"`), each value what is put there in '
            "every incident. Letters, digits and `_./:@%+=,~-` only; for a number, digits only."
        ),
    ),
    "tokens": (
        "[tokens.NAME]",
        (
            "A table for each token; the name is what the timeline says. Without any, `TOCSIN_TOKEN` is the admin's. "
            "`tocsin token create` makes others, which are kept in the database."
        ),
    ),
}
"""Table of the file → how it is written, and what it is for. A table that is missing here fails the tests."""

KEYS: Mapping[tuple[str, str], str] = {
    ("server", "url"): "The address under which people reach the page; links in notices begin with it",
    (
        "defaults",
        "severity",
    ): "The severity where neither alert nor scenario says one; unless told, the second of the scale",
    ("defaults", "recovery_watch"): "How long a recovery criterion must hold where the runbook does not say",
    ("people", "name"): "How the person is called; unless told, the table's name",
    ("people", "notify"): "Names of notifiers, the preferred one first; unless told, `console`",
    ("people", "email"): "For notifiers that send mail",
    ("people", "phone"): "For notifiers that call or send texts",
    ("people", "chat"): "For notifiers that write to a chat",
    ("people", "url"): "For notifiers that post to an address",
    ("channels", "name"): "How the channel is called; unless told, its address",
    ("channels", "notify"): "Names of notifiers, the preferred one first; unless told, `console`",
    ("channels", "email"): "For notifiers that send mail",
    ("channels", "phone"): "For notifiers that call or send texts",
    ("channels", "chat"): "For notifiers that write to a chat",
    ("channels", "url"): "For notifiers that post to an address",
    ("target", "name"): "What it is called where approval is asked",
    ("target", "workdir"): "The folder in which commands start",
    ("target", "env"): "The variables of Tocsin's own environment that commands are given; their values are masked",
    ("target", "public"): "Those of them whose values may be shown",
    ("target", "path"): "`PATH` for the commands",
    ("target", "timeout"): "How long a command may take",
    ("approvals", "people"): "How many people must agree",
    ("approvals", "self_approve"): "Whether who asked may be one of them",
    ("approvals", "expires"): "After how long a question that nobody answered is void",
    ("tokens", "token"): f"The token itself, at least {SHORTEST_TOKEN} characters; best `env:NAME` or `file:PATH`",
    ("tokens", "role"): f"One of {', '.join(ROLES)}; each may do what those before it may, but only people approve",
}
"""Table and key → its meaning. A key that is missing here fails the tests."""

_WORDS = {str: "text", int: "whole number", bool: "true or false", list[str]: "list of text"}


def cli() -> str:
    """The reference of the command line: every command with its help."""
    return "\n".join(f"## {path}\n\n```text\n{text}\n```\n" for path, text in helps(root, None, "tocsin"))


def helps(command: click.Command, parent: click.Context | None, name: str) -> Iterator[tuple[str, str]]:
    """The path and the help of a command and of all below it."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    ctx = click.Context(command, parent=parent, info_name=name, **settings)
    if isinstance(command, click.Group):
        if parent is not None:
            yield ctx.command_path, command.get_help(ctx)
        for verb in command.list_commands(ctx):
            below = command.get_command(ctx, verb)
            if below is not None:
                yield from helps(below, ctx, verb)
    else:
        yield ctx.command_path, command.get_help(ctx)


def configuration() -> str:
    """The reference of ``tocsin.toml``: every table and key, those of the plugins as they describe themselves."""
    parts: list[str] = []
    for field in msgspec.structs.fields(_File):
        title, text = TABLES[field.name]
        parts.append(f"## `{title}`\n" + (f"\n{text}\n" if text else ""))
        struct = _struct(get_type_hints(_File)[field.name])
        if struct is not None:
            parts.append(_table(_keys(field.name, struct)))
        if field.name == "notifiers":
            parts.append(_table([("`kind`", "text", "*required*", "Which of the kinds below it is")]))
            parts += _plugins("tocsin.notifiers", Notifier, 'kind = "{}"')
        if field.name == "signals":
            rows = [("`probe`", "text", "*required*", "Which of the probes below reads it"),
                    ("`every`", "duration", "15 s", "How often it is read")]  # fmt: skip
            parts.append(_table(rows))
            parts += _plugins("tocsin.probes", Probe, 'probe = "{}"')
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write both files, or say which one is not as it should be."""
    stale = {name: text for name, text in wanted().items() if (FOLDER / name).read_text("utf-8") != text}
    for name, text in stale.items():
        if "--check" in arguments:
            sys.stderr.write(f"docs/reference/{name} is not what the program says; run python docs/reference.py\n")
        else:
            (FOLDER / name).write_text(text, "utf-8")
    return 1 if stale and "--check" in arguments else 0


def wanted() -> dict[str, str]:
    """File → what should stand in it."""
    made = {"cli.md": cli(), "configuration.md": configuration()}
    return {
        name: f"{(FOLDER / name).read_text('utf-8').partition(MARK)[0]}{MARK}\n\n{text}" for name, text in made.items()
    }


def _struct(hint: Any) -> type[msgspec.Struct] | None:
    """The struct of a table, or of each of its tables."""
    kinds = [hint, *get_args(hint), *(kind for each in get_args(hint) for kind in get_args(each))]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)), None)


def _keys(table: str, struct: type[msgspec.Struct]) -> list[tuple[str, str, str, str]]:
    hints = get_type_hints(struct)
    rows = []
    for field in msgspec.structs.fields(struct):
        default = "*required*" if field.required else _default(field)
        rows.append((f"`{field.name}`", _WORDS[hints[field.name]], default, KEYS[table, field.name]))
    return rows


def _default(field: msgspec.structs.FieldInfo) -> str:
    value = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
    if isinstance(value, bool):
        return str(value).lower()
    return f"`{value}`" if value not in ("", []) else ""


def _plugins(package: str, socket: type, how: str) -> Iterator[str]:
    for kind, cls in sorted(registry.discover(package, socket).items()):
        about = registry.describe(cls)
        yield f"### `{how.format(kind)}`\n\n{about.text.replace('``', '`')}\n"
        rows = [
            (f"`{one.name}`", one.type, "*required*" if one.required else one.default, one.description)
            for one in about.settings
        ]
        yield _table(rows) if rows else "It has no settings of its own.\n"


def _table(rows: list[tuple[str, str, str, str]]) -> str:
    lines = ["| Key | Type | Unless told | Meaning |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
