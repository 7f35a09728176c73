"""awk, sign by sign: only what prints, counts and chooses is proved, and only where every awk reads the same signs.

Awks differ about where a pattern ends (may ``/`` stand inside ``[…]``?) and about whether ``/`` divides or begins one.
Where that could matter nothing is proved: what one takes for a pattern another may run.
"""

from __future__ import annotations

import re

from tocsin.safety.finding import READ, Finding, unknown
from tocsin.safety.lexer import GAP, VARIABLE
from tocsin.safety.quoting import say

CHARACTER_CLASS = r"\[\^?+(?:\[:[a-z]+:\]|[^][/\\\n]|\\[^][\n])+\]"
"""``[…]`` that ends at the same sign whether or not an escape, a bracket or a slash means something in it."""
_TOKEN = re.compile(
    r"(?P<string>\"(?:[^\"\\\n]|\\.)*\")|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<space>\s+)"
    r"|(?P<sign>&&|\|\||[=!<>+*/%-]=|\+\+|--|[$!~<>=+*/%,;:?(){}\[\]-])",
    re.ASCII,
)
_PATTERN = re.compile(rf"/(?:[^/\\\n\[]|\\[^\n]|{CHARACTER_CLASS})+/")
_CALLED = frozenset(
    {"length", "substr", "tolower", "toupper", "int", "split", "index", "match", "sprintf", "gsub", "sub"}
    | {"print", "printf", "if", "for", "in"}
)
_REFUSED = re.compile(
    r"\b(system|getline|close|fflush|while|do|function|func|ARG[VC]|PROCINFO|SYMTAB|FUNCTAB|nextfile|delete)\b"
)
_BEFORE_PATTERN = frozenset(("", "(", ",", "{", "}", ";", "!", "~", "&&", "||"))
_NO_OPERANDS = _CALLED | {
    "else", "exit", "return", "next", "BEGIN", "END", "BEGINFILE", "ENDFILE", "break", "continue", "case", "default",
    "switch",
}  # fmt: skip
"""Names behind which ``/`` begins a pattern, at least for some awks."""
_CONTROL = frozenset({"if", "for", "switch"})
_CLOSED = {")": "(", "]": "[", "}": "{"}
_WIDE = re.compile(r"%[-+ #0]*(\d{4,}|\*)|%[-+ #0]*\d*\.(\d{4,}|\*)")


def judge_awk(text: str) -> Finding:
    """Patterns, `print`, sums, arrays and `for (k in a)`; nothing that writes, starts, reads more or loops freely."""
    odd = "a variable of the shell" if VARIABLE in text or GAP in text else _Program(text).odd()
    if odd:
        return unknown(f"awk programs can start commands and write files; {odd} is not proved in `{say(text)}`")
    return Finding("read", traits=("secret",)) if "ENVIRON" in text else READ


class _Program:
    """One pass over the signs of a program."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        self.texts: list[str] = []
        self.brackets: list[str] = []
        self.controls: list[bool] = []
        self.after_control = False

    def odd(self) -> str:
        """What is odd, or nothing."""
        refused = _REFUSED.search(self.text)
        if refused:
            return f"`{refused.group()}`"
        at = 0
        while at < len(self.text):
            match = self._next(at)
            if match is None:
                return f"`{say(self.text[at])}`"
            wrong = self._take(match)
            if wrong:
                return wrong
            at = match.end()
        if self.brackets:
            return "a bracket that is not closed"
        if "/" in self.tokens and any(each in text for text in self.texts for each in ">|"):
            return "a division beside a text with `>` or `|`"
        return _names(self.tokens)

    def _next(self, at: int) -> re.Match[str] | None:
        """The next token. A slash that neither surely divides nor surely begins a pattern is none."""
        if self.text[at] != "/":
            return _TOKEN.match(self.text, at)
        before = self.tokens[-1] if self.tokens else ""
        if before in _BEFORE_PATTERN:
            return _PATTERN.match(self.text, at)
        divides = before in {'"…"', "]"} or before[0].isdigit() or (before == ")" and not self.after_control)
        named = (before[0].isalpha() or before[0] == "_") and before not in _NO_OPERANDS
        return _TOKEN.match(self.text, at) if divides or named else None

    def _take(self, match: re.Match[str]) -> str:
        """Note one token; what is odd about it, or nothing."""
        sign, group = match.group(), match.lastgroup if match.re is _TOKEN else "pattern"
        if group == "space":
            self.tokens += [";"] if "\n" in sign and not (self.tokens[-1:] == [")"] and self.after_control) else []
            return ""
        self.tokens.append({"pattern": "/…/", "string": '"…"'}.get(group or "", sign))
        if group == "string":
            self.texts.append(sign)
            return f"`{say(sign)}`" if _WIDE.search(sign) else ""
        if group == "sign" and sign in "([{)]}":
            return self._bracket(sign)
        if sign == ">" and (self.tokens[-2:-1] == [">"] or ("{" in self.brackets and "(" not in self.brackets)):
            return "a redirection (`>`)"
        return ""

    def _bracket(self, sign: str) -> str:
        if sign not in _CLOSED:
            self.brackets.append(sign)
            self.controls.append(bool(_CONTROL & set(self.tokens[-2:-1])))
            return ""
        if not self.brackets or self.brackets.pop() != _CLOSED[sign]:
            return f"`{sign}` that closes nothing"
        self.after_control = self.controls.pop()
        return ""


def _names(tokens: list[str]) -> str:
    for place, sign in enumerate(tokens):
        following = tokens[place + 1] if place + 1 < len(tokens) else ""
        if _REFUSED.fullmatch(sign) or (sign[0].isalpha() and following == "(" and sign not in _CALLED):
            return f"`{say(sign)}`"
        if sign == "for" and not _walks(tokens[place + 1 : place + 6]):
            return "a loop that counts"
    return ""


def _walks(rest: list[str]) -> bool:
    return len(rest) == 5 and (rest[0], rest[2], rest[4]) == ("(", "in", ")")
