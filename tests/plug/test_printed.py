"""What a program prints becomes plain text, and stays within its limit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.plug.printed import LIVE_BYTES, Plain, Printout


def plain(data: bytes) -> bytes:
    return Plain().feed(data, final=True)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07text", "text"),
        (b"\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"a\x1b(Bb\x1b7c", "abc"),
        (b"10%\r20%\r\ndone\n", "10%\n20%\ndone\n"),
        (b"a\0b\x08c\x7fd\te", "abcd\te"),
        (b"\xff\xfeok", "\ufffd\ufffdok"),
        ("\u202eevil\u202c ü€".encode(), "evil ü€"),
        ("a\u0085b\u009bc".encode(), "abc"),
        (b"cut \x1b[3", "cut [3"),
    ],
)
def test_becomes_plain(raw: bytes, expected: str) -> None:
    """Escapes, controls, broken UTF-8 and marks that turn text around do not reach anybody's terminal or page."""
    assert plain(raw).decode() == expected


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([b"\x1b[31m", b"\x1b", b"[", b"m", b"\r", b"\n", "ü".encode(), b"\xc3", b"x", b"\0"])))
def test_cutting_changes_nothing(parts: list[bytes]) -> None:
    """Byte by byte gives the same as all at once, and is always valid UTF-8 without escapes."""
    stream, data = Plain(), b"".join(parts)
    out = b"".join(stream.feed(data[at : at + 1]) for at in range(len(data))) + stream.feed(b"", final=True)
    assert out == plain(data)
    assert not set(out.decode()) & {"\x1b", "\0", "\r"}


def test_short_output_is_kept_whole() -> None:
    """Up to the limit nothing is left out."""
    printout = Printout(lambda piece: None, (), 10)
    printout.feed(b"0123456789")
    assert (printout.finish(), printout.size) == ("0123456789", 10)


@settings(max_examples=200, deadline=None)
@given(st.text("aü€\n", max_size=300), st.integers(2, 60), st.integers(1, 50))
def test_the_count_is_exact(text: str, keep: int, step: int) -> None:
    """What is kept and what is counted as left out make the whole; no character is cut in two."""
    data = text.encode()
    printout = Printout(lambda piece: None, (), keep)
    for at in range(0, len(data), step):
        printout.feed(data[at : at + step])
    kept = printout.finish()
    assert printout.size == len(data)
    if "… " not in kept:
        assert kept == text
        return
    head, _, rest = kept.partition("\n… ")
    number, _, tail = rest.partition(" bytes left out …\n")
    assert len(head.encode()) + int(number.replace(",", "")) + len(tail.encode()) == len(data)
    assert text.startswith(head)
    assert text.endswith(tail)


def test_a_flood_is_passed_on_as_a_sample() -> None:
    """Between two emits a bounded part is passed on, with the exact number of bytes that are not."""
    pieces: list[bytes] = []
    printout = Printout(pieces.append, (), 1000)
    printout.feed("ü\n".encode() * 100_000)
    printout.pass_on()
    printout.pass_on()
    assert len(pieces) == 1
    shown = pieces[0].decode()
    assert len(pieces[0]) < LIVE_BYTES + 100
    assert f"{300_000 - shown.count('ü') * 2 - shown.count(chr(10)) + 2:,}" in shown
