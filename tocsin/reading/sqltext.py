"""Where a statement of SQL ends, and where a query of PromQL or LogQL does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"--|/\*|\*/|\$\w*\$|[\"';]|\\[gG]\b")
_RESUMES = re.compile(
    r"(?:FROM|WHERE|AND|OR|ORDER|GROUP|HAVING|LIMIT|(?:LEFT|RIGHT|INNER|FULL|CROSS) (?:OUTER )?JOIN|JOIN|UNION|SET"
    r"|VALUES|ON|USING|RETURNING|\))(?!\w)",
    re.IGNORECASE,
)
_ENDS_OPEN = re.compile(r"(?:[-+*/%^=<>!|,(\[{]|\b(?:by|without|on|ignoring|and|or|unless|bool))$")
_BEGINS_OPEN = re.compile(
    r"^(?:[/*+%^)\]}]|-(?!-)|[<>]=?(?!\w)|[!=]=|\||(?:and|or|unless|by|without|on|ignoring|group_left|group_right)\b)"
)


@dataclass(slots=True)
class Sql:
    """Reads SQL line by line: what is open, and where statements end."""

    within: str = ""  # a quote, a dollar tag or ``/*``

    def feed(self, line: str) -> list[int]:
        """Read one more line; the places in it after each semicolon that ends a statement."""
        ends: list[int] = []
        for found in _TOKEN.finditer(line):
            mark = found.group()
            if self.within == "/*":
                self.within = "" if mark == "*/" else "/*"
            elif self.within:
                self.within = "" if mark == self.within else self.within
            elif mark == "--":
                break
            elif mark == "/*" or mark in "\"'" or mark.startswith("$"):
                self.within = mark
            elif mark == ";" or mark.startswith("\\"):
                ends.append(found.end())
        return ends


def statements(body: Sequence[str], at: int, *, strict: bool) -> tuple[int, tuple[str, ...], str]:
    """The index after the statement that begins with line ``at``, its text, and the comment behind its semicolon.

    There are several texts where one line holds several statements.

    In a shell fence (not ``strict``) a blank line or a comment of the shell ends it as well.
    """
    state, end, start = Sql(), at, 0
    texts: list[str] = []
    lines: list[str] = []
    while end < len(body):
        line = body[end]
        ends = state.feed(line)
        for place in ends:
            texts.append("\n".join([*lines, line[start:place]]))
            lines, start = [], place
        rest, start = line[start:], 0
        end += 1
        remark = rest.strip().startswith(("--", "/*", "#"))
        if texts and not lines and (remark or not rest.strip()) and not state.within:
            return end, tuple(text.strip() for text in texts), rest.strip(" -#*/\t\r")
        lines.append(rest)
        if end >= len(body) or (not state.within and _stops(body, end, line, strict=strict)):
            break
    texts.append("\n".join(lines))
    return end, tuple(text.strip() for text in texts if text.strip()), ""


def _stops(body: Sequence[str], end: int, line: str, *, strict: bool) -> bool:
    """Whether an unfinished statement ends before line ``end``."""
    following = body[end].strip()
    if line.strip().startswith("\\") or following.upper() == "GO":
        return True
    if not following:
        return not (strict and _resumes(body, end))
    return not strict and following.startswith("#")


def _resumes(body: Sequence[str], at: int) -> bool:
    """Whether an SQL statement goes on after a blank line: what follows begins no new one and is no comment."""
    following = next((line.strip() for line in body[at : at + 20] if line.strip()), "")
    return bool(_RESUMES.match(following))


def query(body: Sequence[str], at: int) -> int:
    """The index after the query that begins with line ``at``: operators and open brackets go on over comments."""
    depth, end = 0, at
    while end < len(body):
        line = body[end].split("#", 1)[0].rstrip() if '"' not in body[end] else body[end].rstrip()
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
        depth += sum(map(bare.count, "([{")) - sum(map(bare.count, ")]}"))
        end += 1
        below = _significant(body, end)
        if below >= len(body):
            return end
        if depth <= 0 and not _ENDS_OPEN.search(bare) and not _BEGINS_OPEN.match(body[below].strip()):
            return end
        end = below
    return end


def _significant(body: Sequence[str], at: int) -> int:
    """The next line that is neither blank nor a comment."""
    while at < len(body) and (not body[at].strip() or body[at].strip().startswith("#")):
        at += 1
    return at
