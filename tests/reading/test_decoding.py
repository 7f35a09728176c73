"""Bytes become text, whatever wrote them, and no line ever moves."""

from __future__ import annotations

import pytest

from tocsin.errors import Invalid, TooLarge
from tocsin.reading.decoding import LARGEST, decode

_TEXT = "# Störung\n\nErste Zeile → zweite\n"


@pytest.mark.parametrize(
    "data",
    [
        _TEXT.encode(),
        _TEXT.encode("utf-8-sig"),
        _TEXT.encode("utf-16"),
        b"\xfe\xff" + _TEXT.encode("utf-16-be"),
        _TEXT.encode("utf-16-le"),
        _TEXT.encode("utf-32"),
        _TEXT.replace("\n", "\r\n").encode(),
        _TEXT.replace("\n", "\r").encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be", "utf-16-unmarked", "utf-32", "crlf", "old-mac"],
)
def test_every_usual_encoding_gives_the_same_text(data: bytes) -> None:
    """Marks, widths and line ends leave no trace in the text."""
    assert decode(data).text == _TEXT


def test_windows_text_is_read_and_reported() -> None:
    """Bytes that are not UTF-8 are Windows-1252, and the reader says so."""
    decoded = decode("Café – zu\n".encode("cp1252"))
    assert decoded.text == "Café – zu\n"
    assert [problem.code for problem in decoded.problems] == ["encoding"]


def test_double_encoding_is_mended_line_by_line_and_shown() -> None:
    """Only the damaged passage changes; the repair names its line, what stood there and what is shown."""
    damaged = "up → down".encode().decode("cp1252")
    decoded = decode(f"fine – line\n{damaged}\nnaïve\n".encode())
    assert decoded.text == "fine – line\nup → down\nnaïve\n"
    (repair,) = decoded.repairs
    assert (repair.line, repair.after) == (2, "→")
    assert repair.before in damaged


def test_what_is_only_suspicious_is_mended_beside_what_is_certain() -> None:
    """Mac Roman turns "ä" into "√§", which might be meant; in a document with other such damage it is not."""
    damaged = "Öl – Fähre\nFähre\n".encode().decode("mac_roman")
    decoded = decode(damaged.encode())
    assert decoded.text == "Öl – Fähre\nFähre\n"
    assert [repair.line for repair in decoded.repairs] == [1, 2]
    assert decode("2 √§ 3\n".encode()).repairs == ()


@pytest.mark.parametrize("text", ["naïve façade\n", "数据库 → 重启\n", "Ärger über Öl\n", "“quoted” – dash…\n"])
def test_healthy_text_is_never_repaired(text: str) -> None:
    """What is right stays as it is."""
    decoded = decode(text.encode())
    assert decoded.text == text
    assert decoded.repairs == ()


@pytest.mark.parametrize("data", [b"", b"  \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused_with_a_sentence(data: bytes) -> None:
    """Nothing to read is the user's fault to mend."""
    with pytest.raises(Invalid, match=r"The file is empty\."):
        decode(data)


@pytest.mark.parametrize(
    "data", [b"\x7fELF\x00\x01\x02\x00\x00ab", b"\x01\x02\x03\x04\x05abc", b"PK\x03\x04\x00\x00\x08"]
)
def test_a_binary_file_is_refused(data: bytes) -> None:
    """NUL bytes or mostly control characters are no Markdown."""
    with pytest.raises(Invalid, match="binary"):
        decode(data)


def test_more_than_a_mebibyte_is_refused() -> None:
    """The limit is a number in the message."""
    with pytest.raises(TooLarge, match="1,048,577 bytes"):
        decode(b"a" * (LARGEST + 1))
