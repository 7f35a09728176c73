"""The body of a mail: its words, once as plain text and once as HTML that says the same with buttons.

Every word may be hostile. In the HTML all of it is escaped and stands in isolation, so that it can change no direction;
only addresses of ours become links, and nothing is loaded from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from tocsin.core.answering import LABELS
from tocsin.core.notices import Notice
from tocsin.plug.outgoing import parts, plain, titled

REPLY = (
    "Or reply to this mail with one line: ack, escalate, silence 30, hand over to ana, add ana, note: and your words."
)
_FONT = "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_BUTTON = (
    "display:inline-block;padding:10px 16px;margin:4px 8px 4px 0;border:1px solid #1d4ed8;border-radius:6px;"
    "background:#1d4ed8;color:#ffffff;text-decoration:none;font-weight:600"
)
_SCHEMES = ("http://", "https://")
_OPEN = "Open the page"


def text_of(notice: Notice) -> str:
    """The words: the message, where the incident is, why it came and how to answer, each of them once."""
    said = parts(notice)
    lines = [said] if notice.url in said else [said, plain(notice.url)]
    if notice.answers.get("reply_to"):
        lines.append(REPLY)
    return "\n\n".join(line for line in lines if line)


def html_of(notice: Notice) -> str:
    """The same words as a page of their own; a line that leads to one of our addresses is a button."""
    named = {
        notice.url: _OPEN,
        **{notice.answers[deed]: label for deed, label in LABELS.items() if deed in notice.answers},
    }
    ours = {url: label for url, label in named.items() if url.startswith(_SCHEMES)}
    body = "\n".join(_paragraphs(text_of(notice).split("\n"), ours))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(titled(notice))}</title></head>\n"
        f'<body style="margin:0;padding:16px;{_FONT}"><div style="max-width:640px;margin:0 auto">\n{body}\n'
        "</div></body></html>\n"
    )


def _paragraphs(lines: Iterable[str], ours: Mapping[str, str]) -> Iterable[str]:
    """Lines up to an empty one are a paragraph, buttons stand for themselves; the first line is the heading."""
    heading, block = True, list[str]()
    for line in [*lines, ""]:
        label, url = _led(line, ours)
        if line.strip() and not url:
            block.append(f'<bdi dir="auto">{escape(line)}</bdi>')
            continue
        if block:
            weight = "font-size:18px;font-weight:700;" if heading else ""
            yield from _block(block, weight)
            heading, block = False, []
        if url:
            yield f'<a href="{escape(url)}" style="{_BUTTON}">{escape(label)}</a>'


def _block(lines: list[str], first: str) -> Iterable[str]:
    if first:
        yield f'<p style="margin:0 0 8px;{first}">{lines[0]}</p>'
        lines = lines[1:]
    if lines:
        yield f'<p style="margin:8px 0">{"<br>".join(lines)}</p>'


def _led(line: str, ours: Mapping[str, str]) -> tuple[str, str]:
    """Label and address, where a line is nothing but one of our addresses, alone or behind our own label for it."""
    before, _, last = line.strip().rpartition(" ")
    label = ours.get(last, "")
    return (label, last) if label and before in ("", f"{label}:") else ("", "")
