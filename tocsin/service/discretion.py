"""What is said without its secrets: facts, notices, alerts, faults, log lines. Commands are kept to the byte.

What programs print is masked where it is read (`tocsin.plug.printed`); this is for all that comes from people and from
other systems, before it is stored, sent or logged.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.change import Change
from tocsin.core.notices import Notice
from tocsin.errors import Invalid
from tocsin.plug import registry
from tocsin.plug.masking import mask_text
from tocsin.settings import Settings

T = TypeVar("T")

FREE = frozenset({
    "title", "why", "how", "summary", "override", "text", "detail", "note", "excerpt", "subject", "audience",
    "verdict_why", "evidence", "answer", "because",
})  # fmt: skip
"""Fields of facts that hold somebody's words. The others name things, and must stay what they name."""
NAMING = frozenset({"value", "person", "role", "owner", "to", "audience", "severity"})
"""Fields of moves whose text is used as it is; a secret in them can't be masked, so it is refused."""
LOGGERS = ("tocsin", "tocsin.web", "tocsin.store")
UNMISTAKABLE = 8


def said(app: App, text: str) -> str:
    """The text with its secrets masked."""
    return mask_text(text, app.settings.secrets)


def in_fact(app: App, fact: T) -> T:
    """The fact with the secrets in its words masked."""
    changed: dict[str, Any] = {}
    for field in dataclasses.fields(fact):  # type: ignore[arg-type]
        value = getattr(fact, field.name)
        if isinstance(value, str) and value and field.name in FREE:
            masked: object = said(app, value)
        elif isinstance(value, Mapping) and field.name == "labels":
            masked = _labels(app, value)
        else:
            continue
        if masked != value:
            changed[field.name] = masked
    return replace(fact, **changed) if changed else fact  # type: ignore[type-var]


def in_notice(app: App, notice: Notice) -> Notice:
    """The notice as it may leave the house."""
    return replace(notice, why=said(app, notice.why), subject=said(app, notice.subject), body=said(app, notice.body))


def in_alert(app: App, alert: Alert) -> Alert:
    """The alert as it may be stored. A label names the alert, so only an unmistakable secret is masked in one."""
    notes = {name: said(app, text) for name, text in alert.annotations.items()}
    return replace(alert, labels=_labels(app, alert.labels), annotations=notes, url=said(app, alert.url))


def in_change(app: App, change: Change) -> Change:
    """The change as it may be stored."""
    return replace(
        change, what=said(app, change.what), where=said(app, change.where), who=said(app, change.who),
        url=said(app, change.url), outcome=said(app, change.outcome),
    )  # fmt: skip


def refuse(app: App, request: object) -> None:
    """Raise `Invalid` where a move would put a secret where it must stand as it is: on record for ever."""
    for field in dataclasses.fields(request):  # type: ignore[arg-type]
        value = getattr(request, field.name)
        if field.name in NAMING and isinstance(value, str) and said(app, value) != value:
            raise Invalid(
                f"The {field.name} is a secret, or holds one, and would be on record for ever.",
                "Give the secret to the target as a variable ([target] env), and let the runbook name that.",
            )


def with_all_secrets(settings: Settings, database: str, environ: Mapping[str, str]) -> Settings:
    """The settings, with everything in them that is a secret without being called one: tokens, keys, passwords."""
    plugins = [*settings.notifiers.values(), *(signal.probe for signal in settings.signals), *settings.sources.values()]
    plugins += [*settings.scrapes.values(), *settings.chats.values()]
    implied = [token.secret for token in settings.tokens]
    implied += [value for plugin in plugins for value in registry.secrets_of(plugin)]
    implied += [_long_path(settings.deadman.url), settings.answers.twilio_token]
    implied += [environ.get("TOCSIN_TOKEN", ""), _password(database)]
    secrets = dict.fromkeys([*settings.secrets, *filter(unmistakable, implied)])
    return replace(settings, secrets=tuple(secrets))


def watch_logs(settings: Settings) -> None:
    """From now on, nothing that this process logs holds a secret of these settings."""
    _FILTER.secrets = settings.secrets
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)


def _labels(app: App, labels: Mapping[str, str]) -> dict[str, str]:
    secrets = tuple(filter(unmistakable, app.settings.secrets))
    return {name: mask_text(text, secrets) for name, text in labels.items()}


def unmistakable(secret: str) -> bool:
    """Whether it can't be an ordinary word that also stands in names and labels."""
    return len(secret) >= UNMISTAKABLE and not secret.isalpha()


def _long_path(address: str) -> str:
    """The path of an address where it is so long that who knows it may speak for us; else nothing."""
    path = address.partition("://")[2].partition("/")[2]
    return path if len(path) >= 2 * UNMISTAKABLE else ""


def _password(address: str) -> str:
    try:
        return unquote(urlsplit(address).password or "")
    except ValueError:
        return ""


class _Discreet(logging.Filter):
    """Masks log records; never drops one."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: tuple[str, ...] = ()

    def filter(self, record: logging.LogRecord) -> bool:
        """The record, with message and traceback masked."""
        record.msg, record.args = mask_text(record.getMessage(), self.secrets), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask_text(record.exc_text, self.secrets)
        return True


_FILTER = _Discreet()
