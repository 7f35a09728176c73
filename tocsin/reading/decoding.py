"""Bytes → text: byte order marks, UTF-16, UTF-8, Windows-1252, double-encoded UTF-8. Line numbers never move."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tocsin.core.runbook import Problem, Repair
from tocsin.errors import Invalid, TooLarge

LARGEST = 1024 * 1024
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The text with ``\\n`` line ends, what was mended in it, and what could not be read as it stands."""

    text: str
    repairs: tuple[Repair, ...] = ()
    problems: tuple[Problem, ...] = ()


def decode(data: bytes) -> Decoded:
    """The file's text; raises `Invalid` for more than 1 MiB, for binary content and for an empty file."""
    if len(data) > LARGEST:
        raise TooLarge(
            f"The file has {len(data):,} bytes; a runbook of at most {LARGEST:,} bytes is read.", "Split it."
        )
    text, note = _characters(data)
    if not text.strip("\ufeff \t\r\n\f\v\0"):
        raise Invalid("The file is empty.", "Write the runbook first.")
    if "\0" in text or len(_CONTROLS.findall(text)) * 5 > len(text):
        raise Invalid("The file is binary, not text.", "Give the runbook's Markdown file.")
    lines = _plain_line_ends(text).split("\n")
    problems = (
        (Problem(line=1, code="encoding", level="note", message=note, hint="Save the file as UTF-8."),) if note else ()
    )
    mended, repairs = _mend(lines)
    return Decoded(text="\n".join(mended), repairs=repairs, problems=problems)


def _characters(data: bytes) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return data.decode("utf-32", "replace"), ""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), ""
    wide = _wide(data)
    if wide:
        return data.decode(wide, "replace"), "The file is UTF-16 without a byte order mark."
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return _western(data), "The file is not UTF-8; it was read as Windows-1252."


def _wide(data: bytes) -> str:
    """UTF-16 without a mark betrays itself: every other byte of Western text is zero."""
    sample = data[:4096]
    half = len(sample) // 2
    if half < 2 or b"\0" not in sample:
        return ""
    if sample[1::2].count(0) > 0.4 * half and sample[0::2].count(0) == 0:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.4 * half and sample[1::2].count(0) == 0:
        return "utf-16-be"
    return ""


def _western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _plain_line_ends(text: str) -> str:
    """A lone carriage return ends a line only in files that have no other line end, as editors count."""
    if "\r" not in text:
        return text
    if "\n" not in text:
        return text.replace("\r", "\n")
    return re.sub(r"\r+\n", "\n", text).replace("\r", " ")


def _mend(lines: list[str]) -> tuple[list[str], tuple[Repair, ...]]:
    repairs: list[Repair] = []
    if all(line.isascii() for line in lines):
        return lines, ()
    import ftfy  # only where there is something to look at: it takes longer to load than most files to read

    only_double = ftfy.TextFixerConfig(restore_byte_a0=True, replace_lossy_sequences=False, fix_c1_controls=False)
    for index, line in enumerate(lines):
        if line.isascii():
            continue
        mended = ftfy.fix_encoding(line, only_double)
        if mended != line and "\n" not in mended and "\0" not in mended:
            before, after = _difference(line, mended)
            repairs.append(Repair(line=index + 1, what="double-encoded UTF-8", before=before, after=after))
            lines[index] = mended
    return lines, tuple(repairs)


def _difference(before: str, after: str) -> tuple[str, str]:
    """The two texts without what they begin and end with alike."""
    start, shortest = 0, min(len(before), len(after))
    while start < shortest and before[start] == after[start]:
        start += 1
    end = 0
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]
