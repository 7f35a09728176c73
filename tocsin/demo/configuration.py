"""The configuration that the demo writes for itself: people, roles, signals, the target, tokens."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass

from tocsin.core.runbook import Runbook
from tocsin.demo.folder import Folder
from tocsin.ids import slug

PEOPLE = {"ana": "Ana Lund", "ben": "Ben Okoye", "chen": "Chen Wu"}
"""The first one is on call, the second approves."""
TOKENS = {"ana": "responder", "ben": "approver", "you": "admin"}
WATCH_SECONDS = 10
_SIGNALS = (
    ("error rate", "2s", 'errors = \'http_requests_total{code=~"5.."}\'\ntotal = "http_requests_total"'),
    ("queue depth", "5s", 'gauge = "jobs_queue_depth"'),
)
_LATENCY = re.compile(r"latency|response time|p95|p99|duration", re.IGNORECASE)
_TARGET = """\
# The PATH holds nothing but the demo's own folder: harmless tools, and stand-ins for the others.
[target]
name = "demo"
workdir = {workdir}
env = ["DATABASE_URL"]
path = {path}"""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The secrets with which the demo's people, and the one at the terminal, come in."""

    ana: str
    ben: str
    you: str


def make_tokens(folder: Folder) -> Tokens:
    """New secrets, each in a file of its own that the configuration refers to."""
    return Tokens(**{name: folder.keep_secret(name) for name in TOKENS})


def write(folder: Folder, book: Runbook, shop_port: int) -> None:
    """Write ``tocsin.toml``: whoever the runbook names in its ladder is one of the demo's people."""
    people = [f'[people.{key}]\nname = {_text(name)}\nnotify = ["console"]' for key, name in PEOPLE.items()]
    tokens = [f'[tokens.{name}]\ntoken = "file:secrets/{name}"\nrole = {_text(role)}' for name, role in TOKENS.items()]
    parts = [
        "# Written by `tocsin demo` for this folder; the next demo here writes it anew.",
        # The stand-ins talk with the demo's own processes through its folder, which nothing in a sandbox can.
        '[server]\nsandbox = "off"',
        f'[defaults]\nrecovery_watch = "{WATCH_SECONDS}s"',
        *people,
        "\n".join(["[roles]", *(f"{_text(role)} = {_text(person)}" for role, person in roles(book).items())]),
        *_signals(f"http://127.0.0.1:{shop_port}/metrics", book),
        # Unless told, the commits of the repository count in which the runbook lies: that may be anybody's.
        f"[context]\nrepositories = [{_text(str(folder.repository))}]",
        _TARGET.format(workdir=_text(str(folder.repository)), path=_text(str(folder.programs))),
        *tokens,
    ]
    folder.config.write_text("\n\n".join(parts) + "\n", "utf-8")


def roles(book: Runbook) -> dict[str, str]:
    """Role → person, for every role of the runbook's ladder and contacts, in the order in which they are called."""
    named = [escalation.to for escalation in book.escalations if escalation.to]
    named += [contact.role for contact in book.contacts]
    distinct = [role for role in dict.fromkeys(slug(role) for role in named) if role]
    return {"on-call": "ana", **dict(zip(distinct, itertools.chain(PEOPLE, itertools.repeat("chen")), strict=False))}


def _signals(page: str, book: Runbook) -> list[str]:
    """The shop's numbers under the names that runbooks use, the latency in the unit of this one."""
    latency = [rule for rule in (*book.rules, *book.targets) if _LATENCY.search(rule.metric) and rule.unit]
    scale = 0.001 if latency and latency[0].unit == "s" else 1.0
    names = dict.fromkeys(["p95", *(slug(rule.metric).replace("-", " ") for rule in latency)])
    slow = [(name, "5s", f'gauge = "http_request_duration_p95_milliseconds"\nscale = {scale}') for name in names]
    return [
        f'[signals."{metric}"]\nprobe = "scrape"\nurl = {_text(page)}\nevery = "{every}"\n{what}'
        for metric, every, what in (*_SIGNALS, *slow)
    ]


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
