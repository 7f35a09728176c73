"""The shapes of the tables, exactly as they may be written; a key that is not here is refused with its place."""

from __future__ import annotations

import datetime
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
    reopen_within: str = "2h"
    flapping_times: int = 3
    flapping_within: str = "30m"


class ContactRuleTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[[people.NAME.rules]]``: by which ways somebody wants to be told, by severity and hour."""

    methods: list[str]
    severities: str | list[str] = []
    between: str | list[str] = []
    zone: str = ""
    next_after: str = ""


class Channel(msgspec.Struct, forbid_unknown_fields=True):
    """A channel that is written as a table."""

    name: str = ""
    notify: list[str] = []
    email: str = ""
    phone: str = ""
    chat: str = ""
    url: str = ""
    public: bool = False


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """``[people.NAME]``."""

    name: str = ""
    notify: list[str] = []
    email: str = ""
    phone: str = ""
    chat: str = ""
    url: str = ""
    zone: str = ""
    slack: str = ""
    irc: str = ""
    rules: list[ContactRuleTable] = []


class NoticesTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[notices]``."""

    next_method_after: str = "2m"
    pages_a_minute: int = 3
    informs_a_minute: int = 5


class MessagesTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[messages]``."""

    send: list[str] = []
    public: bool = False


class TemplateTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[templates.page]``, ``[templates.inform]``, ``[templates.approval]``."""

    subject: str = ""
    body: str = ""


class LayerTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[[schedules.NAME.layers]]``; the first one may stand in the schedule's own table."""

    people: list[str] = []
    every: str = "week"
    handover: str = "09:00"
    start: datetime.date | None = None
    until: datetime.date | None = None
    hours: str | list[str] = []
    name: str = ""


class ScheduleTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[schedules.NAME]``."""

    zone: str = ""
    people: list[str] = []
    every: str = "week"
    handover: str = "09:00"
    start: datetime.date | None = None
    until: datetime.date | None = None
    hours: str | list[str] = []
    covers: str | list[str] = []
    layers: list[LayerTable] = []
    ics: str = ""
    allow: bool | list[str] = False


class CalendarTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[calendar]``."""

    zone: str = ""
    hours: str = ""
    days: str = ""
    holidays: list[datetime.date] = []


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
    thinned: str = "30d"
    most: int = 30_000_000


class GroupingTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[grouping]``."""

    by: list[str] = []
    within: str = "5m"
    storm: int = 5
    most: int = 20


class SilencesTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[silences]``."""

    longest: str = "31d"


class DeadmanTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[deadman]``."""

    url: str = ""
    every: str = "1m"
    allow: bool | list[str] = False
    expect: str = ""
    within: str = "15m"


class AnswersTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[answers]``."""

    links: bool = True
    lasts: str = "24h"
    mail: str = ""
    twilio_token: str = ""


class WarRoomTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[war_room]``."""

    url: str = ""


class StatusComponentTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[[status.components]]``: a part of the system as its users know it."""

    name: str
    group: str = ""
    says: str = ""
    scenarios: list[str] = []
    severities: list[str] = []
    signals: list[str] = []
    degraded: str = ""
    follow: str = ""


class StatusTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[status]``: the public status page; there is none without a name."""

    name: str = ""
    says: str = ""
    url: str = ""
    path: str = "/status"
    listen: str = ""
    zone: str = "UTC"
    severities: dict[str, str] = {}
    mail: str = ""
    webhooks: bool = False
    allow: bool | list[str] = False
    export: str = ""
    components: list[StatusComponentTable] = []


class ReviewTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[review]``."""

    template: str = ""
    owner: str = ""


class TrackerTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[tracker]``: where action items are tracked, too; there is none without a kind."""

    kind: str = ""
    repository: str = ""
    token: str = ""
    secret: str = ""
    url: str = ""
    labels: list[str] = msgspec.field(default_factory=lambda: ["incident"])
    assignees: dict[str, str] = {}
    allow: bool | list[str] = False
    every: str = "5m"


class ReportsTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[reports]``: when a daily and a weekly report are sent, to whom, in which zone, by which notifier."""

    daily: str = ""
    weekly: str = ""
    to: list[str] = []
    zone: str = ""
    via: str = ""


class ContextTable(msgspec.Struct, forbid_unknown_fields=True):
    """``[context]``."""

    repositories: list[str] | None = None


class File(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file. A table of ``dict[str, Any]`` is read by the plugin that it is for."""

    server: Server = msgspec.field(default_factory=Server)
    defaults: Defaults = msgspec.field(default_factory=Defaults)
    people: dict[str, Person] = {}
    roles: dict[str, str] = {}
    schedules: dict[str, ScheduleTable] = {}
    calendar: CalendarTable = msgspec.field(default_factory=CalendarTable)
    channels: dict[str, str | Channel] = {}
    slack: dict[str, Any] = {}
    irc: dict[str, Any] = {}
    notifiers: dict[str, dict[str, Any]] = {}
    notices: NoticesTable = msgspec.field(default_factory=NoticesTable)
    templates: dict[str, TemplateTable] = {}
    messages: MessagesTable = msgspec.field(default_factory=MessagesTable)
    signals: dict[str, dict[str, Any]] = {}
    scrape: dict[str, dict[str, Any]] = {}
    samples: SamplesTable = msgspec.field(default_factory=SamplesTable)
    context: ContextTable = msgspec.field(default_factory=ContextTable)
    sources: dict[str, dict[str, Any]] = {}
    intake: dict[str, Door] = {}
    grouping: GroupingTable = msgspec.field(default_factory=GroupingTable)
    silences: SilencesTable = msgspec.field(default_factory=SilencesTable)
    deadman: DeadmanTable = msgspec.field(default_factory=DeadmanTable)
    status: StatusTable = msgspec.field(default_factory=StatusTable)
    reports: ReportsTable = msgspec.field(default_factory=ReportsTable)
    answers: AnswersTable = msgspec.field(default_factory=AnswersTable)
    review: ReviewTable = msgspec.field(default_factory=ReviewTable)
    tracker: TrackerTable = msgspec.field(default_factory=TrackerTable)
    war_room: WarRoomTable = msgspec.field(default_factory=WarRoomTable)
    target: dict[str, Any] = {}
    targets: dict[str, dict[str, Any]] = {}
    approvals: Approvals = msgspec.field(default_factory=Approvals)
    commands: dict[str, dict[str, Any]] = {}
    placeholders: dict[str, str] = {}
    tokens: dict[str, TokenTable] = {}
