"""``[notices]``, ``[templates]`` and ``[[people.NAME.rules]]``: how people are told, by which ways, in whose words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tocsin.core.calendar import knows_zone
from tocsin.core.contactrules import ContactRule
from tocsin.core.oncall import Directory
from tocsin.core.policy import nearest
from tocsin.core.schedules.windows import Window, parse_window
from tocsin.core.wording import KINDS, TOKENS, Wording, unknown_tokens
from tocsin.errors import Invalid
from tocsin.settings import shapes
from tocsin.settings.spans import span

MOST_RULES = 20
MOST_WAYS = 5
"""To one person; each may take ten seconds, and a notice is leased for a minute (`tocsin.engine.worker`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How long a page waits for an answer until the next way is taken, and from when on messages are bundled.

    The first page of an incident is never bundled; ``pages`` is for one person in one incident, ``informs`` for one
    person in all of them, each in a minute.
    """

    next_after: timedelta = timedelta(minutes=2)
    pages: int = 3
    informs: int = 5
    templates: Mapping[str, Wording] = field(default_factory=dict)


def telling(raw: shapes.File, where: str, text: str = "") -> Telling:
    """How people are told. Raises `Invalid` for what can't be, for a token with its line in ``text``."""
    given = raw.notices
    for name, number in (("pages_a_minute", given.pages_a_minute), ("informs_a_minute", given.informs_a_minute)):
        if not 1 <= number <= 1000:
            raise Invalid(f"{number} is no number of messages.", "Write 1 to 1000.", where=f"{where}: [notices] {name}")
    return Telling(
        next_after=span(given.next_method_after, f"{where}: [notices] next_method_after"),
        pages=given.pages_a_minute,
        informs=given.informs_a_minute,
        templates={kind: _wording(kind, table, where, text) for kind, table in raw.templates.items()},
    )


def rules(name: str, entry: shapes.Person, zone: str, where: str) -> tuple[ContactRule, ...]:
    """The rules of a person or channel; ``zone`` is the team's. Raises `Invalid` that names the rule."""
    if len(entry.rules) > MOST_RULES:
        raise Invalid(f"Somebody has at most {MOST_RULES} rules.", where=f"{where}: [people.{name}]")
    return tuple(_rule(name, number, each, entry.zone or zone, where) for number, each in enumerate(entry.rules, 1))


def check_rules(directory: Directory, known: Sequence[str]) -> None:
    """Raise `Invalid` for a rule about a severity that is none of these: it would silently never count."""
    by_case = {name.casefold() for name in known}
    for person in directory.people.values():
        for rule in person.rules:
            strange = next((each for each in rule.severities if each.casefold() not in by_case), None)
            if strange is not None:
                said = f"{strange!r} is not a severity of any runbook, so the rule would never count."
                raise Invalid(said, nearest(strange, known), where=rule.place)


def _rule(name: str, number: int, raw: shapes.ContactRuleTable, zone: str, where: str) -> ContactRule:
    place = f"{where}: rule {number} of [[people.{name}.rules]]"
    if not 1 <= len(raw.methods) <= MOST_WAYS or len(set(raw.methods)) != len(raw.methods):
        raise Invalid(f"A rule names 1 to {MOST_WAYS} methods, each once.", where=f"{place} methods")
    zone = raw.zone or zone or "UTC"
    if not knows_zone(zone):
        raise Invalid(f"{zone!r} is no time zone.", "Write for example Europe/Berlin.", where=f"{place} zone")
    file = where.replace("\\", "/").rpartition("/")[2]
    return ContactRule(
        methods=tuple(raw.methods),
        severities=tuple([raw.severities] if isinstance(raw.severities, str) else raw.severities),
        between=_windows(raw.between, f"{place} between"),
        zone=zone,
        wait=span(raw.next_after, f"{place} next_after") if raw.next_after else None,
        place=f"{file} rule {number} of {name}",
    )


def _windows(given: str | list[str], place: str) -> tuple[Window, ...]:
    try:
        return tuple(parse_window(text) for text in ([given] if isinstance(given, str) else given))
    except ValueError as error:
        raise Invalid(str(error), where=place) from None


def _wording(kind: str, table: shapes.TemplateTable, where: str, text: str) -> Wording:
    if kind not in KINDS:
        known = ", ".join(KINDS)
        raise Invalid(f"{kind!r} is no kind of notice.", f"There are: {known}.", where=f"{where}: [templates.{kind}]")
    strange = next(unknown_tokens(f"{table.subject}\n{table.body}"), None)
    if strange is not None:
        hint = f"Tokens: {', '.join(f'{{{token}}}' for token in TOKENS)}."
        place = f"{where}:{_line(kind, strange, text)}: [templates.{kind}]"
        raise Invalid(f"{{{strange}}} is no token.", hint, where=place)
    return Wording(subject=table.subject, body=table.body)


def _line(kind: str, token: str, text: str) -> int:
    """The line of a token in the file, looked for behind the head of its table."""
    head = re.search(rf"^[ \t]*\[[ \t]*templates[ \t]*\.[ \t]*{re.escape(kind)}[ \t]*\]", text, re.MULTILINE)
    first = text.count("\n", 0, head.end()) if head else 0
    lines = enumerate(text.split("\n"), 1)
    found = (at for at, line in lines if at > first and f"{{{token}}}" in line and not line.lstrip().startswith("#"))
    return next(found, first + 1)
