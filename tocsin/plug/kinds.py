"""The four sockets: `Source`, `Notifier`, `Executor`, `Probe`.

A plugin is one file that defines one frozen dataclass: its fields are its configuration (a table of ``tocsin.toml``),
its docstring is its documentation, its module's ``EXAMPLES`` are its contract test. Each socket has one method and
gets everything that it needs as arguments. A field says what it means where it is declared:
``port: Annotated[int, "TCP port of the mail server"] = 587``.
"""

from __future__ import annotations

import base64
import hmac
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol, runtime_checkable

from tocsin.core.alert import Alert
from tocsin.core.notices import Notice
from tocsin.core.run import Outcome, Pipeline


@dataclass(frozen=True, slots=True)
class Secret:
    """A configured value that never shows itself: not in a repr, an error, a log or a page."""

    value: str = field(repr=False, default="")

    def __str__(self) -> str:
        return "•••" if self.value else ""


NO_SECRET = Secret()
"""The default of a secret setting that may stay empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A request as it came in: raw bytes, because signatures are over raw bytes."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    received_at: datetime

    def header(self, name: str) -> str:
        """A header's value, whatever the case of its name; empty where there is none."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def bears(self, secret: Secret) -> bool:
        """Whether the request carries the secret: as Bearer token, as Basic password or as ``?token=``."""
        given = (*_credentials(self.header("authorization")), self.query.get("token", ""))
        wanted = secret.value.encode()
        return bool(wanted) and any(hmac.compare_digest(word.encode("utf-8", "replace"), wanted) for word in given)


def _credentials(header: str) -> list[str]:
    scheme, _, word = header.partition(" ")
    if scheme.lower() == "bearer":
        return [word.strip()]
    if scheme.lower() != "basic":
        return []
    try:
        return [base64.b64decode(word, validate=True).decode().partition(":")[2]]
    except ValueError:
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One case of a plugin's contract test: with these settings, ``given`` (a body, a command) yields ``gives``.

    ``gives`` holds the names of a source's alerts, or what an executor prints; notifiers and probes only show settings.
    ``headers`` come with what a source is given, ``changes`` says what was changed according to it.
    """

    settings: Mapping[str, object] = field(default_factory=dict)
    given: bytes = b""
    gives: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()


class Source(Protocol):
    """What turns a monitoring system's message into alerts.

    A class may have more, each as pure as ``parse``, and asked after it: ``changes(inbound)``, the changes
    (`tocsin.core.change`) in the message; ``message(inbound)``, a name of the message that no other one has, so that it
    is taken once; ``remark(inbound)``, a sentence for the operator's log. ``guarded`` (a property) says that the source
    itself, as it is set up, refuses whoever can't show that they may send (`tocsin.plug.guarding`).
    """

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alerts in the message; raises `tocsin.errors.Unauthorized`, `tocsin.errors.Invalid`. Pure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a notice goes: the configured person's name and contact fields (``email``, ``phone``, ``url``, …)."""

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the receiver's side said when it took the notice."""

    reference: str = ""


class Notifier(Protocol):
    """What carries a notice to a person or a channel.

    A class may say (class variables): ``reaches``, what runbooks call such a channel (chat, email, phone, pager);
    ``uses``, the contact fields of an address that it looks at; ``bundles`` False, where each notice must arrive as one
    of its own because a program reads it.
    """

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:
        """Deliver once; raises `tocsin.errors.Undelivered`, permanent where trying again can't help."""


def reaches(notifier: object) -> str:
    """The kind of channel that a notifier is; empty where it does not say."""
    return str(getattr(notifier, "reaches", ""))


def uses(notifier: object) -> tuple[str, ...]:
    """The contact fields that a notifier looks at."""
    return tuple(getattr(notifier, "uses", ()))


def bundles(notifier: object) -> bool:
    """Whether several notices may become one."""
    return bool(getattr(notifier, "bundles", True))


Emit = Callable[[bytes], None]
"""Takes a piece of output: UTF-8, masked, without control characters. Called at most every 50 ms; must return soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One command, ready to start. A proven command has a ``plan`` that replaces its text; else the text runs as it is.

    ``env`` is the whole environment, values included; ``secrets`` are the values to mask in everything that is printed.
    ``proved``: it is proved to read; ``fenced``: so it runs in the sandbox, with the network where ``network`` says so.
    ``pins``: scripts in the plan and the SHA-256 of each, to be verified right before the start (`tocsin.plug.pins`).
    """

    kind: Literal["shell", "sql", "http", "set"]
    command: str
    plan: tuple[Pipeline, ...] | None
    env: Mapping[str, str]
    workdir: str
    timeout: timedelta
    endless: bool = False
    proved: bool = False
    network: bool = True
    fenced: bool = False
    secrets: tuple[str, ...] = ()
    pins: tuple[tuple[str, str], ...] = ()
    keep_bytes: int = 256 * 1024


class Executor(Protocol):
    """What starts a command and waits for it.

    A class may say ``takes`` (a class variable: the kinds of steps that it carries out as they are; a statement of SQL
    reaches one that takes shell commands only through psql) and ``whereabouts`` (a property: names and values that tell
    where it acts beyond its plain settings; never a secret). One that sends requests has ``base_url``, to which those
    with a path alone go, and ``reaches``, a method that tells whether it may carry out a command, gaps and all.
    One with ``verifies_pins`` makes sure of `Job.pins` where it acts.
    """

    def run(self, job: Job, emit: Emit, cancel: threading.Event) -> Outcome:
        """Run to the end, the time limit or ``cancel``; output goes to ``emit`` as it comes (of a flood, a sample).

        Raises `tocsin.errors.Unrunnable` only where certainly nothing was started.
        """


def taken_by(executor: object) -> frozenset[str]:
    """The kinds of steps that an executor carries out as they are; unless it says so, commands of a shell."""
    return frozenset(getattr(executor, "takes", ("shell",)))


def reached_by(executor: object, command: str) -> bool:
    """Whether an executor may carry out this command at all, as far as its text tells; unless it says so, it may."""
    reaches = getattr(executor, "reaches", None)
    return reaches is None or bool(reaches(command))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of a signal, in the unit of the document's threshold (per cent as 5.0, not 0.05)."""

    value: float
    at: datetime
    detail: str = ""


class Probe(Protocol):
    """What reads one signal."""

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """The present value; raises `tocsin.errors.Unread` when there is none (no data is never zero)."""


@runtime_checkable
class Listener(Protocol):
    """A probe that is told instead of asking: its reading is made of when ``/in/heartbeat/NAME`` was last called."""

    @property
    def listens_to(self) -> str:
        """The name in the address."""

    def heard(self, last: datetime | None, now: datetime) -> Reading:
        """The value at ``now``; raises as `Probe.read`, also where it was never called."""


@runtime_checkable
class Supplier(Protocol):
    """A probe that reads how somebody else's service says that it does: 0 (all is well) to 3 (critical)."""

    @property
    def supplier(self) -> str:
        """Whose service it is."""

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """As `Probe.read`; the detail is what they say."""
