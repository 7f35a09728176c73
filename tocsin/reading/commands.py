"""A fence → what it tells to do: its commands, with the comments as titles, branches, alternatives and results."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Literal

from tocsin.core.runbook import FencePart, FenceRole
from tocsin.reading import remarks, requesttext
from tocsin.reading.fences import Fence
from tocsin.reading.segments import Segment, segments
from tocsin.reading.shelltext import PROMPT
from tocsin.reading.shellwords import QUERIES, SHELL, SQL, is_query, knows, sql_starts

PieceKind = Literal["shell", "sql", "http", "set", "manual"]
FenceKind = Literal["shell", "sql", "http", "query", ""]

_GOES_ON = re.compile(r"[-*•{}\[\]\"]")
_PRINTED = re.compile(r"[{\[]\s*(?:$|[\"{\[])|HTTP/\d|\{.*\}$")  # a comment that begins with it shows output
_SENTENCE = re.compile(r"[A-Z][a-z]+ [A-Z]?[a-z]+ ")
_NAMED_QUERY = re.compile(r"\b(?:promql|logql|metricsql)\b", re.IGNORECASE)
_SERIES = re.compile(r"[a-zA-Z_:][\w:]*(?:\s*[({\[]|\s*$)|[)}\]]")
_ROLES: dict[str, FenceRole] = {
    "comment": "comment", "name": "setting", "setting": "setting", "output": "output", "text": "text",
    "shell": "command", "sql": "command", "http": "command", "query": "command",
}  # fmt: skip


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a fence of commands tells to do, and what each of its lines is; empty for any other fence."""

    kind: FenceKind = ""
    pieces: tuple[Piece, ...] = ()
    parts: tuple[FencePart, ...] = ()


def told(fence: Fence, seen: frozenset[str] = frozenset()) -> Told:
    """What a fence tells to do, in order; ``seen`` are the programs that the document runs elsewhere."""
    found: Told | None = fence.memo.get(seen)
    if found is None:
        alone: Told | None = fence.memo.get(frozenset())
        found = alone if alone is not None and _settled(fence, alone) else _told(fence, seen)
        fence.memo[seen] = found
    return found


def _settled(fence: Fence, found: Told) -> bool:
    """Whether more known programs change nothing: all that a tagged fence holds are commands and comments already."""
    return bool(fence.language and found.kind) and all(part.role in ("command", "comment") for part in found.parts)


def _told(fence: Fence, seen: frozenset[str]) -> Told:
    kind = command_language(fence, seen)
    if kind == "":
        return Told()
    script = _script(fence) if kind == "shell" else None
    if script is not None:
        return Told(
            kind=kind, pieces=(script,), parts=(FencePart(line=script.line, end_line=script.end_line, role="command"),)
        )
    found = requesttext.cut(fence.body) if kind == "http" else segments(fence.body, kind, fence.language, seen)
    return Told(kind=kind, pieces=_Reading(fence, kind).read(found), parts=_parts(found, fence))


def pieces(fence: Fence, seen: frozenset[str] = frozenset()) -> tuple[Piece, ...]:
    """What a fence tells to do, in order; empty for a fence without shell, SQL, requests and queries."""
    return told(fence, seen).pieces


def command_language(fence: Fence, seen: frozenset[str] = frozenset()) -> FenceKind:
    """Which kind of commands a fence holds; an untagged fence counts as shell only where every line plainly is."""
    if fence.language in SHELL:
        return "query" if _only_queries(fence, seen) else "shell"
    if fence.language in SQL:
        return "sql"
    if fence.language in QUERIES:
        return "query"
    if fence.language == requesttext.TAG and requesttext.holds_requests(fence.body):
        return "http"
    return "" if fence.language else _untagged(fence, seen)


def _untagged(fence: Fence, seen: frozenset[str]) -> FenceKind:
    lines = [line.strip() for line in fence.body if line.strip() and not line.strip().startswith("#")]
    if not lines:
        return ""
    prompted = bool(PROMPT.match(lines[0]))
    if prompted or (
        all(knows(line, seen) for line in lines) and not any("→" in line or line.endswith(":") for line in lines)
    ):
        several = (len(line.split()) > 1 and not _SENTENCE.match(line) for line in lines)
        return "shell" if any(several) else ""
    if is_query(lines[0]) or (_tells_query(fence) and all(map(_SERIES.match, lines))):
        return "query"
    return "sql" if sql_starts(lines[0]) and lines[-1].endswith(";") else ""


def _tells_query(fence: Fence) -> bool:
    """Whether a comment says that the lines are queries: ``# PromQL: loaves in the oven``."""
    return any(line.lstrip().startswith("#") and _NAMED_QUERY.search(line) for line in fence.body)


def _only_queries(fence: Fence, seen: frozenset[str]) -> bool:
    """Whether a fence that is tagged as shell holds PromQL: its first line calls a function that no shell has."""
    first = next((line.strip() for line in fence.body if line.strip() and not line.strip().startswith("#")), "")
    return is_query(first) and not knows(first, seen)


def _script(fence: Fence) -> Piece | None:
    """A fence that begins with a shebang is one script."""
    first = next((index for index, line in enumerate(fence.body) if line.strip()), None)
    if first is None or not fence.body[first].startswith("#!"):
        return None
    last = max(index for index, line in enumerate(fence.body) if line.strip())
    return Piece(
        kind="shell",
        text="\n".join(fence.body[first : last + 1]).rstrip(),
        line=fence.first + first,
        end_line=fence.first + last,
        language="bash",
        title="Run the script",
    )


def _parts(found: tuple[Segment, ...], fence: Fence) -> tuple[FencePart, ...]:
    """The segments by their roles; neighbours without a blank line between them are one part."""
    parts: list[FencePart] = []
    for segment in found:
        role, line = _ROLES[segment.kind], fence.first + segment.first
        last = parts[-1] if parts else None
        if last is not None and last.role == role and last.end_line + 1 == line:
            parts[-1] = replace(last, end_line=fence.first + segment.end - 1)
        else:
            parts.append(FencePart(line=line, end_line=fence.first + segment.end - 1, role=role))
    return tuple(parts)


@dataclass(slots=True)
class _Reading:
    """Walks over the segments of a fence; what is pending are comments that wait for their command."""

    fence: Fence
    kind: FenceKind
    done: list[Piece] = field(default_factory=list)
    pending: list[tuple[int, str]] = field(default_factory=list)
    end: int = 0  # where the last segment ended

    def read(self, found: tuple[Segment, ...]) -> tuple[Piece, ...]:
        """Every piece of the fence."""
        blocks = _blocks(found)
        for block, following in zip_longest(blocks, blocks[1:]):
            if block[0].kind == "comment":
                self.comments(block, following[0] if following else None)
            else:
                self.one(block[0])
            self.end = block[-1].end
        self.release()
        return tuple(self.done)

    def one(self, segment: Segment) -> None:
        """A segment that is no comment."""
        if self.end < segment.first and len(self.pending) > 1:
            self.release()
        if segment.kind in ("name", "text"):
            said = " ".join(part for part in (segment.text, segment.trailing) if part)
            if remarks.numbered(said) and self.pending and not self.introduces():
                self.release()
            self.pending.append((self.fence.first + segment.first, said))
        elif segment.kind != "output":
            self.command(segment)

    def comments(self, block: list[Segment], following: Segment | None) -> None:
        """Comments without a blank line between them: results of the command above, then titles of the one below."""
        if self.end < block[0].first:
            self.release()
        below = self.done and self.end == block[0].first
        said = [(self.fence.first + one.first, one.text) for one in block if one.text]
        touches = following is not None and following.first == block[-1].end
        if self.done and not self.pending:
            said = self.results(said, touches=touches)
        for line, text in said:
            if remarks.numbered(text) and self.pending and not self.introduces():
                self.release()
            self.pending.append((line, text))
        if following is not None and following.kind == "output":
            self.pending = [] if touches else self.pending  # a caption
        names = following is not None and following.kind not in ("comment", "output") and len(said) == 1 and not below
        if not (touches or names):
            self.release()

    def results(self, said: list[tuple[int, str]], *, touches: bool) -> list[tuple[int, str]]:
        """What the command above should print goes to it; the comments that are left for the command below."""
        left = list(said)
        if left and self.done[-1].kind == "shell" and _PRINTED.match(left[0][1]):
            depth = end = 0
            while end < len(left) and (end == 0 or depth > 0):
                depth += sum(map(left[end][1].count, "{[")) - sum(map(left[end][1].count, "}]"))
                end += 1
            self.expect([text for _, text in left[:end]])
            left = left[end:]
        while left and self.done[-1].kind != "manual":
            shown, expected = remarks.output(left[0][1]), remarks.result(left[0][1])
            if shown is not None and not touches:
                if shown:
                    self.expect([shown, *(text for _, text in left[1:])])
                return []
            if expected is None:
                break
            lines = [expected] if expected else []
            left.pop(0)
            while left and (_GOES_ON.match(left[0][1]) or (not lines and not remarks.numbered(left[0][1]))):
                lines.append(left.pop(0)[1])
            self.expect(lines)
        return left

    def expect(self, lines: list[str]) -> None:
        """The command above should print these lines too."""
        before = self.done[-1]
        whole = [*([before.expected] if before.expected else []), *lines]
        self.done[-1] = replace(before, expected="\n".join(whole).strip() or None)

    def introduces(self) -> bool:
        """Whether the waiting comments announce a list ("Or in the dashboard:")."""
        return self.pending[0][1].rstrip().endswith((":", "："))

    def release(self) -> None:
        """Comments that no command follows are things to do by hand."""
        said = [(line, remarks.words(text)) for line, text in self.pending if remarks.words(text)]
        self.pending = []
        if not said:
            return
        title = said[0][1]
        self.done.append(
            Piece(
                kind="manual",
                text="\n".join(text for _, text in said),
                line=said[0][0],
                end_line=said[-1][0],
                title=remarks.without_number(title),
                alternative=bool(self.done) and remarks.alternative(title),
                branch=remarks.condition(title),
            )
        )

    def command(self, segment: Segment) -> None:
        """A command with the comments above it."""
        said = [remarks.words(text) for _, text in self.pending if remarks.words(text)]
        self.pending = []
        expected = remarks.result(segment.trailing) if segment.trailing else None
        titles = [remarks.without_number(text).rstrip(":：").strip() for text in said]
        title = ". ".join(text.rstrip(".") for text in titles if text) or (
            "" if expected or remarks.aside(segment.trailing) else segment.trailing.lstrip("=→ ")
        )
        line, end_line = self.fence.first + segment.first, self.fence.first + segment.end - 1
        before = self.done[-1] if self.done else None
        goes_on = before if before is not None and not said and before.end_line + 1 == line else None
        branch = next((found for found in map(remarks.condition, said) if found), goes_on.branch if goes_on else None)
        for index, text in enumerate(segment.texts):
            piece = Piece(
                kind=_KINDS[segment.kind],
                text=text,
                line=line,
                end_line=end_line,
                title=title if index == 0 else "",
                expected=(expected or None) if index == len(segment.texts) - 1 else None,
                branch=branch,
                alternative=(goes_on is not None and goes_on.alternative)
                or (before is not None and any(map(remarks.alternative, said))),
                language=self.language(segment),
            )
            self.done.append(piece)

    def language(self, segment: Segment) -> str:
        """The language of a command: the fence's, unless SQL or a query stands among shell commands."""
        if segment.kind == "sql":
            return self.fence.language if self.kind == "sql" and self.fence.language else "sql"
        if segment.kind == "query":
            return self.fence.language if self.fence.language in QUERIES else "promql"
        return self.fence.language or "bash"


_KINDS: dict[str, PieceKind] = {"shell": "shell", "setting": "set", "sql": "sql", "http": "http", "query": "sql"}


def _blocks(found: tuple[Segment, ...]) -> list[list[Segment]]:
    """Comments without a blank line between them together, everything else alone."""
    blocks: list[list[Segment]] = []
    for segment in found:
        above = blocks[-1][-1] if blocks else None
        if above and above.kind == segment.kind == "comment" and above.end == segment.first:
            blocks[-1].append(segment)
        else:
            blocks.append([segment])
    return blocks
