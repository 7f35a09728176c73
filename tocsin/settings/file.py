"""A file becomes `Settings`, or the `Outline` of what it binds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocsin import wire
from tocsin.errors import Invalid
from tocsin.settings import (
    alerting,
    answering,
    approvals,
    chats,
    checks,
    commands,
    lines,
    messaging,
    people,
    plugins,
    references,
    reporting,
    reviewing,
    schedules,
    scrapes,
    sources,
    statuspage,
    targets,
    telling,
    wrongshape,
)
from tocsin.settings.model import Outline, Settings, Token
from tocsin.settings.shapes import File
from tocsin.settings.spans import span


def read_settings(path: Path | None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in a file; without a file, the defaults (nobody to page, nothing to watch).

    Raises `Invalid`, with the line and what to write instead.
    """
    try:
        return _read(path, environ)
    except Invalid as error:
        raise (lines.with_line(error, str(path), references.text_of(path)) if path else error) from None


def _read(path: Path | None, environ: Mapping[str, str]) -> Settings:
    table = references.load(path) if path else {}
    where, folder = (str(path), path.parent) if path else ("tocsin.toml", Path())
    raw = _shaped(references.resolve(table, environ, folder, where), where)
    default = targets.default(raw.target, folder, where)
    others = targets.others(raw.targets, default.target.name, folder, where)
    talking = chats.chats(raw, where)
    tables, places = (raw.target, *raw.targets.values()), (default, *(each.place for each in others))
    return checks.whole(
        Settings(
            base_url=raw.server.url.rstrip("/"),
            labels=targets.labels(raw.server.labels, f"{where}: [server] labels"),
            sandbox=checks.sandbox(raw.server.sandbox, where),
            default_severity=raw.defaults.severity,
            recovery_watch=span(raw.defaults.recovery_watch, f"{where}: [defaults] recovery_watch"),
            reopen_within=span(raw.defaults.reopen_within, f"{where}: [defaults] reopen_within"),
            flapping=checks.flapping(raw.defaults, where),
            directory=chats.with_accounts(people.directory(raw, schedules.schedules(raw, where), where), raw, where),
            calendar=schedules.calendar(raw.calendar, where),
            calendar_sources=schedules.calendar_sources(raw, folder, where),
            notifiers=chats.with_notifier(plugins.notifiers(raw, where), talking),
            chats=talking,
            telling=telling.telling(raw, where, references.text_of(path)),
            messaging=messaging.messaging(raw, where),
            signals=tuple(plugins.signal(metric, dict(entry), where) for metric, entry in raw.signals.items()),
            scrapes=scrapes.targets(raw, where),
            samples=scrapes.kept(raw, where),
            repositories=checks.repositories(raw.context.repositories, folder, where),
            sources=sources.bound(raw, where),
            mail_listen=sources.mail_listen(raw, where),
            grouping=alerting.grouping(raw.grouping, where),
            longest_silence=alerting.longest_silence(raw.silences, where),
            deadman=alerting.deadman(raw.deadman, where),
            status=statuspage.status(raw, folder, where),
            reports=reporting.reports(raw, where),
            answers=answering.answers(raw.answers, raw.server.url.rstrip("/"), where),
            reviewing=reviewing.reviewing(raw, folder, where),
            war_room=answering.war_room(raw.war_room, where),
            default=default,
            targets=others,
            secrets=targets.secrets(tables, places, environ),
            approvals=approvals.policy(raw.approvals, where, references.text_of(path)),
            team=commands.team(raw.commands, where),
            placeholders=raw.placeholders,
            tokens=tuple(
                Token(name=name, role=entry.role, secret=entry.token, scopes=tuple(entry.scopes))
                for name, entry in raw.tokens.items()
            ),
        ),
        where,
    )


def outline(text: bytes, path: Path) -> Outline:
    """What the text of a configuration binds. Raises `Invalid`, with the line, where it is none."""
    try:
        raw = _shaped(references.parse(text, path), str(path))
    except Invalid as error:
        raise lines.with_line(error, str(path), text.decode("utf-8", "replace")) from None
    return Outline(
        directory=people.directory(raw, schedules.schedules(raw, str(path)), str(path)),
        notifiers=tuple(raw.notifiers),
        signals=tuple(raw.signals),
        placeholders=tuple(raw.placeholders),
        env=targets.variables((raw.target, *raw.targets.values())),
    )


def _shaped(table: dict[str, Any], where: str) -> File:
    try:
        raw = wire.convert(File, table)
    except Invalid as error:
        raise wrongshape.said_of_file(error, table, where) from None
    checks.names(raw, where)
    checks.channels(raw, where)
    return raw
