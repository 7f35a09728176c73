"""The table of action items in a post-mortem: written, brought up to date, and read back from what people wrote.

It is any table whose heading row names an action; an owner, a day and a status are columns where it has them. Rows and
items belong together by the words of the action.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tocsin.core.learningstate import ActionState
from tocsin.core.oncall import Directory
from tocsin.ids import slug

HEAD = ("Action", "Owner", "Due", "Status", "From")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("action", "action item", "task", "what", "item", "follow up", "aktion", "maßnahme", "acción", "ação"),
    "owner": ("owner", "who", "assignee", "responsible", "assigned to", "verantwortlich", "responsable"),
    "due": ("due", "due date", "deadline", "by when", "target date", "fällig", "until", "when"),
    "status": ("status", "state", "done", "progress"),
    "from": ("from", "source", "line", "why", "origin"),
    "issue": ("issue", "ticket", "link", "tracking", "tracker"),
}
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_CELLS = re.compile(r"(?<!\\)\|")
_GAP = re.compile(r"^\W*(?:\[[^\]]*\]|@name|yyyy-mm-dd|tbd|todo|…|\.\.\.|_none was proposed_)?\W*$", re.IGNORECASE)
_DONE = frozenset(("done", "closed", "complete", "completed", "fixed", "yes", "x", "✓", "✅", "erledigt", "hecho"))
_DROPPED = frozenset(("dropped", "wont-do", "won-t-do", "cancelled", "canceled", "rejected"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table as a person wrote it; ``due`` None: no day that can be read."""

    text: str
    owner: str = ""
    due: date | None = None
    done: bool = False
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    """Where it stands: its heading row, the first row behind the rule, the line behind the last; and its columns."""

    head: int
    first: int
    end: int
    columns: tuple[str, ...]


def rows_of(text: str) -> list[Row] | None:
    """What people wrote in the table; None where the text has none."""
    lines = text.splitlines()
    table = _find(lines)
    if table is None:
        return None
    found = []
    for line in lines[table.first : table.end]:
        cells = dict(zip(table.columns, _cells(line), strict=False))
        words = _plain(cells.get("text", ""))
        if words and not _GAP.match(cells.get("text", "")):
            status = slug(cells.get("status", "").partition(",")[0])
            found.append(
                Row(
                    text=words, owner=_owner(cells.get("owner", "")), due=_day(cells.get("due", "")),
                    done=status in _DONE, dropped=status in _DROPPED,
                )
            )  # fmt: skip
    return found


def refreshed(text: str, actions: Mapping[str, ActionState], directory: Directory) -> str:
    """The text with its table as the action items are now; without a table of actions it stays as it is.

    Rows that belong to no item are kept, further columns too; items that have no row are added at the end.
    """
    lines = text.splitlines()
    table = _find(lines)
    if table is None:
        return text
    by_words = {slug(item.text): item for item in actions.values()}
    written, seen = [], set()
    for line in lines[table.first : table.end]:
        cells = dict(zip(table.columns, _cells(line), strict=False))
        name = slug(_plain(cells.get("text", "")))
        if name in by_words:
            seen.add(name)
            written.append(_row(table.columns, by_words[name], directory, cells))
        elif not _GAP.match(cells.get("text", "")) or not actions:
            written.append(line)
    written += [_row(table.columns, item, directory, {}) for name, item in by_words.items() if name not in seen]
    after = [*lines[: table.first], *written, *lines[table.end :]]
    return "\n".join(after) + ("\n" if text.endswith("\n") else "")


def table_of(actions: Mapping[str, ActionState], directory: Directory) -> str:
    """A table of its own."""
    columns = ("text", "owner", "due", "status", "from")
    head = f"| {' | '.join(HEAD)} |\n|---|---|---|---|---|\n"
    rows = [_row(columns, item, directory, {}) for item in actions.values()]
    return head + ("\n".join(rows) if rows else "| _none was proposed_ | | | | |")


def say_day(item: ActionState) -> str:
    """The day of an item as it stands in the table."""
    return item.due_at.strftime("%Y-%m-%d") if item.due_at else ""


def _find(lines: Sequence[str]) -> _Table | None:
    for at in range(1, len(lines)):
        if "|" not in lines[at - 1] or not _RULE.match(lines[at]):
            continue
        columns = tuple(_column(cell) for cell in _cells(lines[at - 1]))
        if "text" not in columns or not {"owner", "status", "due"} & set(columns):
            continue
        end = at + 1
        while end < len(lines) and "|" in lines[end]:
            end += 1
        return _Table(at - 1, at + 1, end, columns)
    return None


def _column(cell: str) -> str:
    name = slug(cell).replace("-", " ")
    return next((kind for kind, names in _COLUMNS.items() if name in names), name)


def _cells(line: str) -> list[str]:
    inner = line.strip()
    inner = inner.removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip() for cell in _CELLS.split(inner)]


def _row(columns: Sequence[str], item: ActionState, directory: Directory, before: Mapping[str, str]) -> str:
    issue = f"[{escape(item.key)}]({item.url})" if item.url.startswith("https://") else escape(item.key)
    given = {
        "text": before.get("text") or escape(item.text),
        "owner": escape(directory.name_of(item.owner)) if item.owner else "nobody yet",
        "due": say_day(item),
        "status": item.state,
        "from": f"line {item.line}" if item.line else before.get("from", "") or escape(item.evidence),
        "issue": issue or before.get("issue", ""),
    }
    if "issue" not in columns and issue:
        given["status"] = f"{item.state}, {issue}"
    return f"| {' | '.join(given.get(column, before.get(column, '')) for column in columns)} |"


def _owner(cell: str) -> str:
    words = _plain(cell).removeprefix("@")
    return "" if _GAP.match(cell) or words in ("nobody yet", "nobody", "name", "?") else words


def _day(cell: str) -> date | None:
    found = re.search(r"\d{4}-\d{2}-\d{2}", cell)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None


def _plain(cell: str) -> str:
    """A cell's words without what Markdown escapes and marks."""
    unmarked = re.sub(r"(?<!\\)[*_`]+", "", cell)
    return " ".join(re.sub(r"\\([\\`*_\[\]<>|#&])", r"\1", unmarked).split())


def escape(text: str) -> str:
    """Hostile text as inert Markdown on one line: nothing in it is markup, a link or HTML."""
    flat = " ".join(text.split())
    for sign in "\\`*_[]<>|#&":
        flat = flat.replace(sign, f"\\{sign}")
    return flat


def statuses(rows: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    """Each row by the name under which it is found among the items."""
    for row in rows:
        yield slug(row.text), row
