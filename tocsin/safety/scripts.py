"""awk, sed and jq: small languages inside an argument. Only a part of each is proved, sign by sign."""

from __future__ import annotations

import re

from tocsin.safety.finding import READ, Finding, unknown
from tocsin.safety.lexer import GAP, VARIABLE
from tocsin.safety.quoting import say

# awk -----------------------------------------------------------------------------------------------------------------

_AWK = re.compile(
    r"(?P<string>\"(?:[^\"\\\n]|\\.)*\")|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<space>\s+)"
    r"|(?P<sign>&&|\|\||[=!<>+*/%-]=|\+\+|--|[$!~<>=+*/%,;:?(){}\[\]-])"
)
_AWK_REGEX = re.compile(r"/(?:[^/\\\n\[]|\\.|\[[^/\]\n]+\])+/")
_AWK_CALLED = frozenset(
    {"length", "substr", "tolower", "toupper", "int", "split", "index", "match", "sprintf", "gsub", "sub"}
    | {"print", "printf", "if", "for", "in"}
)
_AWK_REFUSED = re.compile(
    r"\b(system|getline|close|fflush|while|do|function|func|ARG[VC]|PROCINFO|SYMTAB|FUNCTAB|nextfile|delete)\b"
)
_BEFORE_REGEX = frozenset(("", "(", ",", "{", "}", ";", "!", "~", "&&", "||"))
_WIDE = re.compile(r"%[-+ #0]*(\d{4,}|\*)|%[-+ #0]*\d*\.(\d{4,}|\*)")


def judge_awk(text: str) -> Finding:
    """Patterns, `print`, sums, arrays and `for (k in a)`; nothing that writes, starts, reads more or loops freely."""
    odd = "a variable of the shell" if VARIABLE in text or GAP in text else _awk(text)
    if odd:
        return unknown(f"awk programs can start commands and write files; {odd} is not proved in `{say(text)}`")
    return Finding("read", traits=("secret",)) if "ENVIRON" in text else READ


def _awk(text: str) -> str:
    """What is odd, or nothing. ``>`` compares only in a pattern or in parentheses; elsewhere it writes a file.

    Whether ``/`` divides or begins a pattern is not always certain, so where it seems to divide no text may hold what
    would act outside of a text.
    """
    refused = _AWK_REFUSED.search(text)
    if refused:
        return f"`{refused.group()}`"
    tokens: list[str] = []
    texts: list[str] = []
    at = braces = parentheses = 0
    while at < len(text):
        before = tokens[-1] if tokens else ""
        regex = _AWK_REGEX.match(text, at) if before in _BEFORE_REGEX else None
        match = regex or _AWK.match(text, at)
        if match is None:
            return f"`{say(text[at])}`"
        at = match.end()
        if match is not regex and match.lastgroup == "space":
            tokens += [";"] if "\n" in match.group() else []
            continue
        sign = match.group()
        tokens.append("/…/" if match is regex else sign)
        if match is not regex and match.lastgroup == "string":
            tokens[-1] = '"…"'
            texts.append(sign)
            if _WIDE.search(sign):
                return f"`{say(sign)}`"
        braces += (sign == "{") - (sign == "}")
        parentheses += (sign == "(") - (sign == ")")
        if sign == ">" and (before == ">" or (braces and not parentheses)):
            return "a redirection (`>`)"
    if "/" in tokens and any(each in text for text in texts for each in ">|"):
        return "a division beside a text with `>` or `|`"
    return _awk_names(tokens) if not braces and not parentheses else "a bracket that is not closed"


def _awk_names(tokens: list[str]) -> str:
    for place, sign in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        if sign[0].isalpha() and following == "(" and sign not in _AWK_CALLED:
            return f"`{say(sign)}`"
        if sign == "for" and not _walks(tokens[place + 1 : place + 6]):
            return "a loop that counts"
    return ""


def _walks(rest: list[str]) -> bool:
    return len(rest) == 5 and (rest[0], rest[2], rest[4]) == ("(", "in", ")")


# sed -----------------------------------------------------------------------------------------------------------------

_ADDRESS = r"(?:\d+|\$|/(?:[^/\\\n\[]|\\[^\n]|\[[^/\]\n]+\])+/)"
_SUBSTITUTE = "|".join(
    rf"s{sign}(?:[^{sign}\\\n\[]|\\[^\n]|\[[^{sign}\]\n]+\])+{sign}(?:[^{sign}\\\n]|\\[^\n])*{sign}[gpiI0-9]*"
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
    r"\b(import|include|inputs?|input_filename|input_line_number|get_search_list|debug|stderr)\b"
)
_JQ_ENDLESS = re.compile(r"\b(def|repeat|until|while|range|foreach|infinite|label)\b|\brecurse\s*\(|\d{6,}|\d[eE]\+?\d")
_JQ_TEXT = re.compile(r'"(?:[^"\\]|\\[^(])*"')


def judge_jq(text: str) -> Finding:
    """A filter over what it is given; loops of its own, and large numbers, could keep it busy for ever."""
    if VARIABLE in text or GAP in text:
        return unknown("a variable stands inside a jq program")
    bare = _JQ_TEXT.sub('""', text)
    if _JQ_READS_MORE.search(bare):
        return unknown("this jq program reads other programs or more input")
    endless = _JQ_ENDLESS.search(bare)
    if endless:
        return unknown(f"`{say(endless.group())}` may keep this jq program busy for ever")
    return Finding("read", traits=("secret",)) if _JQ_SECRET.search(text) else READ
