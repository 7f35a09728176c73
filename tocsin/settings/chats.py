"""``[slack]`` and ``[irc]``: the chats in which incidents have channels, and where people give commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tocsin.chats.irc import Irc
from tocsin.chats.slack import Slack
from tocsin.core.oncall import Directory, Person
from tocsin.errors import Invalid
from tocsin.notifiers.slack import Slack as SlackNotifier
from tocsin.plug import registry
from tocsin.plug.chat import ChatSettings
from tocsin.plug.kinds import Notifier
from tocsin.settings import shapes

SLACK, IRC = "slack", "irc"
ACCOUNTS = (SLACK, IRC)
"""Keys of ``[people.NAME]`` that name an account of theirs, which may give commands."""


def chats(raw: shapes.File, where: str) -> dict[str, ChatSettings]:
    """The chats that a file sets up, by their names."""
    made: dict[str, ChatSettings] = {}
    if raw.slack:
        made[SLACK] = registry.bind(Slack, raw.slack, f"{where}: [slack]")
    if raw.irc:
        made[IRC] = registry.bind(Irc, raw.irc, f"{where}: [irc]")
    return made


def with_notifier(notifiers: Mapping[str, Notifier], found: Mapping[str, ChatSettings]) -> dict[str, Notifier]:
    """The notifiers; where the Slack app is set up and no notifier is called so, the app tells people, too."""
    app = found.get(SLACK)
    if not isinstance(app, Slack) or SLACK in notifiers:
        return dict(notifiers)
    return {**notifiers, SLACK: SlackNotifier(token=app.bot_token, api=app.api, allow=app.allow)}


def with_accounts(directory: Directory, raw: shapes.File, where: str) -> Directory:
    """The people with their accounts. Raises `Invalid` where two have the same one: commands would be both's."""
    owners: dict[tuple[str, str], str] = {}
    people: dict[str, Person] = {}
    for (name, person), table in zip(directory.people.items(), raw.people.values(), strict=True):
        accounts = {chat: text for chat in ACCOUNTS if (text := str(getattr(table, chat)).strip())}
        for chat, account in accounts.items():
            owner = owners.setdefault((chat, account), name)
            if owner != name:
                raise Invalid(f"{owner} has the same account.", where=f"{where}: [people.{name}] {chat}")
        people[name] = replace(person, contacts={**person.contacts, **accounts})
    return replace(directory, people=people)


def check_severities(found: Mapping[str, ChatSettings], known: list[str]) -> None:
    """Raise `Invalid` for a severity of a chat that no runbook has: its incidents would silently have no channel."""
    for name, chat in found.items():
        strange = next((each for each in chat.severities if each not in known), None)
        if strange is not None:
            raise Invalid(
                f"{strange!r} is not a severity of any runbook.", f"Known: {', '.join(known)}.", where=f"[{name}]"
            )
