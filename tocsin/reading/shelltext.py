"""Where a command ends: quotes, continuations, here-documents, loops; and where an SQL statement does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_LINES = 300  # of one command; what is longer has lost its closing quote
_SPECIAL = re.compile(r"[\\\"'#()]")
_HEREDOC = re.compile(r"<<-?\s*(?P<quote>[\"']?)(?P<word>[A-Za-z_]\w*)(?P=quote)")
_OPENING = re.compile(r"(?:^|[;&|]\s*|\bdo\s+|\bthen\s+|\belse\s+)(?:for|while|until|if|case|select)\b(?!\s*=)")
_CLOSING = re.compile(r"(?:^|[;&|]\s*|\s)(?:done|fi|esac)\b(?=\s*(?:$|[;&|)<>#]))")
_FUNCTION = re.compile(
    r"^(?:function\s+\w+|\w+\s*\(\))\s*(?:\(\))?\s*\{?\s*$|^(?:function\s+\w+|\w+\s*\(\))\s*(?:\(\))?\s*\{"
)
_SQL_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_PROMPT = re.compile(r"^(?:\$|>)\s+")


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


def logical_line(body: Sequence[str], at: int, *, query: bool = False) -> int:
    """The index after the last line of the command that begins with line ``at``."""
    end, line = at + 1, _PROMPT.sub("", body[at].strip())
    state, blocks = Scan(), _blocks(line)
    state.feed(line)
    while end < min(len(body), at + _MOST_LINES):
        heredoc = None if query or state.quote else _HEREDOC.search(line)
        following = body[end].strip()
        if heredoc:
            end, line = _after_heredoc(body, end, heredoc.group("word")), ""
            if blocks <= 0:
                return end
            continue
        if query and (not following or following.startswith("#")):
            return end
        if blocks <= 0 and not _goes_on(line, state, following, query=query):
            return end
        blocks += 0 if state.quote else _blocks(following)
        line = body[end]
        state.feed(line)
        end += 1
    return at + 1 if state.quote and not query else end


def _goes_on(line: str, state: Scan, following: str, *, query: bool) -> bool:
    if query:
        operator = re.search(r"(?:[-+*/=<>|,]|\bby|\band|\bor|\bunless)$", line.rstrip())
        return state.depth > 0 or bool(operator) or following.startswith(("/", "*", "+", ">", "<", "|", ")"))
    bare = line[: state.comment].rstrip() if state.comment >= 0 else line.rstrip()
    if state.quote or state.escaped or (bare.endswith("\\") and not bare.endswith("\\\\")):
        return True
    if bare.endswith(("|", "&&", "||")) or following.startswith(("| ", "|| ", "&& ")):
        return True
    return state.depth > 0 and bool(following)


def _blocks(line: str) -> int:
    """How many loops and conditions a line opens, less those that it closes."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", '""', line.strip())
    bare = re.sub(r"(?:^|\s)#.*$", "", bare)
    if _FUNCTION.match(bare):
        return 1 - bare.count("}") if "{" in bare else 1
    return len(_OPENING.findall(bare)) - len(_CLOSING.findall(bare)) - (bare in ("}", "};"))


def _after_heredoc(body: Sequence[str], at: int, word: str) -> int:
    for index in range(at, len(body)):
        if body[index].strip() == word:
            return index + 1
    return len(body)


def without_comment(text: str) -> tuple[str, str]:
    """A command and the comment at the end of its last line."""
    if "#" not in text:
        return text, ""
    place = scan(text).comment
    if place < 0:
        return text, ""
    head, newline, last = text.rpartition("\n")
    return (head + newline + last[:place]).rstrip(), last[place:].lstrip("# ").strip()


def statement(body: Sequence[str], at: int, *, strict: bool) -> int:
    """The index after the SQL statement that begins with line ``at``; in a shell fence a blank line ends it as well."""
    text, end = body[at], at + 1
    while True:
        bare = _SQL_QUOTED.sub("''", text).rstrip()
        open_quote = bare.count("'") % 2 == 1
        if bare.endswith(";") and not open_quote:
            return end
        if end >= min(len(body), at + _MOST_LINES):
            return end
        following = body[end].strip()
        if bare.lstrip().startswith("\\"):
            return end
        if not following and not (open_quote or (strict and _resumes(body, end))):
            return end
        if not strict and following.startswith("#"):
            return end
        text += "\n" + body[end]
        end += 1


def _resumes(body: Sequence[str], at: int) -> bool:
    """Whether an SQL statement goes on after a blank line: what follows begins no new one and is no comment."""
    following = next((line.strip() for line in body[at:] if line.strip()), "")
    return bool(
        re.match(
            r"(?:FROM|WHERE|AND|OR|ORDER|GROUP|HAVING|LIMIT|JOIN|LEFT|INNER|UNION|SET|VALUES|\))",
            following,
            re.IGNORECASE,
        )
    )
