"""sed and jq: small languages inside an argument. Only a part of each is proved, sign by sign."""

from __future__ import annotations

import re

from tocsin.safety.finding import READ, Finding, unknown
from tocsin.safety.lexer import GAP, VARIABLE
from tocsin.safety.quoting import say

# sed -----------------------------------------------------------------------------------------------------------------

# busybox lets the delimiter stand inside `[…]`, GNU's sed ends the pattern there: only brackets that both end alike.
_IN_BRACKETS = r"\[:[a-z]+:\]|[^][{0}\\\n]|\\[^][\n]"
_PIECE = r"[^{0}\\\n\[]|\\[^\n]|\[\^?+(?:" + _IN_BRACKETS + r")+\]"
_ADDRESS = rf"(?:[0-9]+|\$|/(?:{_PIECE.format('/')})+/)"
_SUBSTITUTE = "|".join(
    rf"s{sign}(?:{_PIECE.format(sign)})+{sign}(?:[^{sign}\\\n]|\\[^\n])*{sign}[gpiI0-9]*"
    for sign in (r"/", r"\|", r"\#", r",")
)
_SED_COMMAND = rf"(?:{_ADDRESS}(?:,{_ADDRESS})?\s*!?\s*)?(?:[pd=]|q|{_SUBSTITUTE})"
_SED = re.compile(rf"\s*{_SED_COMMAND}(?:\s*;\s*{_SED_COMMAND})*\s*;?\s*")


def judge_sed(text: str) -> Finding:
    """`5,10p`, `/a/,/b/p`, `/x/d`, `s/a/b/g`: what only chooses or replaces text on its way to the output."""
    if VARIABLE not in text and GAP not in text and _SED.fullmatch(text):
        return READ
    return unknown(
        f"sed scripts can write files and start commands; only `5,10p`, `/a/,/b/p`, `/x/d` and `s/a/b/g` are proved, "
        f"not `{say(text)}`"
    )


# jq ------------------------------------------------------------------------------------------------------------------

_JQ_SECRET = re.compile(r"\$ENV|\benv\b|\$__prog_args")
_JQ_READS_MORE = re.compile(
    r"\b(import|include|modulemeta|inputs?|input_filename|input_line_number|get_search_list|debug|stderr)\b"
)
_JQ_ENDLESS = re.compile(r"\b(def|repeat|until|while|range|foreach|infinite|label)\b|\brecurse\s*\(|\d{6,}|\d[eE]\+?\d")
_JQ_PIECE = re.compile(r"\\[^(\n]|[^\"\\]")


def judge_jq(text: str) -> Finding:
    """A filter over what it is given; loops of its own, and large numbers, could keep it busy for ever."""
    if VARIABLE in text or GAP in text:
        return unknown("a variable stands inside a jq program")
    bare = _jq_code(text)
    if bare is None:
        return unknown("a text or a comment in this jq program can't be told from the program for certain")
    if _JQ_READS_MORE.search(bare):
        return unknown("this jq program reads other programs or more input")
    endless = _JQ_ENDLESS.search(bare)
    if endless:
        return unknown(f"`{say(endless.group())}` may keep this jq program busy for ever")
    return Finding("read", traits=("secret",)) if _JQ_SECRET.search(text) else READ


def _jq_code(text: str) -> str | None:
    """The program without its texts, but with what is computed inside of them; None where a sign fits neither.

    ``"a\\(.b)c"`` computes in a text, and a comment may hold a quote; so each sign is read where it stands.
    """
    code: list[str] = []
    opened: list[int] = []  # for each text that computes something, the brackets open in that computation
    at, within = 0, False
    while at < len(text):
        char = text[at]
        piece = _JQ_PIECE.match(text, at) if within else None
        if piece:
            at = piece.end()
            continue
        at += 1
        if within and char == "\\":
            if text[at : at + 1] != "(":
                return None
            opened, within, at = [*opened, 1], False, at + 1
            code.append(" ( ")
        elif char == '"':
            within = not within
            code.append('"')
        elif char == "#":
            return None
        else:
            if opened:
                opened[-1] += (char == "(") - (char == ")")
            within = bool(opened) and not opened[-1]
            opened = opened[:-1] if within else opened
            code.append(f" {char} " if within else char)
    return None if within or opened else "".join(code)
