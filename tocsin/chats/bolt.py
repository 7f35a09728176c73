"""What Slack tells us: slash commands, buttons, forms, messages and reactions, by Socket Mode or HTTP, through Bolt.

Needs slack-bolt (``tocsin[slack]``), which is loaded only here. Whoever hands a request in has verified it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from tocsin.chats.slack import Slack, message_at, open_form
from tocsin.chats.slackblocks import escape
from tocsin.errors import TocsinError, Unavailable
from tocsin.plug.chat import Answer, ChatFault, Hear, Heard
from tocsin.plug.outgoing import plain
from tocsin.wire import read_json

PATIENCE = 2.5
"""Seconds: Slack takes an answer for three; a later one goes to the address that came with the question."""
REACTIONS = ("memo", "pencil", "spiral_note_pad")
"""Names of 📝 and its like: a message that somebody marks so becomes a note."""
_NOTE = re.compile(r"note:\s*(.+)", re.IGNORECASE | re.DOTALL)
_MENTION = re.compile(r"<(?:[@#!][^>|]*\|?([^>]*)|(https?://[^>|]*)(?:\|[^>]*)?)>")


def app_of(settings: Slack, hear: Hear) -> Any:
    """Bolt's application, with our listeners. Raises `Unavailable` where it is not installed."""
    try:
        from slack_bolt import App
        from slack_bolt.authorization import AuthorizeResult
    except ImportError:
        raise Unavailable("The Slack app needs the slack-bolt library.", "Run: pip install 'tocsin[slack]'") from None
    from slack_sdk import WebClient

    def authorize(**_: Any) -> Any:
        """One workspace, whose token stands in the configuration; whoever hands in has verified who sends."""
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=settings.bot_token.value)

    app = App(
        client=WebClient(base_url=f"{settings.api.rstrip('/')}/"),
        authorize=authorize, process_before_response=True, request_verification_enabled=False,
        signing_secret=settings.signing_secret.value or "unused",
    )  # fmt: skip
    ears = _Ears(settings, hear)
    app.command(re.compile(r"/.*"))(ears.command)
    app.action(re.compile(r"tocsin:.*"))(ears.button)
    app.view("tocsin:declare")(ears.form)
    app.event("message")(ears.message)
    app.event("reaction_added")(ears.reaction)
    return app


def dispatch(app: Any, body: str, headers: Mapping[str, str]) -> tuple[int, str, str]:
    """Hand in a request that came by HTTP and was verified; the answer's status, type and body."""
    from slack_bolt import BoltRequest

    answer = app.dispatch(BoltRequest(body=body, headers=dict(headers)))
    return int(answer.status), str(answer.first_headers().get("content-type", "text/plain")), str(answer.body or "")


class Socket:
    """Socket Mode: a connection from here to Slack, which Slack's own client keeps alive."""

    def __init__(self, settings: Slack, hear: Hear) -> None:
        app = app_of(settings, hear)
        from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler

        self._handler: Any = SocketModeHandler(app, settings.app_token.value)

    def start(self) -> None:
        """Connect. Raises `ChatFault` where Slack is not there now."""
        try:
            self._handler.connect()
        except Exception as error:  # noqa: BLE001 -- whatever the client raises, it is tried again
            raise ChatFault(
                f"Socket Mode can't be begun ({type(error).__name__}).", "Look at [slack] app_token."
            ) from None

    def stop(self) -> None:
        """Disconnect."""
        self._handler.close()


class _Ears:
    """One method for each kind of thing that Slack tells; the names of the arguments are Bolt's."""

    def __init__(self, settings: Slack, hear: Hear) -> None:
        self._settings, self._hear = settings, hear

    def command(self, ack: Callable[..., Any], respond: Callable[..., Any], body: dict[str, Any]) -> None:
        """``/tocsin …``; the answer is seen by who asked alone."""
        began = time.monotonic()
        answer = self._ask(
            Heard(
                how="command", account=_word(body, "user_id"), channel=_word(body, "channel_id"),
                text=_plain(_word(body, "text")), id=_once("command", body, "trigger_id"),
            )
        )  # fmt: skip
        if answer.form and _word(body, "trigger_id"):
            open_form(self._settings, _word(body, "trigger_id"), answer.severities)
            ack()
        else:
            self._reply(answer, ack, respond, began)

    def button(self, ack: Callable[..., Any], respond: Callable[..., Any], body: dict[str, Any]) -> None:
        """A click. Who clicked is what Slack says, never what the button holds."""
        began = time.monotonic()
        action = (body.get("actions") or [{}])[0]
        parts = _word(action, "action_id").split(":")
        if len(parts) < 3:
            ack()
            return
        answer = self._ask(
            Heard(
                how="button", account=_word(body.get("user"), "id"), channel=_word(body.get("channel"), "id"),
                move=parts[1], value=_values(_word(action, "value")), id=_once("button", body, "trigger_id"),
            )
        )  # fmt: skip
        ack()
        if answer.text and time.monotonic() - began < PATIENCE * 60:
            respond(text=escape(answer.text), response_type="ephemeral", replace_original=False)

    def form(self, ack: Callable[..., Any], body: dict[str, Any], view: dict[str, Any]) -> None:
        """A filled form for a declaration; what is wrong with it is said in the form."""
        fields = view.get("state", {}).get("values", {})
        value = {name: _filled(fields.get(name, {}).get("v", {})) for name in ("title", "severity", "why")}
        account = _word(body.get("user"), "id")
        answer = self._ask(Heard(how="form", account=account, value=value, id=_once("form", view, "id")))
        if answer.ok:
            ack()
        else:
            ack(response_action="errors", errors={"title": answer.text[:300]})

    def message(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """A message in a channel; only one that begins with ``note:`` is ours."""
        found = _NOTE.match(_word(event, "text").strip())
        if found is None or event.get("subtype") or event.get("bot_id"):
            return
        who = _word(event, "user")
        self._ask(
            Heard(
                how="note", account=who, author=who, channel=_word(event, "channel"), text=_plain(found[1]),
                id=_once("event", body, "event_id"),
            )
        )  # fmt: skip

    def reaction(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """A message that somebody marks with 📝 becomes a note."""
        item = event.get("item") or {}
        if event.get("reaction") not in REACTIONS or item.get("type") != "message":
            return
        channel, ts = _word(item, "channel"), _word(item, "ts")
        author, text = message_at(self._settings, channel, ts)
        if text:
            self._ask(
                Heard(
                    how="note", account=_word(event, "user"), author=author, channel=channel, text=_plain(text),
                    id=_once("event", body, "event_id"),
                )
            )  # fmt: skip

    def _ask(self, heard: Heard) -> Answer:
        return self._hear(heard)

    def _reply(self, answer: Answer, ack: Callable[..., Any], respond: Callable[..., Any], began: float) -> None:
        text = escape(answer.text)
        if time.monotonic() - began < PATIENCE:
            ack(text=text, response_type="ephemeral")
        else:
            ack()
            respond(text=text, response_type="ephemeral")


def _once(kind: str, body: Mapping[str, Any], key: str) -> str:
    """A name that is the same when Slack sends it again."""
    name = _word(body, key)
    return f"slack/{kind}/{name}" if name else ""


def _word(table: Any, key: str) -> str:
    value = table.get(key, "") if isinstance(table, dict) else ""
    return value if isinstance(value, str) else ""


def _values(text: str) -> dict[str, str]:
    try:
        value = read_json(text.encode("utf-8", "replace"))
    except TocsinError:
        return {}
    return {str(name): str(each) for name, each in value.items()} if isinstance(value, dict) else {}


def _filled(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    chosen = value.get("selected_option")
    return _word(chosen, "value") if isinstance(chosen, dict) else _word(value, "value")


def _plain(text: str) -> str:
    """What somebody typed, out of Slack's notation: mentions by their names, links by their addresses."""
    shown = _MENTION.sub(lambda found: found[1] or found[2] or "", text)
    return plain(shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).strip()
