"""Write the lower parts of ``docs/reference/*.md`` from the program itself: ``python docs/reference.py``.

What stands above the mark in them is written by people, and stays. With ``--check`` nothing is written, and the exit
code says whether they are as they should be.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click
import msgspec

from tocsin.chats.irc import Irc
from tocsin.chats.slack import Slack
from tocsin.cli.main import root
from tocsin.plug import registry
from tocsin.plug.kinds import Executor, Notifier, Probe, Source
from tocsin.plug.scraping import ScrapeTarget
from tocsin.safety.finding import TRAITS
from tocsin.settings import ROLES, SHORTEST_TOKEN
from tocsin.settings.plugins import SIGNAL_KEYS
from tocsin.settings.shapes import (
    ApprovalRuleTable,
    ContactRuleTable,
    File,
    LayerTable,
    NamedTargetTable,
    StatusComponentTable,
    TargetTable,
)

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
            "Each key is a role as the runbook names it, each value a person's id, or `schedule:NAME`: whoever is "
            "on call by `[schedules.NAME]` at the moment of the call. Where the runbook decorates a role "
            '("the on-call engineer"), the longest key whose words stand in it counts.'
        ),
    ),
    "schedules": (
        "[schedules.NAME]",
        (
            "A table for each schedule; its name is a role, too. A handover is what the clock on the wall shows in the "
            "zone: at a time that exists twice it happens the first time, at one that is left out when the clocks are "
            "put forward. The first layer may stand in the table itself; each layer of `layers` lies over those before "
            "it. Overrides and swaps are made with `tocsin oncall` and on the page On-call."
        ),
    ),
    "calendar": (
        "[calendar]",
        (
            "When the team works. Where it is written, severities that the runbook covers in business hours wait for "
            "those, and deadlines in business days are counted by it."
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
    "slack": (
        "[slack]",
        "The Slack app. See [Respond from a chat](../how-to/respond-from-a-chat.md).",
    ),
    "irc": (
        "[irc]",
        "The same on IRC, by plain commands. See [Respond from a chat](../how-to/respond-from-a-chat.md).",
    ),
    "notifiers": (
        "[notifiers.NAME]",
        (
            "A table for each way of telling people; `notify` of a person and `[channels]` name it. `console` is "
            "always there."
        ),
    ),
    "notices": (
        "[notices]",
        (
            "When the next way to somebody is taken, and when messages become one. See "
            "[Tell people](../how-to/tell-people.md)."
        ),
    ),
    "templates": (
        "[templates.KIND]",
        (
            "The team's own words for `page`, `inform` and `approval`: plain text with tokens, of which "
            "[Tell people](../how-to/tell-people.md) has the list. An unknown token is refused at the start."
        ),
    ),
    "messages": (
        "[messages]",
        "Which messages of the runbook leave by themselves. See [Send messages](../how-to/send-messages.md).",
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
    "context": (
        "[context]",
        "What an incident shows around it. See [See what lies around](../how-to/see-what-lies-around.md).",
    ),
    "sources": (
        "[sources.NAME]",
        (
            "A table for each monitoring system that sends to `/in/NAME`. A source with a `token` or a `secret` looks "
            "itself who sends, any other asks for a token of ours; a kind that needs no settings is there under its "
            "own name without a table. See [Receive alerts](../how-to/receive-alerts.md)."
        ),
    ),
    "grouping": (
        "[grouping]",
        "Which alerts become one incident. See [Group, silence, notice](../how-to/group-and-silence-alerts.md).",
    ),
    "silences": ("[silences]", "Silences, which are maintenance windows when they begin later; each has an end."),
    "status": (
        "[status]",
        "The public status page; without a name there is none. See [Tell the public](../how-to/tell-the-public.md).",
    ),
    "deadman": ("[deadman]", "Who notices that alerts do not come through any more."),
    "reports": (
        "[reports]",
        "The daily and the weekly report. See [Read the figures](../how-to/read-the-figures.md).",
    ),
    "answers": (
        "[answers]",
        "By which ways people answer a page without signing in. See [Answer a page](../how-to/answer-a-page.md).",
    ),
    "review": (
        "[review]",
        "How post-mortems are written. [Learn from an incident](../how-to/learn-from-an-incident.md).",
    ),
    "tracker": (
        "[tracker]",
        "Where action items are tracked, too. A person asks; each is made once; what is closed there is done here.",
    ),
    "war_room": (
        "[war_room]",
        (
            "Where people meet; `{incident.number}` and `{incident.id}` are filled in. It is frozen on an incident "
            "when it is declared, and `tocsin incident set_war_room` changes it there."
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
            "The number at which an alert ends, in the unit of the signal; unless told, the recovery criterion of "
            "the threshold's scenario, else the threshold"
        ),
    ),
    "unit": (
        "text",
        "",
        (
            "The unit of its values: ms, s, min, h, d, %, ratio, MB and the like; thresholds in another unit of the "
            "same kind are converted. Unless told, the unit in which the runbook first states the metric"
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
    "counts": (
        "one of affected users, all users, share of users",
        "",
        (
            "What it tells of the people who use the service; unless told, its name says so (“affected users”) or "
            "nothing does"
        ),
    ),
    "healthy": (
        "comparison",
        "",
        (
            "Which values are healthy, for [the health of the system](../how-to/see-the-health-of-the-system.md): "
            '`< 26`, `== 1`; a check that is up or not (`measure = "up"`) has this by itself'
        ),
    ),
    "essential": (
        "true or false",
        "true",
        "Whether the system is unhealthy without it; where it is false, it is only degraded",
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
    ("defaults", "reopen_within"): "An alert that fires again so soon after its incident was resolved reopens it; "
    "`0s`: it declares another one",
    ("defaults", "flapping_times"): "An alert that fired and ended so often within `flapping_within` flaps; `0`: none",
    ("defaults", "flapping_within"): "In this time; and a flapping alert's end counts when it was quiet for so long",
    ("schedules", "zone"): "Its time zone, `Europe/Lisbon`; unless told, that of `[calendar]`",
    ("schedules", "covers"): "Hours in which somebody must be on call (`Mon-Fri 08:00-20:00`); unless told, always",
    ("schedules", "layers"): "More layers, `[[schedules.NAME.layers]]`, with the keys below",
    ("schedules", "ics"): (
        "A calendar (RFC 5545) that somebody else keeps: a file, or an address (`env:NAME` where it is secret). Its "
        "events are the lowest layer; their titles or guests name people. Read every ten minutes; the last good copy "
        "counts"
    ),
    ("schedules", "allow"): "Whether that address may lie inside: `true`, or networks (`10.0.0.0/8`)",
    ("layers", "people"): "Who takes turns, in this order",
    ("layers", "every"): "How long a turn is: `day`, `week`, `2 weeks`, `month`, `12h`",
    ("layers", "handover"): 'When turns end: `"09:00"`, and for whole weeks `"Monday 09:00"`',
    ("layers", "start"): "The day from which on it counts, `2026-11-02`; at its first handover the first one begins",
    ("layers", "until"): "The day at whose beginning it is over",
    ("layers", "hours"): "Only in these hours (`Mon-Fri 09:00-17:00`, `22:00-06:00`); else the layers below count",
    ("layers", "name"): "What it is called",
    ("calendar", "zone"): "The zone in which its hours are; without it there is no calendar",
    ("calendar", "hours"): "`09:00-17:00`, unless told",
    ("calendar", "days"): "`Mon-Fri`, unless told",
    ("calendar", "holidays"): "Days without business hours: `[2026-12-25, 2026-12-26]`",
    ("people", "name"): "How the person is called; unless told, the table's name",
    ("people", "notify"): "Names of notifiers, the preferred one first; unless told, `console`",
    ("people", "email"): "For notifiers that send mail",
    ("people", "phone"): "For notifiers that call or send texts",
    ("people", "chat"): "For notifiers that write to a chat",
    ("people", "slack"): "Their member id on Slack (`U…`), which may give commands as this person, and is written to "
    "where `chat` names nothing else",
    ("people", "irc"): "Their account on IRC, which may give commands as this person; never a nick",
    ("channels", "slack"): "Of people only",
    ("channels", "irc"): "Of people only",
    ("people", "url"): "For notifiers that post to an address",
    ("people", "zone"): "The time zone of their rules and nights; unless told, that of `[calendar]`, else UTC",
    ("people", "rules"): "By which ways pages come, by severity and hour: `[[people.NAME.rules]]`, with the keys below",
    ("methods", "methods"): "Names of notifiers, in the order in which they are taken",
    ("methods", "severities"): "Only at these; unless told, at every one",
    ("methods", "between"): "Only in these hours (`22:00-07:00`, `Mon-Fri 09:00-17:00`); unless told, always",
    ("methods", "zone"): "The zone of its hours; unless told, the person's",
    ("methods", "next_after"): "When nobody has answered for so long, the next method; unless told, as in `[notices]`",
    ("notices", "next_method_after"): "A page that nobody answered goes by the next way; `0s`: only where one fails",
    ("notices", "pages_a_minute"): "So many pages of one incident come to one person on their own; the rest is bundled",
    ("notices", "informs_a_minute"): "So many words come to one person or channel on their own; the rest is bundled",
    ("templates", "subject"): "The subject, one line; empty: as without a template",
    ("templates", "body"): "The text; empty: as without a template",
    ("channels", "name"): "How the channel is called; unless told, its address",
    ("channels", "notify"): "Names of notifiers, the preferred one first; unless told, `console`",
    ("channels", "email"): "For notifiers that send mail",
    ("channels", "phone"): "For notifiers that call or send texts",
    ("channels", "chat"): "For notifiers that write to a chat",
    ("channels", "url"): "For notifiers that post to an address",
    ("channels", "public"): "People outside read it: nothing goes there but messages for which somebody names it",
    ("messages", "send"): "Kinds of messages that leave by themselves, complete and in their turn: `initial`, "
    "`update`, `resolution`, `record`, `other`; empty: a person sends each",
    ("messages", "public"): "They go to public channels, too; never to the status page",
    ("context", "repositories"): "Checkouts on this machine whose commits count as changes, from this file's folder; "
    "unless told, those in which the runbooks lie; `[]`: none",
    ("samples", "keep"): "How long all of them; at least 10 min",
    ("samples", "thinned"): "How long one scrape in five minutes, and of each signal the lowest and highest value of "
    "five minutes; `0s`: no longer than `keep`",
    ("samples", "most"): "How many; beyond it the oldest are forgotten first",
    ("grouping", "by"): (
        "Labels that must be the same, beside the scenario or the name, for an alert to join an open incident"
    ),
    ("grouping", "within"): (
        "Of alerts that no scenario names, those of one service (`service`, `app`, `application`, `component`, `job`) "
        "that come so soon after each other join; `0s`: only those of one name do"
    ),
    ("grouping", "storm"): (
        "When so many incidents for alerts that no scenario names began `within` that time, the next one gathers all "
        "that come"
    ),
    ("grouping", "most"): "So many open incidents of one scenario, or of none; the rest is gathered",
    ("silences", "longest"): "How long a silence may be at most",
    ("deadman", "url"): (
        "Asked by POST while intake, clocks and notices are well; whoever answers there calls you when that ceases"
    ),
    ("deadman", "every"): "How often",
    ("deadman", "allow"): "Networks that may be asked besides public ones, or true for all private ones",
    ("deadman", "expect"): "The name of an alert that always fires (Prometheus' `Watchdog`): it declares nothing",
    ("deadman", "within"): "After how long without it an incident is declared",
    ("reports", "daily"): "At what time of each day one is sent, for example `08:00`; empty: none is",
    ("reports", "weekly"): "On which day of the week and when, for example `Mon 08:00`; empty: none is",
    ("reports", "to"): "Who gets them: people by their ids, and addresses that stand under `[channels]`",
    ("reports", "zone"): "The IANA zone of those times; unless told, that of `[calendar]`",
    ("reports", "via"): "The notifier that carries them; unless told, the first one for mail that reaches the receiver",
    ("answers", "links"): "Whether pages that are sent to people carry links for them alone",
    ("answers", "lasts"): "For how long links and reply addresses count, at most 7 days",
    ("answers", "mail"): "The mailbox for replies; your mail server hands what comes to it to `[intake.mail]`",
    ("answers", "twilio_token"): "Twilio's auth token, with which it signs what it hands in; give it as a reference",
    ("review", "template"): (
        "A Markdown file with the team's own post-mortem template, from this file's folder on; unless told, the "
        "runbook's, else ours"
    ),
    ("review", "owner"): "Who hears that a runbook's review is due: a person or a role; unless told, who leads",
    ("tracker", "kind"): "`github`, or `webhook` for any tracker; without it there is none",
    ("tracker", "repository"): "GitHub: `owner/name`",
    ("tracker", "token"): "GitHub: a token that may write issues. Webhook: sent as `Authorization: Bearer`",
    ("tracker", "secret"): "Webhook: signs each request, `whsec_` and 24 to 64 bytes in base64",
    ("tracker", "url"): "Webhook: where items are posted. GitHub: unless told `https://api.github.com`",
    ("tracker", "labels"): "Labels of the issues",
    ("tracker", "assignees"): "A person of the configuration → their name in the tracker",
    ("tracker", "allow"): "Networks that may be asked besides public ones",
    ("tracker", "every"): "How often GitHub is asked what became of an issue",
    ("war_room", "url"): "The address, for example `https://meet.example.org/{incident.number}`",
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
    ("status", "name"): "What the page is called",
    ("status", "says"): "A sentence under the name",
    ("status", "url"): "Where the public finds the page itself; needed for subscribers, whose links begin with it",
    ("status", "path"): "Where it lies on Tocsin's own address",
    ("status", "listen"): "An address and port that serve the page and nothing else, such as `127.0.0.1:8090`",
    ("status", "zone"): "The time zone of its days and times",
    ("status", "severities"): (
        "Severity → the state proposed for components that an incident affects: `degraded`, `partial` or `major`; "
        "unless told, the worst severity proposes `major`, the next `partial`, any other `degraded`"
    ),
    ("status", "mail"): "The notifier that sends subscribers their mail; without it there are none",
    ("status", "webhooks"): "Whether anybody may subscribe a webhook",
    ("status", "allow"): "Whether webhooks may lie in private networks, or in which networks",
    ("status", "export"): "A folder that is kept as the page is, for any web server",
    ("status", "components"): "The parts of the system as its users know them: `[[status.components]]`, below",
    ("components", "name"): "What its users call it; its id is made from this",
    ("components", "group"): "Components of one group stand together",
    ("components", "says"): "A sentence under its name",
    ("components", "scenarios"): "Incidents of these scenarios (by title or id) are proposed to affect it",
    ("components", "severities"): "Only incidents of these severities; alone: all incidents of them",
    ("components", "signals"): "Incidents whose thresholds are of these signals are proposed to affect it",
    ("components", "degraded"): "The sentence proposed for its users while it is affected",
    ("components", "follow"): (
        "The state that it shows by itself while a threshold of its signals is crossed: `degraded`, `partial` or "
        "`major`; unless told, never"
    ),
    ("tokens", "token"): f"The token itself, at least {SHORTEST_TOKEN} characters; best `env:NAME` or `file:PATH`",
    ("tokens", "role"): f"One of {', '.join(ROLES)}; each may do what those before it may, but only people approve",
    ("tokens", "scopes"): (
        "What the token reaches within its role, as `tocsin token add --scope` takes it; unless told, all of it"
    ),
}
"""Table and key → its meaning. A key that is missing here fails the tests."""

CHATS: Mapping[str, type] = {"slack": Slack, "irc": Irc}
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
    list[str] | None: "list of text",
    bool | list[str]: "true, false or list of text", list[ApprovalRuleTable]: "tables", list[LayerTable]: "tables",
    list[ContactRuleTable]: "tables", list[StatusComponentTable]: "tables", dict[str, str]: "table of text",
    datetime.date | None: "day", list[datetime.date]: "list of days",
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
        if field.name == "people":
            parts.append("### `[[people.NAME.rules]]`\n\nThe first one that fits counts, for pages and questions.\n")
            parts.append(_table(_keys("methods", ContactRuleTable)))
        parts += _tables_below(field.name)
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
        if field.name in CHATS:
            parts += [*_about(CHATS[field.name])]
        if field.name == "sources":
            parts.append(_table([("`kind`", "text", "*required*", "Which of the kinds below it is")]))
            parts += _plugins("tocsin.sources", Source, 'kind = "{}"')
    return "\n".join(parts)


def _tables_below(table: str) -> Iterator[str]:
    """The tables that a table holds any number of."""
    if table == "schedules":
        yield "### `[[schedules.NAME.layers]]`\n\nThese keys may stand in the schedule's own table, too.\n"
        yield _table(_keys("layers", LayerTable))
    if table == "status":
        yield "### `[[status.components]]`\n\nIn the order in which they stand on the page.\n"
        yield _table(_keys("components", StatusComponentTable))
    if table == "approvals":
        yield f"### `[[approvals.rules]]`\n\n{RULES}\n"
        yield _table(_keys("rules", ApprovalRuleTable))


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
        place = (table, field.name)
        says = KEYS["layers", field.name] if table == "schedules" and place not in KEYS else KEYS[place]
        rows.append((f"`{field.name}`", _WORDS[hints[field.name]], default, says))
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
