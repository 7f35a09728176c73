"""The text of a fence → its segments in order: commands, comments, settings, printed output. Each line is in one.

This is the only place that says what a line of a fence of commands is; `commands` makes things to do of the segments,
`accounting` tells what became of each line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from tocsin.reading.shelltext import PROMPT, Dialect, LogicalLines, without_comment
from tocsin.reading.shellwords import CMD, CONSOLE, POWERSHELL, knows, sql_starts
from tocsin.reading.sqltext import query, statements

SegmentKind = Literal["comment", "shell", "sql", "http", "query", "setting", "name", "text", "output"]

_ENOUGH = 300  # characters of a line tell what it is
IGNORE = re.compile(r"^(?:#|--|//|/\*)?\s*tocsin:\s*ignore\s*=", re.IGNORECASE)
_SETTING = re.compile(r"^(?:\$env:)?(?P<name>[A-Za-z_][\w.]*)\s?=\s?(?P<value>.*)$", re.DOTALL)
_USED = re.compile(r"\$\{?(?:env:)?(\w+)\b(?!\s?=)")
_NAME_ONLY = re.compile(r"^[A-Z][A-Z0-9_]{2,}$")
_CONFIG_FILE = re.compile(
    r"(?:[\w./-]+\.(?:conf|cfg|ini|toml|properties|ya?ml|cnf)|(?:^|[\s(（在])\.env(?:\.\w+)?"
    r"|/etc/[\w./-]*\.d/[\w-]+)(?![\w/])"
)
_CRONTAB = re.compile(r"^(?:(?:(?:\*|\d)[\d*/,-]*\s+){5}|@(?:daily|hourly|weekly|monthly|yearly|reboot)\s+)\S")
_ONE_COMMAND = re.compile(r"^[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|[^\s\"']*)\s+[a-z./]\S*")
_DRAWN = re.compile(
    r"^(?:[│┌┐└┘├┤┬┴┼─━═║╔╗╚╝╠╣▶▼►✓✔✗✘✅❌⚠→]|[+|][-=+|]{3,}|-{3,}(?:[-+| ]*)$"
    r"|={4,}|HTTP/\d(?:\.\d)? \d{3}\b|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d)"
)
_COLUMN = re.compile(r"[A-Z][A-Z0-9%()_-]*(?: [A-Z0-9%()_-]+)?")
_COUNTED = re.compile(r"^\(\d+ rows?\)$")
_JSON = re.compile(r"^(?:[{\[]\s*$|\{\s*\"|\[\s*\{|\"[\w.-]+\"\s*:)")
_PROSE = re.compile(  # a numbered point, a bullet, an address: nothing that a shell could run
    r"^(?:\d{1,2}[.)]\s+\S|[-•*]\s+(?:\[[ x]\]\s+)?(?:[^\W\d_]+\s+){2}|https?://\S+$"
    r"|[^\W\d_][\w /'’-]*\s+(?:→|->|›)\s+[A-Z\u00c0-\uffff]|[A-Z][a-z]+(?: [A-Z]?[a-z]+)* > [A-Z])"
)
_ROW = re.compile(r"\S\s*\|\s*\S")
_SQL_LINE = re.compile(
    r"^(?:[(\\]|(?:select|insert|update|delete|alter|create|drop|truncate|vacuum|analy[sz]e|explain|reindex|with|grant"
    r"|revoke|kill|show|set|reset|begin|commit|rollback|start|checkpoint|copy|call|do|declare|exec(?:ute)?|use|describe"
    r"|desc|cluster|comment|lock|refresh|listen|notify|merge|replace|optimize|flush|pragma|values|table|fetch|if|end"
    r"|savepoint|release|prepare|deallocate|discard|repair|check|handler|load|rename|shutdown|stop|change|purge|dbcc"
    r"|print|waitfor|go)\b)",
    re.IGNORECASE,
)
_GAP = re.compile(r"\s{2,}|\t")
_REM = ("REM ", "REM\t", ":: ", "::\t")  # a comment of cmd.exe


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Neighbouring lines of a fence's body, ``first`` to before ``end`` (0-based), that are one thing.

    ``texts`` is what it says: the statements of an SQL line, else one text; ``trailing`` the comment behind a command.
    """

    kind: SegmentKind
    first: int
    end: int
    texts: tuple[str, ...]
    trailing: str = ""

    @property
    def text(self) -> str:
        """The only text, for everything but SQL."""
        return "\n".join(self.texts)


def segments(body: Sequence[str], kind: str, language: str, seen: frozenset[str] = frozenset()) -> tuple[Segment, ...]:
    """Every line of a body that is not blank, in order; ``kind`` is "shell", "sql" or "query"."""
    return _cut(tuple(body), kind, language, seen)


@lru_cache(maxsize=1024)
def _cut(body: tuple[str, ...], kind: str, language: str, seen: frozenset[str]) -> tuple[Segment, ...]:
    return _Cutting(body, kind, language, seen).cut()


@dataclass(slots=True)
class _Cutting:
    body: Sequence[str]
    kind: str
    language: str
    seen: frozenset[str]
    lines: LogicalLines = field(init=False)
    used: frozenset[str] = field(init=False)
    prompted: bool = field(init=False)
    config: bool = False  # the lines belong to a file that a comment names
    unclosed: int = 0  # JSON that opens before this line does not close
    printed: bool = False  # what is directly above was printed by a command, or is a prompted command
    done: list[Segment] = field(default_factory=list)

    def __post_init__(self) -> None:
        dialect: Dialect = "powershell" if self.language in POWERSHELL else "cmd" if self.language in CMD else "sh"
        self.lines = LogicalLines(self.body, dialect)
        self.used = frozenset(name for line in self.body if "$" in line for name in _USED.findall(line))
        said = (line.strip() for line in self.body if line.strip() and not line.strip().startswith("#"))
        self.prompted = self.language in CONSOLE or bool(PROMPT.match(next(said, "")))

    def cut(self) -> tuple[Segment, ...]:
        """All segments."""
        readers: dict[str, Callable[[int, str], int]] = {"sql": self.sql, "query": self.query, "shell": self.shell}
        read, at = readers[self.kind], 0
        while at < len(self.body):
            text = self.body[at].strip()
            if not text:
                self.config = self.printed = False
                at += 1
                continue
            words = self.comment(text)
            if words is None:
                at = read(at, text)
                continue
            self.config = self.config or bool(_CONFIG_FILE.search(words[:_ENOUGH]))
            self.printed = False
            at = self.add("comment", at, at + 1, words)
        return tuple(self.done)

    def add(self, kind: SegmentKind, first: int, end: int, *texts: str, trailing: str = "") -> int:
        """Take a segment in; where the next one begins."""
        trailing = "" if IGNORE.match(trailing) else trailing
        self.done.append(Segment(kind=kind, first=first, end=end, texts=texts, trailing=trailing))
        return end

    def comment(self, text: str) -> str | None:
        """The words of a comment line; null for a line that isn't one."""
        if IGNORE.match(text) and not text.startswith("tocsin"):
            return ""
        if self.kind == "sql":
            if text.startswith("/*") and text.endswith("*/"):
                return text[2:-2].strip()
            if text.upper() == "GO":
                return ""
            return text.lstrip("-# ").strip() if text.startswith(("--", "#")) else None
        if text.startswith("#"):
            return text.lstrip("#").strip()
        return text.split(None, 1)[1] if self.kind == "shell" and text.startswith(_REM) else None

    def sql(self, at: int, text: str) -> int:
        """A statement, or a line of the table that one printed."""
        text = PROMPT.sub("", text)
        if _COUNTED.match(text) or (not _SQL_LINE.match(text) and (_drawn(text) or _ROW.search(text[:_ENOUGH]))):
            return self.add("output", at, at + 1, text)
        return self.statements(at, strict=True)

    def statements(self, at: int, *, strict: bool) -> int:
        """The statements of one or more lines."""
        end, texts, trailing = statements(self.body, at, strict=strict)
        texts = tuple(text for text in (PROMPT.sub("", text) for text in texts) if text)
        return self.add("sql", at, end, *texts, trailing=trailing)

    def query(self, at: int, _text: str) -> int:
        """A query of a monitoring system."""
        end = query(self.body, at)
        return self.add("query", at, end, "\n".join(self.body[at:end]).strip())

    def shell(self, at: int, line: str) -> int:
        """A command, a setting, a line of a configuration file, or what a command printed."""
        prompt = PROMPT.match(line)
        bare = line[prompt.end() :] if prompt else line
        if not prompt and self.is_printed(bare, at):
            self.printed = True
            return self.add("output", at, self.after_json(at), line)
        if not prompt and (_CRONTAB.match(bare) or (self.config and not knows(bare, self.seen))):
            end = self.lines.end(at)
            return self.add("setting", at, end, *without_comment("\n".join(self.body[at:end]).strip())[:1])
        if not prompt and _PROSE.match(bare[:_ENOUGH]):
            return self.add("text", at, at + 1, line)
        if sql_starts(bare):
            self.printed = bool(prompt)
            return self.statements(at, strict=False)
        end = self.lines.end(at)
        text, trailing = without_comment(PROMPT.sub("", "\n".join(self.body[at:end]).strip()))
        self.printed = self.prompted and bool(prompt)
        if not text:
            return self.add("comment", at, end, trailing)
        if _NAME_ONLY.match(text):
            return self.add("name", at, end, text, trailing=trailing)
        return self.add("setting" if self.is_setting(text) else "shell", at, end, text, trailing=trailing)

    def is_printed(self, line: str, at: int) -> bool:
        """Whether a line without a prompt is output: a drawing, a log, JSON, or anything below a prompted command."""
        if _drawn(line) or (_JSON.match(line) and self.is_json(line, at)):
            return True
        if self.printed and self.prompted:
            return True
        return (self.printed or self.prompted) and not knows(line, self.seen)

    def is_json(self, line: str, at: int) -> bool:
        """Whether a bracket opens JSON, not a group of commands."""
        below = self.body[at + 1].strip() if at + 1 < len(self.body) else ""
        return len(line) > 1 or below.startswith(('"', "{", "[", "}", "]")) or not below

    def after_json(self, at: int) -> int:
        """The index after printed JSON whose brackets close before the next blank line; else after this line."""
        depth, end = 0, at
        while (
            self.unclosed <= at
            and end < len(self.body)
            and self.body[end].strip()
            and _JSON.match(self.body[at].strip())
        ):
            depth += sum(map(self.body[end].count, "{[")) - sum(map(self.body[end].count, "}]"))
            end += 1
            if depth <= 0:
                return end
        self.unclosed = max(self.unclosed, end)
        return at + 1

    def is_setting(self, text: str) -> bool:
        """``NAME=value`` that no other line uses and that runs nothing."""
        found = _SETTING.match(text)
        if found is None or (_ONE_COMMAND.match(text) and knows(text)):
            return False
        value = found.group("value")
        return found.group("name") not in self.used and "$(" not in value and "`" not in value


def _drawn(line: str) -> bool:
    """Whether a line begins like a drawing, a table, a log entry, or is the head of columns in capitals."""
    start = line[:_ENOUGH]
    columns = _GAP.split(start)
    return bool(_DRAWN.match(start)) or (len(columns) > 1 and all(map(_COLUMN.fullmatch, columns)))
