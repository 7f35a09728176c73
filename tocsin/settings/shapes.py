"""The shapes of the tables, exactly as they may be written; a key that is not here is refused with its place."""

from __future__ import annotations

from typing import Any

import msgspec


class Server(msgspec.Struct, forbid_unknown_fields=True):
    """``[server]``."""

    url: str = ""
    labels: list[str] = []
    sandbox: str = "auto"


class Defaults(msgspec.Struct, forbid_unknown_fields=True):
    """``[defaults]``."""

    severity: str = ""
    recovery_watch: str = "5m"


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """``[people.NAME]``, and a channel that is written as a table."""

    name: str = ""
    notify: list[str] = []
    email: str = ""
    phone: str = ""
    chat: str = ""
    url: str = ""


class TargetTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[target]``: what every kind of target has; the keys of its kind stand beside these."""

    name: str = "local"
    kind: str = "local"
    workdir: str = "."
    env: list[str] = []
    public: list[str] = []
    path: str = "/usr/local/bin:/usr/bin:/bin"
    timeout: str = "60s"
    labels: list[str] = []


class NamedTargetTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[targets.NAME]``: as ``[target]``, and which steps it takes."""

    kind: str = "local"
    workdir: str = "."
    env: list[str] = []
    public: list[str] = []
    path: str = "/usr/local/bin:/usr/bin:/bin"
    timeout: str = "60s"
    labels: list[str] = []
    programs: list[str] = []
    kinds: list[str] = []
    scenarios: list[str] = []
    steps: list[str] = []


class ApprovalRuleTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[[approvals.rules]]``: when something else counts; a condition is a text or a list of them."""

    severity: str | list[str] = []
    verdict: str | list[str] = []
    trait: str | list[str] = []
    target: str | list[str] = []
    scenario: str | list[str] = []
    step: str | list[str] = []
    stage: str | list[str] = []
    people: int | None = None
    self_approve: bool | None = None
    expires: str = ""
    roles: list[str] | None = None


class Approvals(msgspec.Struct, forbid_unknown_fields=True):
    """``[approvals]``."""

    people: int = 1
    self_approve: bool = True
    expires: str = "30m"
    roles: list[str] = []
    rules: list[ApprovalRuleTable] = []


class TokenTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[tokens.NAME]``."""

    token: str
    role: str = "responder"
    scopes: list[str] = []


class Door(msgspec.Struct, forbid_unknown_fields=True):
    """``[intake.mail]``: a door for alerts beside HTTP's; there is this one."""

    listen: str = ""


class SamplesTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[samples]``."""

    keep: str = "48h"
    most: int = 30_000_000


class File(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file. A table of ``dict[str, Any]`` is read by the plugin that it is for."""

    server: Server = msgspec.field(default_factory=Server)
    defaults: Defaults = msgspec.field(default_factory=Defaults)
    people: dict[str, Person] = {}
    roles: dict[str, str] = {}
    channels: dict[str, str | Person] = {}
    notifiers: dict[str, dict[str, Any]] = {}
    signals: dict[str, dict[str, Any]] = {}
    scrape: dict[str, dict[str, Any]] = {}
    samples: SamplesTable = msgspec.field(default_factory=SamplesTable)
    sources: dict[str, dict[str, Any]] = {}
    intake: dict[str, Door] = {}
    target: dict[str, Any] = {}
    targets: dict[str, dict[str, Any]] = {}
    approvals: Approvals = msgspec.field(default_factory=Approvals)
    commands: dict[str, dict[str, Any]] = {}
    placeholders: dict[str, str] = {}
    tokens: dict[str, TokenTable] = {}
