"""A post as Slack's blocks. Source: docs.slack.dev, Block Kit and ``chat.postMessage``.

Texts are hostile. They stand in ``plain_text`` and ``rich_text`` objects, where Slack reads no mention, link or
mark-up; the ``text`` beside the blocks, which it does read, is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.core.posts import Button, Post
from tocsin.plug.outgoing import cut, one_line, plain
from tocsin.wire import encode_text

_LONGEST_TEXT, _LONGEST_FIELD, _LONGEST_BUTTON, _LONGEST_SURE = 2_900, 1_900, 70, 290
_STYLES = {"good": "primary", "bad": "danger"}
_MARKS = {"bad": "🔴", "good": "🟢", "ask": "🟡"}


def message(post: Post) -> dict[str, str]:
    """The arguments of ``chat.postMessage`` and ``chat.update`` that say what the message says."""
    return {
        "text": escape(cut(one_line(" ".join((post.title, *post.lines))), _LONGEST_TEXT)),
        "blocks": encode_text(blocks(post)),
        "unfurl_links": "false",
        "unfurl_media": "false",
        "link_names": "false",
        "parse": "none",
    }


def blocks(post: Post) -> list[dict[str, Any]]:
    """The message's parts, the title first, what can be clicked last."""
    made: list[dict[str, Any]] = []
    mark = f"{_MARKS[post.tone]} " if post.tone in _MARKS and post.title else ""
    if post.title:
        made.append({"type": "header", "text": _text(mark + one_line(post.title, 148 - len(mark)))})
    if post.lines:
        made.append({"type": "section", "text": _text(cut(plain("\n".join(post.lines)), _LONGEST_TEXT))})
    if post.command:
        made.append(_preformatted(post.command))
    if post.fields:
        fields = [_text(f"{name}: {cut(one_line(value), _LONGEST_FIELD)}") for name, value in post.fields[:10]]
        made.append({"type": "section", "fields": fields})
    clicks = [_button(place, button) for place, button in enumerate(post.buttons)]
    if post.url.startswith(("http://", "https://")):
        clicks.append({"type": "button", "action_id": "tocsin:open", "text": _text("Open"), "url": post.url[:3000]})
    if clicks:
        made.append({"type": "actions", "elements": clicks})
    if post.hint:
        made.append({"type": "context", "elements": [_text(f"or write: /tocsin {post.hint}")]})
    return made


def form(severities: Sequence[str]) -> dict[str, Any]:
    """The form for a declaration, for ``views.open``."""
    levels = [{"text": _text(name[:70]), "value": name[:70]} for name in severities[:100]]
    severity = {
        "type": "input", "block_id": "severity", "optional": True, "label": _text("Severity"),
        "element": {"type": "static_select", "action_id": "v", "options": levels},
    }  # fmt: skip
    return {
        "type": "modal", "callback_id": "tocsin:declare", "title": _text("Declare an incident"),
        "submit": _text("Declare"), "close": _text("Leave it"),
        "blocks": [
            _input("title", "What is wrong"), *([severity] if levels else []),
            _input("why", "How you know", optional=True),
        ],
    }  # fmt: skip


def escape(text: str) -> str:
    """Text that names nobody and links nowhere: Slack reads ``<!channel>`` and ``<@U1>`` out of messages."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text or " ", "emoji": False}


def _input(name: str, label: str, *, optional: bool = False) -> dict[str, Any]:
    return {
        "type": "input", "block_id": name, "optional": optional, "label": _text(label),
        "element": {"type": "plain_text_input", "action_id": "v", "max_length": 300},
    }  # fmt: skip


def _preformatted(command: str) -> dict[str, Any]:
    inner = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": command}]}
    return {"type": "rich_text", "elements": [inner]}


def _button(place: int, button: Button) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "button", "action_id": f"tocsin:{button.move}:{place}", "value": encode_text(dict(button.value)),
        "text": _text(one_line(button.label, _LONGEST_BUTTON)),
    }  # fmt: skip
    if button.style in _STYLES:
        made["style"] = _STYLES[button.style]
    if button.sure:
        made["confirm"] = {
            "title": _text("Are you sure?"), "text": _text(cut(plain(button.sure), _LONGEST_SURE)),
            "confirm": _text(button.label[:24]), "deny": _text("No"),
        }  # fmt: skip
    return made
