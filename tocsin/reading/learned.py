"""What a runbook learned, put into its bytes: lines are added, and nothing of what is there is read otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import unified_diff

from tocsin.core.lessons import Lesson, lessons, told
from tocsin.core.observations import Observation
from tocsin.core.runbook import Runbook
from tocsin.errors import Invalid
from tocsin.reading.editing import mark_reviewed
from tocsin.reading.original import Original, Span, Splice
from tocsin.reading.runbook import read
from tocsin.reading.shellwords import executable, inline_command

_ANYWHERE = str.maketrans({"“": '"', "”": '"', "‹": "(", "›": ")", "…": "...", "–": "-", "’": "'"})
"""What stands for our own signs in an encoding that lacks them."""


def proposed(raw: bytes, source: str, seen: Sequence[Observation], today: str) -> tuple[bytes, tuple[Lesson, ...]]:
    """The file with what incidents ask for, and each change. A change that would alter what is read is left out.

    Where anything was learned and the document says when it was last reviewed, that day is ``today`` (2026-01-31).
    """
    book, original = read(raw, source), Original(raw)
    there = {told(line) for line in original.text.splitlines()}
    wanted = tuple(
        fitting for each in lessons(book, original.text, seen, _commands(book, original))
        if told((fitting := replace(each, text=_writable(original, each.text))).text) not in there
    )  # fmt: skip
    after = applied(raw, wanted)
    if not _as_before(book, read(after, source), wanted):
        wanted = tuple(each for each in wanted if _as_before(book, read(applied(raw, [each]), source), [each]))
        after = applied(raw, wanted)
    if not wanted:
        return raw, ()
    try:
        reviewed = mark_reviewed(after, today)
    except Invalid:  # it does not say when it was reviewed
        return after, wanted
    line = _changed(original, Original(mark_reviewed(raw, today)))
    asked = ", ".join(dict.fromkeys(ref for each in seen for ref in each.incidents))
    dated = Lesson(after=line, text="", why=f"it is reviewed on {today}, with these changes", evidence=asked)
    return reviewed, (*wanted, dated)


def _changed(before: Original, after: Original) -> int:
    """The first line in which two texts of as many lines differ."""
    return next((line for line in range(1, before.count + 1) if before.line(line) != after.line(line)), 0)


def applied(raw: bytes, learned: Sequence[Lesson]) -> bytes:
    """The file with these lines added, in its own encoding and with its own line ends."""
    original = Original(raw)
    splices = []
    for line in sorted({each.after for each in learned if each.text}):
        notes = [each.text for each in learned if each.after == line and each.text]
        end = len(original.line(line))
        added = [each for note in notes for each in note.split("\n")]
        text = "".join(f"{original.end_of(line)}{each}" for each in added)
        splices.append(Splice(span=Span(line=line, start=end, end=end), text=text))
    return original.splice(splices)


def as_patch(name: str, before: bytes, after: bytes, learned: Sequence[Lesson]) -> bytes:
    """A unified diff that `git apply` takes, in the file's own bytes; the reason of each change stands above it.

    git passes over those. Empty where nothing changes.
    """
    if before == after:
        return b""
    body = _diff(name, before, after).encode("latin-1")
    remarks = (f"# line {each.after}: {each.why} ({each.evidence})\n" for each in learned)
    return "".join(remarks).encode("utf-8", "replace") + body


def as_diff(name: str, before: bytes, after: bytes, learned: Sequence[Lesson]) -> str:
    """The same for eyes: as text, whatever the file's encoding is."""
    codec = Original(before).encoding.codec
    old, new = (Original(raw).text.encode("utf-8") for raw in (before, after)) if codec != "utf-8" else (before, after)
    return as_patch(name, old, new, learned).decode("utf-8", "replace")


def _diff(name: str, before: bytes, after: bytes) -> str:
    """Byte for letter, so that whatever stands in a line stays as it is; only what git takes for a line end is one."""
    old, new = ([f"{line}\n" for line in raw.decode("latin-1").split("\n")] for raw in (before, after))
    for lines in (old, new):
        last = lines.pop().removesuffix("\n")
        lines.extend([last] if last else [])
    shown = name.encode("utf-8").decode("latin-1")
    told = unified_diff(old, new, f"a/{shown}", f"b/{shown}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in told)


def _writable(original: Original, text: str) -> str:
    """The same in the file's own encoding: signs that it lacks are others there, or question marks."""
    codec = original.encoding.codec
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return text.translate(_ANYWHERE).encode(codec, "replace").decode(codec)
    return text


def _commands(book: Runbook, original: Original) -> Callable[[str], bool]:
    """Whether words are a command: known everywhere, or of a program that this document runs too.

    One that can't be written in the file's encoding letter for letter is none there.
    """
    programs = frozenset(executable(step.command) for step in book.steps() if step.command) - {""}
    return lambda text: inline_command(text, programs) and _writable(original, text) == text


def _as_before(before: Runbook, after: Runbook, learned: Sequence[Lesson]) -> bool:
    """Whether all that was read is read as it was, but for the commands that were added."""
    added = frozenset(each.command for each in learned if each.command)
    return _shape(before, added) == _shape(after, added)


def _shape(book: Runbook, added: frozenset[str]) -> tuple[object, ...]:
    """What must stay as it is read: steps and commands, rules, scenarios, escalations."""
    known = ((step.id, step.command) for step in book.steps() if step.command not in added)
    moved = (book.rules, book.escalations, book.contacts, book.severities)
    return (
        tuple(known), tuple((part.title, part.severity, part.alerts) for part in book.scenarios),
        *(tuple(repr(replace(each, line=0)) for each in part) for part in moved),
    )  # fmt: skip
