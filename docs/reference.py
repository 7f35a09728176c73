"""Write the lower parts of ``docs/reference/*.md`` from the program itself: ``python docs/reference.py``.

What stands above the mark in them is written by people, and stays. With ``--check`` nothing is written, and the exit
code says whether they are as they should be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click
import msgspec

from tocsin.cli.main import root
from tocsin.plug import registry
from tocsin.plug.kinds import Executor, Notifier, Probe, Source
from tocsin.plug.scraping import ScrapeTarget
from tocsin.safety.finding import TRAITS
from tocsin.settings import ROLES, SHORTEST_TOKEN
from tocsin.settings.plugins import SIGNAL_KEYS
from tocsin.settings.shapes import ApprovalRuleTable, File, NamedTargetTable, TargetTable

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
    "scrape": (
        "[scrape.NAME]",
        (
            'A table for each page of metrics whose samples are kept, for signals with `probe = "promql"`. The name '
            "is the label `job`. See [Measure without a Prometheus](../how-to/measure-without-prometheus.md)."
        ),
    ),
    "samples": ("[samples]", "How many of the scraped samples are kept."),
    "sources": (
        "[sources.NAME]",
        (
            "A table for each monitoring system that sends to `/in/NAME`. A source with a `token` or a `secret` looks "
            "itself who sends, any other asks for a token of ours; a kind that needs no settings is there under its "
            "own name without a table. See [Receive alerts](../how-to/receive-alerts.md)."
        ),
    ),
    "intake": ("[intake.mail]", "E-mails as alerts: a mail server on loopback, for sources of the kind `email`."),
    "target": (
        "[target]",
        (
            "Where commands run, and with which environment, unless another target takes them. All of it is part of "
            "what is approved. The keys of its kind (below) stand beside these."
        ),
    ),
    "targets": (
        "[targets.NAME]",
        (
            "Further places for commands, each with the keys of `[target]` and of its kind, and which steps it takes. "
            "The first one in the file that fits a step takes it; what none takes goes to `[target]`. Of each of "
            "`programs`, `kinds`, `scenarios` and `steps` that is written, one entry must fit."
        ),
    ),
    "approvals": ("[approvals]", "How a command that may change something is allowed."),
    "commands": (
        "[commands.NAME]",
        (
            "A table for each script (by its path from the target's `workdir`, in quotes) or program of your own, in "
            "the "
            "notation of the command specifications (`tocsin/safety/specs/README.md`). A script needs `sha256`, a "
            "program `vouched_by`; `reads` says what it does, or tables within it say so of its subcommands. See "
            "[Vouch for your own scripts](../how-to/vouch-for-your-own-scripts.md)."
        ),
    ),
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
            "`tocsin token add` makes others, which are kept in the database."
        ),
    ),
}
"""Table of the file → how it is written, and what it is for. A table that is missing here fails the tests."""

SIGNAL: Mapping[str, tuple[str, str, str]] = {
    "every": ("duration", "15 s", "How often it is read"),
    "timeout": ("duration", "5 s", "How long one reading may take"),
    "keep_firing_for": ("duration", "0 s", "How long an alert goes on after its threshold was last crossed"),
    "resend": ("duration", "1 min", "How often an alert that fires is told again"),
    "no_data_after": ("duration", "2 min", "With `no_data` say or fire: after how long without a reading"),
    "clear": (
        "number",
        "",
        (
            "The number at which an alert ends, in the unit of the runbook; unless told, the recovery criterion of "
            "the threshold's scenario, else the threshold"
        ),
    ),
    "no_data": (
        "one of keep, clear, say, fire",
        "keep",
        (
            "What missing readings mean: thresholds stay as they are; count as not crossed (as in Prometheus); stay, "
            "and an alert `NoData` fires; count as crossed"
        ),
    ),
}
"""Key of a signal's own table → its type, its default, what it means."""

KEYS: Mapping[tuple[str, str], str] = {
    ("server", "url"): "The address under which people reach the page; links in notices begin with it",
    ("server", "labels"): "Labelled targets that the server carries out itself; the others are left to `tocsin work`",
    ("server", "sandbox"): "Whether proved reads run inside bubblewrap: `on`, `off`, or `auto`: where it works",
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
    ("samples", "keep"): "How long; at least 10 min",
    ("samples", "most"): "How many; beyond it the oldest are forgotten first",
    ("intake", "listen"): "Address and port, on loopback only, for example `127.0.0.1:2525`; needs `tocsin[mail]`",
    ("target", "name"): "What it is called where approval is asked",
    ("target", "kind"): "Which of the kinds below carries commands out",
    ("target", "labels"): "Who carries them out: only `tocsin work` or a server that has all of these labels",
    **{
        ("targets", key): "As in `[target]`"
        for key in ("kind", "workdir", "env", "public", "path", "timeout", "labels")
    },
    ("targets", "programs"): "It takes steps whose command starts one of these; a statement of SQL counts as `psql`",
    (
        "targets",
        "kinds",
    ): "It takes steps of these kinds: `shell`, `sql`, `http`; its own unless told, where it is `sql` or `http`",
    ("targets", "scenarios"): "It takes steps of scenarios with such an id or title (`*` stands for anything)",
    ("targets", "steps"): "It takes steps with such an id (`*` stands for anything)",
    ("target", "workdir"): "The folder in which commands start",
    ("target", "env"): "The variables of Tocsin's own environment that commands are given; their values are masked",
    ("target", "public"): "Those of them whose values may be shown",
    ("target", "path"): "`PATH` for the commands",
    ("target", "timeout"): "How long a command may take",
    ("approvals", "people"): "How many people must agree",
    ("approvals", "self_approve"): "Whether who asked may be one of them",
    ("approvals", "expires"): "After how long a question that nobody answered is void",
    ("approvals", "roles"): (
        "Who may approve, of those whose token may: `approver`, `admin`, people of `[people]`, roles of `[roles]`; "
        "unless told, every approver"
    ),
    ("approvals", "rules"): "When something else counts: `[[approvals.rules]]`, below",
    ("rules", "severity"): "The incident's severity",
    ("rules", "verdict"): "`change` or `unknown`; what is proved to read is never asked about",
    ("rules", "trait"): f"One of the command's traits: {', '.join(f'`{trait}`' for trait in sorted(TRAITS))}",
    ("rules", "target"): "The name of the target on which it runs",
    ("rules", "scenario"): "The id or title of the scenario",
    ("rules", "step"): "The id or title of the step",
    ("rules", "stage"): "The stage in which the step stands, such as `mitigation` or `rollback`",
    ("rules", "people"): "How many people must agree; 0: a person's own request runs at once, and nobody else's does",
    ("rules", "self_approve"): "Whether who asked may be one of them",
    ("rules", "expires"): "After how long a question that nobody answered is void",
    ("rules", "roles"): "Who may approve",
    ("tokens", "token"): f"The token itself, at least {SHORTEST_TOKEN} characters; best `env:NAME` or `file:PATH`",
    ("tokens", "role"): f"One of {', '.join(ROLES)}; each may do what those before it may, but only people approve",
    ("tokens", "scopes"): (
        "What the token reaches within its role, as `tocsin token add --scope` takes it; unless told, all of it"
    ),
}
"""Table and key → its meaning. A key that is missing here fails the tests."""

SHAPES: Mapping[str, type[msgspec.Struct]] = {"target": TargetTable, "targets": NamedTargetTable}
"""Tables that are read in two parts: the keys that all of them have, and those of their kind."""

RULES = (
    "When something else counts than `[approvals]`. The first rule in the file that fits counts. Of every condition "
    "that is written one entry must fit (`*` stands for anything); what a rule does not say is `[approvals]`'s. "
    "Which rule counted, and where it stands, is part of the question and of the timeline."
)
_WORDS = {
    str: "text", int: "whole number", bool: "true or false", list[str]: "list of text",
    str | list[str]: "text or list of text", int | None: "whole number", bool | None: "true or false",
    list[str] | None: "list of text", list[ApprovalRuleTable]: "tables",
}  # fmt: skip


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
    for field in msgspec.structs.fields(File):
        title, text = TABLES[field.name]
        parts.append(f"## `{title}`\n" + (f"\n{text}\n" if text else ""))
        struct = SHAPES.get(field.name) or _struct(get_type_hints(File)[field.name])
        if struct is not None:
            parts.append(_table(_keys(field.name, struct)))
        if field.name == "approvals":
            parts.append(f"### `[[approvals.rules]]`\n\n{RULES}\n")
            parts.append(_table(_keys("rules", ApprovalRuleTable)))
        if field.name == "targets":
            parts += _plugins("tocsin.executors", Executor, 'kind = "{}"')
        if field.name == "notifiers":
            parts.append(_table([("`kind`", "text", "*required*", "Which of the kinds below it is")]))
            parts += _plugins("tocsin.notifiers", Notifier, 'kind = "{}"')
        if field.name == "signals":
            rows = [("`probe`", "text", "*required*", "Which of the probes below reads it"),
                    *((f"`{key}`", *SIGNAL[key]) for key in SIGNAL_KEYS)]  # fmt: skip
            parts.append(_table(rows))
            parts += _plugins("tocsin.probes", Probe, 'probe = "{}"')
        if field.name == "scrape":
            parts += [*_about(ScrapeTarget)]
        if field.name == "sources":
            parts.append(_table([("`kind`", "text", "*required*", "Which of the kinds below it is")]))
            parts += _plugins("tocsin.sources", Source, 'kind = "{}"')
    return "\n".join(parts)


def permissions() -> str:
    """The reference of roles and scopes: what each route and each move asks of who calls it."""
    from tocsin.core.scopes import DEEDS
    from tocsin.service.catalogue import CATALOGUE
    from tocsin.web.permissions import PAGES
    from tocsin.web.server import ENDPOINTS

    moves = [(f"`{move.name}`", move.says, *_from(move.role)) for move in CATALOGUE.values()]
    scopes = [
        (f"`{word}`", says, ", ".join(f"`{deed}`" for deed in sorted(deeds))) for word, (says, deeds) in DEEDS.items()
    ]
    programs = [
        (f"`{one.method} {one.path}`", one.role or "anybody", _deed(one.permission.deed), one.door) for one in ENDPOINTS
    ]
    pages = [
        (f"`{method} {path}`", "the move's" if each.by_move else each.role or "anybody", _deed(each.deed))
        for (method, path), each in PAGES.items()
    ]
    return "\n".join((
        "## Moves\n", _rows(("Move", "What it does", *ROLES), moves),
        "## Scopes\n", _rows(("Scope", "For", "Deeds that it allows"), scopes),
        "## Addresses for programs\n", _rows(("Address", "Least role", "Deed", "How to come in"), programs),
        "## Pages\n", _rows(("Address", "Least role", "Deed"), pages),
    ))  # fmt: skip


def _from(role: str) -> Iterator[str]:
    return ("yes" if place >= ROLES.index(role) else "" for place in range(len(ROLES)))


def _deed(deed: str) -> str:
    return f"`{deed}`" if deed else ""


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


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
    made = {"cli.md": cli(), "configuration.md": configuration(), "permissions.md": permissions()}
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
    return f"`{value}`" if value not in ("", [], None) else ""


def _plugins(package: str, socket: type, how: str) -> Iterator[str]:
    for kind, cls in sorted(registry.discover(package, socket).items()):
        yield f"### `{how.format(kind)}`\n"
        yield from _about(cls)


def _about(cls: type) -> Iterator[str]:
    """What a class that a table is bound to says of itself, and its settings."""
    about = registry.describe(cls)
    yield f"{about.text.replace('``', '`')}\n"
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
