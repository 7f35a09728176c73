"""Slack: a channel for each incident, by the methods of its Web API. Source: docs.slack.dev.

What Slack tells us comes in by `tocsin.chats.bolt`, which needs ``tocsin[slack]``; what is said here needs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from tocsin.chats import slackblocks
from tocsin.core.posts import Post
from tocsin.core.roomnames import USUAL, is_pattern
from tocsin.errors import Invalid
from tocsin.plug.addresses import check_networks
from tocsin.plug.chat import ChannelGone, ChatFault, Hear, NameTaken
from tocsin.plug.kinds import NO_SECRET, Secret
from tocsin.plug.outgoing import plain, refused
from tocsin.wire import encode_text, read_json

TIMEOUT = timedelta(seconds=10)
LONGEST_ANSWER = 4 * 1024 * 1024
LOOKED_AT = 100
EVENT = "tocsin_post"
_GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel"})
_PASSING = frozenset({
    "ratelimited", "rate_limited", "service_unavailable", "internal_error", "fatal_error", "request_timeout",
    "team_added_to_org", "message_limit_exceeded",
})  # fmt: skip
_THEIRS = frozenset({
    "user_not_found", "cant_invite", "cant_invite_self", "user_is_restricted", "user_is_ultra_restricted",
    "user_team_not_in_channel", "user_disabled", "users_list_not_supplied", "no_user", "already_in_team",
})  # fmt: skip
"""Why somebody can't be invited that is nobody's fault and hinders nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """The Slack app: commands, buttons, and a channel for each incident.

    With an ``app_token`` it listens by Socket Mode, which needs no address that Slack can reach; with a
    ``signing_secret`` Slack may call ``/in/slack``. Either needs ``tocsin[slack]``.
    """

    bot_token: Annotated[Secret, "The bot's token (xoxb-…)"]
    app_token: Annotated[Secret, "The app's token (xapp-…), for Socket Mode"] = NO_SECRET
    signing_secret: Annotated[Secret, "The app's signing secret, for requests to `/in/slack`"] = NO_SECRET
    channel: Annotated[str, "What a channel is called where the runbook does not say"] = USUAL
    severities: Annotated[tuple[str, ...], "Incidents of these get a channel; unless told, all"] = ()
    drills: Annotated[bool, "Whether drills get one"] = True
    api: Annotated[str, "Where Slack's methods are"] = "https://slack.com/api"
    allow: Annotated[bool | tuple[str, ...], "Networks that may be asked besides public ones"] = False

    def __post_init__(self) -> None:
        if not is_pattern(self.channel):
            raise ValueError(f"{self.channel!r} names the same channel for every incident; write for example {USUAL}.")
        check_networks(() if isinstance(self.allow, bool) else self.allow)

    def link(self, channel: str, name: str) -> str:  # noqa: ARG002  Slack names a channel by its id
        """The channel in Slack's app or, without one, in the browser. Source: docs.slack.dev, deep linking."""
        return f"https://slack.com/app_redirect?channel={quote(channel)}"

    def connect(self, hear: Hear) -> SlackChat:
        """The workspace; it listens only where there is an ``app_token``."""
        return SlackChat(self, hear)


class SlackChat:
    """One workspace."""

    updates = True
    privately = True
    longest_name = 80
    every = timedelta(seconds=1)

    def __init__(self, settings: Slack, hear: Hear) -> None:
        self._settings = settings
        self._hear = hear
        self._socket: Any = None
        self.problem = ""

    def start(self) -> None:
        """Listen by Socket Mode, where there is a token for it. Raises `Unavailable` without ``tocsin[slack]``."""
        if self._settings.app_token.value:
            from tocsin.chats.bolt import Socket

            self._socket = Socket(self._settings, self._hear)
            self._socket.start()

    def stop(self) -> None:
        """Listen no more."""
        if self._socket is not None:
            self._socket.stop()

    def open_room(self, name: str, *, private: bool) -> str:
        """``conversations.create``; the channel's id."""
        said = call(
            self._settings, "conversations.create", {"name": name, "is_private": "true" if private else "false"}
        )
        return str(said.get("channel", {}).get("id", ""))

    def invite(self, channel: str, account: str) -> bool:
        """``conversations.invite``."""
        try:
            call(
                self._settings, "conversations.invite", {"channel": channel, "users": account}, ("already_in_channel",)
            )
        except ChatFault as error:
            if error.code in _THEIRS:
                return False
            raise
        return True

    def set_topic(self, channel: str, text: str) -> None:
        """``conversations.setTopic``."""
        told = {"channel": channel, "topic": slackblocks.escape(plain(text))[:250]}
        call(self._settings, "conversations.setTopic", told)

    def post(self, channel: str, post: Post, mark: str) -> str:
        """``chat.postMessage``; the message's ts."""
        metadata = encode_text({"event_type": EVENT, "event_payload": {"mark": mark}})
        told = slackblocks.message(post)
        said = call(self._settings, "chat.postMessage", {"channel": channel, "metadata": metadata, **told})
        return str(said.get("ts", ""))

    def update(self, channel: str, message: str, post: Post) -> None:
        """``chat.update``."""
        call(self._settings, "chat.update", {"channel": channel, "ts": message, **slackblocks.message(post)})

    def pin(self, channel: str, message: str) -> None:
        """``pins.add``."""
        call(self._settings, "pins.add", {"channel": channel, "timestamp": message}, ("already_pinned",))

    def find(self, channel: str, mark: str) -> str:
        """Among the last messages, the one whose metadata bear the mark (``conversations.history``)."""
        wanted = {"channel": channel, "include_all_metadata": "true", "limit": str(LOOKED_AT)}
        said = call(self._settings, "conversations.history", wanted)
        for message in _dicts(said.get("messages")):
            payload = message.get("metadata", {}).get("event_payload", {})
            if isinstance(payload, dict) and payload.get("mark") == mark:
                return str(message.get("ts", ""))
        return ""


def message_at(settings: Slack, channel: str, ts: str) -> tuple[str, str]:
    """Who wrote a message, and what it says."""
    wanted = {"channel": channel, "latest": ts, "oldest": ts, "inclusive": "true", "limit": "1"}
    said = call(settings, "conversations.history", wanted)
    found = next((each for each in _dicts(said.get("messages")) if each.get("ts") == ts), {})
    return str(found.get("user", "")), str(found.get("text", ""))


def open_form(settings: Slack, trigger: str, severities: tuple[str, ...]) -> None:
    """``views.open``: the form for a declaration."""
    call(settings, "views.open", {"trigger_id": trigger, "view": encode_text(slackblocks.form(severities))})


def call(settings: Slack, method: str, arguments: Mapping[str, str], fine: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """Call a method of the Web API; its answer. Raises `ChatFault`; an error that is ``fine`` counts as done."""
    from tocsin.plug.web import NoAnswer, fetch

    headers = {
        "authorization": f"Bearer {settings.bot_token.value}",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    }
    url, body = f"{settings.api.rstrip('/')}/{method}", urlencode(arguments).encode()
    try:
        answer = fetch(
            url, TIMEOUT, method="POST", headers=headers, body=body, allow=settings.allow, max_bytes=LONGEST_ANSWER
        )  # fmt: skip
    except NoAnswer as error:
        raise ChatFault(error.message, error.hint, permanent=error.permanent, certain=error.permanent) from None
    if not 200 <= answer.status < 300:
        fault = refused(f"Slack's {method}", answer.status, "", answer.headers.get("retry-after", ""))
        raise ChatFault(
            fault.message, permanent=fault.permanent, retry_after=fault.retry_after, certain=answer.status < 500
        )
    return _said(method, answer.body, fine)


def _said(method: str, body: bytes, fine: tuple[str, ...]) -> Mapping[str, Any]:
    try:
        said = read_json(body)
    except Invalid:
        raise ChatFault(f"Slack's answer to {method} is not JSON.", "Look at [slack] api.", certain=False) from None
    told: Mapping[str, Any] = said if isinstance(said, dict) else {}
    reason = str(told.get("error", "unknown"))[:100]
    if told.get("ok") is True or reason in fine:
        return told
    needed = str(told.get("needed", ""))[:100]
    words = f"Slack refuses {method}: {reason}{f' (it needs {needed})' if needed else ''}."
    if reason == "name_taken":
        raise NameTaken(words, code=reason)
    if reason in _GONE:
        raise ChannelGone(words, code=reason)
    raise ChatFault(words, permanent=reason not in _PASSING, code=reason)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
