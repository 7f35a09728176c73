"""A fence → its commands, over continuations, quotes and loops; comments become titles, branches, expected results."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from tocsin.reading.fences import Fence
from tocsin.reading.shelltext import logical_line, statement, without_comment
from tocsin.reading.shellwords import QUERIES, SHELL, SQL, knows, sql_starts

PieceKind = Literal["shell", "sql", "set", "manual"]

_NUMBER = re.compile(r"^(?:step\s*)?\d{1,2}\w?[.):]\s*", re.IGNORECASE)
_EXPECTED = re.compile(
    r"^(?:→\s*)?(?:expected(?: (?:output|result|response|outcome)s?)?|should (?:return|show|see|output|be)"
    r"|erwartet|esperado|attendu|预期|예상)\b\s*[:：]?\s*",
    re.IGNORECASE,
)
_OR = re.compile(r"^(?:or\b|alternatively\b|option [b-z2-9]\b|oder\b|ou\b|o bien\b|或|또는)", re.IGNORECASE)
_FIRST_OPTION = re.compile(r"^option [a1]\b", re.IGNORECASE)
_IF = re.compile(r"^(?:if|when|in case|si|se|wenn|falls|如果|若)\b", re.IGNORECASE)
_SETTING = re.compile(r"^(?:export\s+|set\s+|\$env:)?([A-Za-z_][\w.]*)\s?=\s?(.*)$")
_NAME_ONLY = re.compile(r"^[A-Z][A-Z0-9_]{2,}$")
_CONFIG_FILE = re.compile(
    r"(?:[\w./-]+\.(?:conf|cfg|ini|toml|properties|ya?ml|cnf)|(?:^|[\s(（在])\.env(?:\.\w+)?)(?![\w/])"
)
_RULE = re.compile(r"^[=\-#*~_─━]{3,}|[=\-#*~_─━]{3,}$")
_PROMPT = re.compile(r"^(?:\$|PS [^>]*>|[\w.-]+@[\w.-]+:[^$#]*[$#])\s+(?=\S)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing to do in a fence. ``alternative``: it stands instead of the piece before it, not after it."""

    kind: PieceKind
    text: str
    line: int
    end_line: int
    title: str = ""
    expected: str | None = None
    branch: str | None = None
    alternative: bool = False
    language: str = ""
    config: bool = False


def pieces(fence: Fence, seen: frozenset[str] = frozenset()) -> tuple[Piece, ...]:
    """What a fence tells to do, in order; empty for a fence that is no shell, no SQL and no query."""
    kind = command_language(fence, seen)
    if kind == "":
        return ()
    shebang = next((line for line in fence.body if line.strip()), "")
    if kind == "shell" and shebang.startswith("#!"):
        first = fence.body.index(shebang)
        text = "\n".join(fence.body[first:]).rstrip()
        return (
            Piece(
                kind="shell",
                text=text,
                line=fence.first + first,
                end_line=fence.first + len(fence.body) - 1,
                language="bash",
                title="Run the script",
            ),
        )
    return _Reading(fence, kind, seen).read()


def command_language(fence: Fence, seen: frozenset[str] = frozenset()) -> Literal["shell", "sql", "query", ""]:
    """Which kind of commands a fence holds; an untagged fence counts as shell only where every line plainly is."""
    if fence.language in SHELL:
        return "shell"
    if fence.language in SQL:
        return "sql"
    if fence.language in QUERIES:
        return "query"
    if fence.language:
        return ""
    lines = [line.strip() for line in fence.body if line.strip() and not line.strip().startswith("#")]
    if not lines:
        return ""
    if all(_PROMPT.match(line) or knows(line, seen) for line in lines) and not any(
        "→" in line or line.endswith(":") for line in lines
    ):
        return (
            "shell"
            if any(len(line.split()) > 1 and not re.match(r"[A-Z][a-z]+ [A-Z]?[a-z]+ ", line) for line in lines)
            else ""
        )
    return "sql" if sql_starts(lines[0]) and lines[-1].endswith(";") else ""


@dataclass(slots=True)
class _Reading:
    """Walks over the lines of a fence; what is pending are comments that wait for their command."""

    fence: Fence
    kind: str
    seen: frozenset[str]
    done: list[Piece] = field(default_factory=list)
    pending: list[tuple[int, str]] = field(default_factory=list)
    config: bool = False
    told: int = 0  # the last line of an expected result

    def read(self) -> tuple[Piece, ...]:
        """Every piece of the fence."""
        at, body = 0, self.fence.body
        while at < len(body):
            text = body[at].strip()
            comment = self.comment(text)
            if not text:
                self.release()
                self.config = False
                at += 1
            elif comment is not None:
                self.note(self.fence.first + at, comment)
                at += 1
            else:
                at = self.command(at)
        self.release()
        return tuple(self.done)

    def comment(self, text: str) -> str | None:
        """The words of a comment line; null for a line that isn't one."""
        marks = ("--",) if self.kind == "sql" else ("#",)
        if self.kind == "shell" and re.match(r"(?:REM|::)\s", text):
            return text.split(None, 1)[1]
        if self.kind == "sql" and text.startswith("#"):
            return text.lstrip("# ")
        if self.kind == "sql" and text.startswith("/*") and text.endswith("*/"):
            return text[2:-2].strip()
        if text.startswith(marks):
            return text.lstrip("#" if marks == ("#",) else "-").strip()
        return None

    def note(self, line: int, text: str) -> None:
        """A comment: a result of the command above, the start of a new numbered step, or one more line of words."""
        expected = _EXPECTED.match(text)
        running = self.told == line - 1 and bool(re.match(r"[-*•{}\[\]\"]", text))
        if self.done and not self.pending and (expected or running):
            before = self.done[-1]
            said = text[expected.end() :] if expected else text
            whole = f"{before.expected}\n{said}" if before.expected else said
            self.done[-1] = replace(before, expected=whole.strip())
            self.told = line
            return
        if _NUMBER.match(text) and self.pending and not self.introduces():
            self.release()
        if _CONFIG_FILE.search(text):
            self.config = True
        self.pending.append((line, text))

    def introduces(self) -> bool:
        """Whether the waiting comments announce a list ("Or in the dashboard:")."""
        return self.pending[0][1].rstrip().endswith((":", "："))

    def release(self) -> None:
        """Comments that no command follows are things to do by hand."""
        words = [
            (line, text) for line, text in self.pending if text and not _RULE.fullmatch(text) and re.search(r"\w", text)
        ]
        self.pending = []
        if not words:
            return
        title = words[0][1]
        text = "\n".join(text for _, text in words)
        piece = Piece(kind="manual", text=text, line=words[0][0], end_line=words[-1][0], title=_NUMBER.sub("", title))
        self.done.append(replace(piece, alternative=self.is_alternative(title), branch=_condition(title)))

    def is_alternative(self, comment: str) -> bool:
        """Whether a comment sets its command against the one before it."""
        return bool(self.done) and bool(_OR.match(_NUMBER.sub("", comment)))

    def command(self, at: int) -> int:
        """Read one command from line ``at`` of the body; the line after it."""
        body = self.fence.body
        first = body[at].strip()
        kind: PieceKind = "sql" if self.kind in ("sql", "query") or sql_starts(first) else "shell"
        if self.kind == "query":
            end = logical_line(body, at, query=True)
        else:
            end = statement(body, at, strict=self.kind == "sql") if kind == "sql" else logical_line(body, at)
        text = "\n".join(body[at:end]).strip()
        text = _PROMPT.sub("", text)
        trailing = ""
        if kind == "shell":
            text, trailing = without_comment(text)
            kind = self.shell_kind(text)
        line = self.fence.first + at
        if not text or (kind == "shell" and _NAME_ONLY.match(text)):
            self.pending.append((line, " ".join(part for part in (text, trailing) if part)))
            return end
        for part in _statements(text) if kind == "sql" and self.kind == "sql" else [text]:
            self.add(Piece(kind=kind, text=part, line=line, end_line=self.fence.first + end - 1), trailing)
        return end

    def shell_kind(self, text: str) -> PieceKind:
        """A line of a shell fence: a command, a setting (``NAME=value``), or a line of a configuration file."""
        found = _SETTING.match(text)
        if found and not text.startswith(("export ", "set ")) and not _after_assignment(text):
            value, name = found.group(2), found.group(1)
            used = any(re.search(rf"\$\{{?{re.escape(name)}\b", line) for line in self.fence.body)
            return "shell" if used or "$(" in value or "`" in value else "set"
        if self.config and not knows(text, self.seen):
            return "set"
        return "shell"

    def add(self, piece: Piece, trailing: str) -> None:
        """A command with the comments above it."""
        words = [text for _, text in self.pending if text and not _RULE.fullmatch(text)]
        self.pending = []
        branch = next((_condition(word) for word in words if _condition(word)), None)
        lead = next((word for word in words if _OR.match(_NUMBER.sub("", word))), "")
        titles = [_NUMBER.sub("", word).rstrip(":：").strip() for word in words]
        title = ". ".join(word.rstrip(".") for word in titles if word) or trailing
        query = self.kind == "query"
        language = self.fence.language or ("sql" if piece.kind == "sql" else "bash")
        expected = None
        if trailing and _EXPECTED.match(trailing):
            expected = _EXPECTED.sub("", trailing)
        language = "sql" if piece.kind == "sql" and not query and self.kind == "shell" else language
        piece = replace(
            piece,
            title=title,
            branch=branch,
            language=language,
            expected=expected,
            config=self.config and piece.kind == "set",
        )
        before = self.done[-1] if self.done else None
        same = before is not None and before.alternative and not words and before.end_line + 1 == piece.line
        self.done.append(replace(piece, alternative=same or (bool(lead) and self.is_alternative(lead))))


def _condition(comment: str) -> str | None:
    plain = _NUMBER.sub("", comment)
    return plain.rstrip(":：").strip() if _IF.match(plain) else None


def _after_assignment(text: str) -> bool:
    """``NAME=value command``: an assignment for one command, which is a command."""
    return bool(re.match(r"^[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|[^\s\"']*)\s+[a-z./]\S*", text)) and bool(knows(text))


def _statements(text: str) -> list[str]:
    return [part for part in (piece.strip() for piece in text.split(";\n")) if part] if "\n" in text else [text]
