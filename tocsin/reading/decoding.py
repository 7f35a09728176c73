"""Bytes → text: byte order marks, UTF-16, UTF-8, Windows-1252, double-encoded UTF-8. Line numbers never move."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

from tocsin.core.runbook import Problem, Repair
from tocsin.errors import Invalid, TooLarge

LARGEST = 1024 * 1024
_MARKS = (  # the long ones first: the mark of UTF-32 begins like that of UTF-16
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Doubly encoded, a character is two or more of the 128 upper ones of some eight-bit code; a no-break space may have
# become a space. The sign alone ("→", an emoji, a word of Chinese) is none.
_MAYBE_DOUBLE = re.compile("[\x80-\u25ff\uf8ff\ufb01\ufb02]{2}|[\u00c0-\u00ff\u221a] ")
_TAKEN_FOR = ("cp1252", "mac_roman")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a file's characters are written: a codec of Python's, and how many bytes its byte order mark takes."""

    codec: str
    mark: int = 0
    note: str = ""


def encoding_of(data: bytes) -> Encoding:
    """The encoding that fits the bytes; anything that is not Unicode is taken for Windows-1252 or Latin-1."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return Encoding(codec=codec, mark=len(mark))
    if data.startswith(codecs.BOM_UTF8):
        return replace(encoding_of(data[3:]), mark=3)
    wide = _wide(data)
    if wide:
        return Encoding(codec=wide, note="The file is UTF-16 without a byte order mark.")
    note = "The file is not UTF-8; it was read as Windows-1252."
    for codec in ("utf-8", "cp1252"):
        try:
            data.decode(codec)
        except UnicodeDecodeError:
            continue
        return Encoding(codec=codec, note="" if codec == "utf-8" else note)
    return Encoding(codec="latin-1", note=note)


def _characters(data: bytes) -> tuple[str, str]:
    found = encoding_of(data)
    return data[found.mark :].decode(found.codec, "replace"), found.note


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


def _plain_line_ends(text: str) -> str:
    """A lone carriage return ends a line only in files that have no other line end, as editors count."""
    if "\r" not in text:
        return text
    if "\n" not in text:
        return text.replace("\r", "\n")
    return re.sub(r"\r+\n", "\n", text).replace("\r", " ")


def _mend(lines: list[str]) -> tuple[list[str], tuple[Repair, ...]]:
    repairs: list[Repair] = []
    suspects = [index for index, line in enumerate(lines) if not line.isascii() and _MAYBE_DOUBLE.search(line)]
    if not suspects:
        return lines, ()
    import ftfy  # only where there is something to look at: it takes longer to load than most files to read

    codecs_seen: set[str] = set()
    only_double = ftfy.TextFixerConfig(restore_byte_a0=True, replace_lossy_sequences=False, fix_c1_controls=False)
    for index in suspects:
        line = lines[index]
        mended = ftfy.fix_encoding(line, only_double)
        if mended != line and "\n" not in mended and "\0" not in mended:
            before, after = _difference(line, mended)
            repairs.append(Repair(line=index + 1, what="double-encoded UTF-8", before=before, after=after))
            lines[index] = mended
            codecs_seen |= {codec for codec in _TAKEN_FOR if _undone(line, codec) == mended}
    done = {repair.line for repair in repairs}
    for index in suspects if codecs_seen else ():
        if index + 1 in done:
            continue
        mended = next((text for codec in sorted(codecs_seen) if (text := _undone(lines[index], codec))), "")
        if mended and "\n" not in mended and "\0" not in mended:
            before, after = _difference(lines[index], mended)
            repairs.append(Repair(line=index + 1, what="double-encoded UTF-8", before=before, after=after))
            lines[index] = mended
    return lines, tuple(sorted(repairs, key=lambda repair: repair.line))


def _undone(line: str, codec: str) -> str:
    """The line as it was before its UTF-8 was taken for ``codec``; empty where it was not.

    Alone this would be too bold ("√§" might be meant); beside lines that were certainly written so it is not.
    """
    try:
        mended = line.encode(codec).decode("utf-8")
    except UnicodeError:
        return ""
    return mended if mended != line else ""


def _difference(before: str, after: str) -> tuple[str, str]:
    """The two texts without what they begin and end with alike."""
    start, shortest = 0, min(len(before), len(after))
    while start < shortest and before[start] == after[start]:
        start += 1
    end = 0
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]
