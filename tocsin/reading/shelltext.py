"""Where a shell command ends: quotes, continuations, here-documents, loops; and where its comment begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Dialect = Literal["sh", "powershell", "cmd"]

MOST_LINES = 300  # of one command; what is longer has lost its closing quote
PROMPT = re.compile(
    r"^(?:[$%❯➜]|PS(?: [^>\n]*)?>|[A-Z]:\\[^>\n]*>|[\w.-]+@[\w.-]+:[^$#\n]*[$#]|\[[\w.-]+@[\w.-]+ [^\]\n]*\][$#]"
    r"|(?:mysql|sqlite|MariaDB \[[^\]\n]*\])>|\w+=[#>])\s+(?=\S)"
)
_SPECIAL = re.compile(r"[\\\"'#()]")
_HEREDOC = re.compile(r"(?<!<)<<(?!<)-?\s*(?P<quote>[\"']?)\\?(?P<word>[A-Za-z_]\w*)(?P=quote)")
_OPENING = re.compile(
    r"(?:^|[;&|]\s*|\bdo\s+|\bthen\s+|\belse\s+)"
    r"(?:for\s+(?:\w+\s+in\b|\(\()|(?:while|until|if|case)\s|select\s+\w+\s+in\b)"
)
_CLOSING = re.compile(r"(?:^|[;&|]\s*|\s)(?:done|fi|esac)\b(?=\s*(?:$|[;&|)<>#]))")
_FUNCTION = re.compile(r"^(?:function\s+[\w-]+\s*(?:\(\s*\))?|[\w-]+\s*\(\s*\))\s*$")
_QUOTED = re.compile(r"'[^']*(?:'|$)|\"[^\"]*(?:\"|$)")
_REMARK = re.compile(r"(?:^|\s)#.*$")
_ENDS_OPEN = {"powershell": ("`", "|", ","), "cmd": ("^",), "sh": ("|", "&&", "||")}


@dataclass(slots=True)
class Scan:
    """Reads shell text line by line and knows what is open: a quote, ``$(``, a backslash at the end."""

    quote: str = ""
    depth: int = 0
    comment: int = -1
    escaped: bool = False

    def feed(self, line: str) -> None:
        """Read one more line; ``comment`` is where a comment begins in it, -1 for none."""
        self.comment, self.escaped, skip = -1, False, -1
        for found in _SPECIAL.finditer(line):
            at, char = found.start(), found.group()
            if at == skip:
                continue
            if self.quote == "'":
                self.quote = "" if char == "'" else "'"
            elif char == "\\":
                skip, self.escaped = at + 1, at + 1 >= len(line)
            elif self.quote:
                self.quote = "" if char == '"' else '"'
            elif char in "\"'":
                self.quote = char
            elif char == "(":
                self.depth += 1
            elif char == ")":
                self.depth = max(0, self.depth - 1)
            elif char == "#" and (at == 0 or line[at - 1] in " \t;"):
                self.comment = at
                return


def scan(text: str) -> Scan:
    """What is open at the end of a text of several lines."""
    state = Scan()
    for line in text.split("\n"):
        state.feed(line)
    return state


@dataclass(slots=True)
class LogicalLines:
    """Finds the ends of the commands of one fence; however odd its quotes and loops, in time linear in its lines."""

    body: Sequence[str]
    dialect: Dialect = "sh"
    hopeless: int = field(default=0, init=False)  # what opens before this line was found not to close
    _closed: dict[int, int] | None = field(default=None, init=False)

    def end(self, at: int) -> int:
        """The index after the last line of the command that begins with line ``at``."""
        body, line = self.body, PROMPT.sub("", self.body[at].strip())
        state, end, limit = Scan(), at + 1, at + MOST_LINES
        blocks, limit = self.entered(line, at, 0, limit)
        state.feed(line)
        while end < min(len(body), limit):
            heredoc = None if state.quote else _HEREDOC.search(line)
            if heredoc:
                end, line = self.after_heredoc(end, heredoc.group("word")), ""
                if blocks <= 0:
                    return end
                continue
            following = body[end].strip()
            if blocks <= 0 and not self.goes_on(line, state, following):
                return end
            if not state.quote:
                blocks, limit = self.entered(following, end, blocks, limit)
            line = body[end]
            state.feed(line)
            end += 1
        if state.quote or blocks > 0:
            self.hopeless = end
            return at + 1
        return end

    def entered(self, line: str, at: int, blocks: int, limit: int) -> tuple[int, int]:
        """How many blocks are open after a line, and up to where to look for their ends."""
        words, braces = self.opens(line)
        if blocks > 0 or words + braces <= 0:
            return blocks + words + braces, limit
        last = self.closed().get(at) if at >= self.hopeless else None
        return (0, limit) if last is None else (words + braces, max(limit, last + MOST_LINES))

    def goes_on(self, line: str, state: Scan, following: str) -> bool:
        """Whether the line below belongs to the same command."""
        bare = line[: state.comment].rstrip() if state.comment >= 0 else line.rstrip()
        if state.quote or state.depth > 0:
            return bool(state.quote or following)
        if self.dialect == "sh" and (state.escaped or (bare.endswith("\\") and not bare.endswith("\\\\"))):
            return True
        if bare.endswith(_ENDS_OPEN[self.dialect]):
            return bool(following) or self.dialect == "sh"
        if _FUNCTION.match(bare) and following == "{":
            return True
        return following.startswith(("| ", "|| ", "&& ")) and not following.endswith("|")

    def opens(self, line: str) -> tuple[int, int]:
        """How many loops and conditions, and how many braces a line opens, less those that it closes."""
        bare = _REMARK.sub("", _QUOTED.sub('""', line.strip())).rstrip()
        braces = bare.endswith("{") - bare.startswith("}")
        if self.dialect != "sh":
            return 0, braces
        return len(_OPENING.findall(bare)) - len(_CLOSING.findall(bare)), braces

    def closed(self) -> dict[int, int]:
        """The lines that open a block, with the line that closes it; what is never closed is not in it."""
        if self._closed is None:
            self._closed = {}
            waiting: tuple[list[int], list[int]] = ([], [])
            for index, line in enumerate(self.body):
                for opened, change in zip(waiting, self.opens(line), strict=True):
                    opened.extend([index] * change)
                    for _ in range(min(-change, len(opened))):
                        self._closed[opened.pop()] = index
        return self._closed

    def after_heredoc(self, at: int, word: str) -> int:
        """The index after the line that ends a here-document; all that is left where none does."""
        ends = (index + 1 for index in range(at, len(self.body)) if self.body[index].strip() == word)
        return next(ends, len(self.body))


def without_comment(text: str) -> tuple[str, str]:
    """A command and the comment at the end of its last line."""
    if "#" not in text:
        return text, ""
    place = scan(text).comment
    if place < 0:
        return text, ""
    head, newline, last = text.rpartition("\n")
    return (head + newline + last[:place]).rstrip(), last[place:].lstrip("# ").strip()
