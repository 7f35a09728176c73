"""A story file: a runbook, the people, the tools, and a timed table of what is done and what then happens."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"
_FENCE = re.compile(r"^(`{3,})(\w*)[ \t]*([^\n]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_HEAD = re.compile(r"^(demands|runbook|needs): *(.+)$", re.MULTILINE)
_ROW = re.compile(r"(?<!\\)\|")
_OUTSIDE_CODE = r"(?=(?:[^`]*`[^`]*`)*[^`]*$)"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: at this time somebody does something, and this follows."""

    at: timedelta
    does: str
    then: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Tool:
    """A program on the story's PATH: runs a line of shell, prints, ends."""

    name: str
    prints: str
    exits: int
    runs: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What the story's server answers to a request: ``GET /path``, the status, the body."""

    request: str
    status: int
    prints: str


@dataclass(frozen=True, slots=True)
class Story:
    """A whole story. ``missing`` says why it can't be told here; ``needs`` names real servers.

    ``messages`` is every message that leaves, where the story says so (`leaving`).
    """

    path: Path
    title: str
    demands: tuple[str, ...]
    runbooks: tuple[tuple[str, bytes], ...]
    missing: str
    settings: str
    rows: tuple[Row, ...]
    needs: tuple[str, ...] = ()
    sql: str = ""
    tools: tuple[Tool, ...] = ()
    pages: tuple[Page, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    messages: str = ""


@dataclass(frozen=True, slots=True)
class _Fence:
    language: str
    name: str
    body: str


def read_story(path: Path) -> Story:
    """Read a story; ``ValueError`` with file and line where it can't be understood."""
    text = path.read_text("utf-8")
    fences = [_Fence(*match.groups()[1:]) for match in _FENCE.finditer(text)]
    outside = _FENCE.sub(lambda match: "\n" * match.group(0).count("\n"), text)
    head = dict(_HEAD.findall(outside))
    shared, missing = _shared(head.get("runbook", ""))
    tables = _tables(outside)
    title = re.search(r"^# (.+)$", outside, re.MULTILINE)
    rows = tuple(_row(cells, line, path) for cells, line in tables.get("at", ()))
    if not title or not rows:
        raise ValueError(f"{path}: a story needs a `# title` and a table `| at | does | then |`.")
    return Story(
        path=path,
        title=title.group(1).strip(),
        demands=tuple(re.findall(r"\d+\.\d+", head.get("demands", ""))),
        runbooks=(*_runbooks(fences, path), *shared),
        missing=missing,
        settings=_body(fences, "toml"),
        rows=rows,
        needs=tuple(head.get("needs", "").replace(",", " ").split()),
        sql=_body(fences, "sql"),
        pages=tuple(
            Page(cells[0].strip("`"), int(cells[1]), cells[2].strip("`")) for cells, _ in tables.get("request", ())
        ),
        tools=tuple(_tool(cells) for cells, _ in tables.get("tool", ())),
        files=tuple((fence.name.strip(), fence.body) for fence in fences if fence.language == "text" and fence.name),
        messages=_body(fences, "messages"),
        env=dict(re.findall(r"^([A-Z_]+)=(.*)$", _body(fences, "env"), re.MULTILINE)),
    )


def _body(fences: list[_Fence], language: str) -> str:
    return next((fence.body for fence in fences if fence.language == language), "")


def _runbooks(fences: list[_Fence], path: Path) -> list[tuple[str, bytes]]:
    """The story's own runbooks; the word behind ``markdown`` is the file's name."""
    own = [fence for fence in fences if fence.language == "markdown"]
    return [(fence.name.strip() or f"{path.stem}.md", fence.body.encode()) for fence in own]


def _shared(name: str) -> tuple[list[tuple[str, bytes]], str]:
    if not name:
        return [], ""
    number, _, place = name.partition(" as ")
    found = sorted(SHARED.glob(f"seeds/{number.strip()}*")) if SHARED.is_dir() else []
    if not found:
        return [], f"the runbook {number} of ../shared/seeds is not here"
    return [(place.strip() or found[0].name, found[0].read_bytes())], ""


def _tool(cells: list[str]) -> Tool:
    runs = cells[3].strip("`") if len(cells) > 3 else ""
    return Tool(cells[0].strip("`"), cells[1].strip("`").replace("\\n", "\n"), int(cells[2]), runs)


def _tables(text: str) -> dict[str, list[tuple[list[str], int]]]:
    """The body rows of each table, by the table's first heading."""
    tables: dict[str, list[tuple[list[str], int]]] = {}
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("|"):
            name = ""
            continue
        cells = [cell.strip().replace("\\|", "|") for cell in _ROW.split(line.strip().strip("|"))]
        if not name:
            name = cells[0].lower()
        elif not set(cells[0]) <= set("-: "):
            tables.setdefault(name, []).append((cells, number))
    return tables


def _row(cells: list[str], line: int, path: Path) -> Row:
    parts = cells[0].split(":")
    if len(cells) != 3 or not all(part.isdigit() for part in parts) or not 2 <= len(parts) <= 3:
        raise ValueError(f"{path}:{line}: a row is `| mm:ss or hh:mm:ss | does | then |`.")
    hours, minutes, seconds = [0] * (3 - len(parts)) + [int(part) for part in parts]
    then = tuple(part.strip() for part in re.split(f";{_OUTSIDE_CODE}", cells[2]) if part.strip())
    return Row(timedelta(hours=hours, minutes=minutes, seconds=seconds), cells[1], then, line)
