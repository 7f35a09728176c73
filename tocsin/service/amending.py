"""What is new, added to a ``tocsin.toml`` that people have edited: lines are added, and nothing else happens to it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Comment, Table, Whitespace

from tocsin.errors import Invalid
from tocsin.service.binding import Proposal, Written
from tocsin.service.drafting import Draft
from tocsin.service.tomltext import behind, plain
from tocsin.settings import Outline, outline


def amended(text: str, there: Written, proposal: Proposal, sources: Sequence[str], path: Path) -> str:
    """The text with what is new in it; the same text where nothing is. Raises `Invalid` where that can't be done."""
    if not proposal.needs:
        return text
    windows = "\r\n" in text and text.count("\r\n") == text.count("\n")
    unix = text.replace("\r\n", "\n") if windows else text
    new = _with_lines(unix if unix.endswith("\n") or not unix else f"{unix}\n", there, proposal, sources)
    new = new.replace("\n", "\r\n") if windows else new
    _only_added(text, new, there.outline, outline(new.encode(), path), path)
    return new


def _with_lines(text: str, there: Written, proposal: Proposal, sources: Sequence[str]) -> str:
    """Lines of a table that is there go to its end; everything else to the end of the file."""
    draft, document, present = Draft(proposal=proposal, many=len(sources) > 1), _document(text), tomllib.loads(text)
    mark = f"new in {' and '.join(plain(name) for name in sources)}"
    without_env = not there.outline.env and "env" not in there.keys("target", str)
    tables = {
        "roles": draft.roles() + draft.contacts(),
        "channels": draft.channels(),
        "placeholders": draft.placeholders(),
        "target": draft.variables(first=without_env and "env" not in present.get("target", {})),
    }
    rest = [*draft.people(), *draft.signals()]
    for name, lines in tables.items():
        if not lines or _extended(document, name, f"# {mark}:\n{lines}"):
            continue
        rest.append(_all_behind(f"[{name}]\n{lines}") if name in present else f"[{name}]\n{lines}")
    end = f"\n# --- {mark[0].upper()}{mark[1:]} ---\n\n" + "\n".join(rest) if rest else ""
    return (text if document is None else tomlkit.dumps(document)) + end


def _document(text: str) -> tomlkit.TOMLDocument | None:
    """The file as a tree that keeps every character; None where it doesn't."""
    try:
        document = tomlkit.parse(text)
        return document if tomlkit.dumps(document) == text else None
    except (TOMLKitError, RecursionError, ValueError):
        return None


def _extended(document: tomlkit.TOMLDocument | None, name: str, lines: str) -> bool:
    """Add lines where a table's own lines end; False where there is no table with a header of its own.

    Comments behind the last key belong to the table as long as no empty line stands between.
    """
    table = document.get(name) if document is not None else None
    if not isinstance(table, Table) or table.is_super_table():
        return False
    body = table.value.body
    end = max((at for at, (key, _) in enumerate(body) if key is not None), default=-1) + 1
    while end < len(body) and isinstance(body[end][1], Comment):
        end += 1
    behind_it = body[end:]
    del body[end:]
    for key, item in tomlkit.parse(lines).body:
        if key is not None:
            table.append(key, item)
        elif isinstance(item, Comment | Whitespace):
            table.add(item)
    body.extend(behind_it)
    return True


def _all_behind(text: str) -> str:
    return "".join(line if line.startswith("#") else behind(line) for line in text.splitlines(keepends=True))


def _only_added(before: str, after: str, was: Outline, now: Outline, path: Path) -> None:
    """Every line stands where it stood, between new ones, and every answer means what it meant."""
    remaining = iter(after.splitlines())
    kept = all(any(line == other for other in remaining) for line in before.splitlines())
    people, roles = was.directory.people.items(), was.directory.roles.items()
    alike = (was.notifiers, was.signals, was.placeholders, was.env, was.directory.channels) == (
        now.notifiers, now.signals, now.placeholders, now.env, now.directory.channels,
    )  # fmt: skip
    if not (kept and alike and people <= now.directory.people.items() and roles <= now.directory.roles.items()):
        hint = "Let `tocsin init --config other.toml` write a new one, and take over what you need."
        raise Invalid(f"{path} is written in a way that can't be added to safely.", hint)
