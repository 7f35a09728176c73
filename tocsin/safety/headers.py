"""Headers of a request: which change nothing, with values that no server takes for anything but a plain value."""

from __future__ import annotations

import re

from tocsin.safety.finding import READ, Finding, unknown
from tocsin.safety.lexer import VARIABLE
from tocsin.safety.quoting import say
from tocsin.safety.specs import words

_HEADERS, _SESSIONS = words("http-headers"), words("session-cookies")
_CREDENTIAL = re.compile(r"authorization|cookie|private-token|api-?key|x-[a-z-]*(token|key|auth|secret)")
_PLAIN = re.compile(r"[\w .,:;/*+=()@%~?!&'\"<>\[\]|#\1-]*", re.ASCII)
_GIVEN = re.compile(r"[\w .,:;/*+=@%~'\"\0\1-]*", re.ASCII)
"""A credential, or the variable that holds it."""
_SESSION = re.compile(r"(?P<name>[\w.-]+)=[\w.~%+/=|\0\1-]+;?", re.ASCII)
_RANGE = re.compile(r"bytes=(\d*-\d*)(, ?\d*-\d*)?")
_VALUES = {"connection": re.compile(r"close|keep-alive", re.IGNORECASE), "range": _RANGE}


def judge_header(text: str) -> Finding:
    """``Name: value``. What carries a variable or a credential has the trait ``secret``, a stream ``endless``."""
    name, _, value = text.partition(":")
    name, value = name.strip().lower(), value.strip()
    credential = _CREDENTIAL.fullmatch(name) is not None
    if name not in _HEADERS and not credential:
        return unknown(f"the header `{say(text)}` is not one that we know; some headers change what a request does")
    if VARIABLE in value and not credential:
        return unknown(f"the value of a variable would be sent in the header `{say(name)}`")
    if name == "cookie":
        return _cookie(value)
    if not _VALUES.get(name, _GIVEN if credential else _PLAIN).fullmatch(value):
        return unknown(f"`{say(value)}` in the header `{say(name)}` is not a plain value", fix="leave the header out")
    if credential:
        return Finding("read", traits=("secret",) if value else ())
    return Finding("read", traits=("endless",)) if "event-stream" in value.lower() else READ


def judge_header_value(text: str) -> Finding:
    """What an option such as ``--user-agent`` sends."""
    if VARIABLE in text:
        return unknown("the value of a variable would be sent to the server")
    return READ if _PLAIN.fullmatch(text) else unknown(f"`{say(text)}` is not a plain value of a header")


def judge_range(text: str) -> Finding:
    """``0-99`` or ``0-9,20-29`` of curl's ``--range``: a long list of ranges is an attack."""
    return READ if _RANGE.fullmatch(f"bytes={text}") else unknown(f"`{say(text)}` is not one range or two")


def _cookie(value: str) -> Finding:
    """One session, or one variable: other cookies steer what some servers do, as ``_method=DELETE`` does."""
    pair = _SESSION.fullmatch(value)
    if value == VARIABLE or (pair is not None and pair["name"].lower() in _SESSIONS):
        return Finding("read", traits=("secret",))
    return unknown(f"the cookie `{say(value)}` is not one session that we know by its name")
