"""A story file: a runbook, the people, the tools, and a timed table of what is done and what then happens."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"
_FENCE = re.compile(r"^(`{3,})(\w*)[^\n]*\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: at this time somebody does something, and this follows."""

    at: timedelta
    does: str
    then: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Tool:
    """A program on the story's PATH."""

    name: str
    prints: str
    exits: int


@dataclass(frozen=True, slots=True)
class Story:
    """A whole story."""

    path: Path
    title: str
    demands: tuple[str, ...]
    runbooks: tuple[tuple[str, bytes], ...]
    missing: str
    settings: str
    rows: tuple[Row, ...]
    tools: tuple[Tool, ...] = ()
    env: dict[str, str] = field(default_factory=dict)


def read_story(path: Path) -> Story:
    """Read a story; ``ValueError`` with file and line where it can't be understood."""
    text = path.read_text("utf-8")
    fences = [(match.group(2), match.group(3)) for match in _FENCE.finditer(text)]
    outside = _FENCE.sub(lambda match: "\n" * match.group(0).count("\n"), text)
    head = dict(re.findall(r"^(demands|runbook): *(.+)$", outside, re.MULTILINE))
    body_of = dict(reversed(fences))
    runbooks = [(f"{path.stem}.md", body.encode()) for language, body in fences if language == "markdown"]
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
        runbooks=(*runbooks, *shared),
        missing=missing,
        settings=body_of.get("toml", ""),
        rows=rows,
        tools=tuple(
            Tool(cells[0].strip("`"), _unquote(cells[1]), int(cells[2])) for cells, _ in tables.get("tool", ())
        ),
        env=dict(re.findall(r"^([A-Z_]+)=(.*)$", body_of.get("env", ""), re.MULTILINE)),
    )


def _shared(name: str) -> tuple[list[tuple[str, bytes]], str]:
    if not name:
        return [], ""
    found = sorted(SHARED.glob(f"seeds/{name}*")) if SHARED.is_dir() else []
    if not found:
        return [], f"the seed {name} is not here ({SHARED} is absent)"
    return [(found[0].name, found[0].read_bytes())], ""


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
    then = tuple(part.strip() for part in re.split(r";(?=(?:[^`]*`[^`]*`)*[^`]*$)", cells[2]) if part.strip())
    return Row(timedelta(hours=hours, minutes=minutes, seconds=seconds), cells[1], then, line)


def _unquote(cell: str) -> str:
    return cell.strip("`").replace("\\n", "\n")
