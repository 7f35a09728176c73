"""What masking costs: a gigabyte of log lines through `Mask`, against copying the same pieces in the same run.

Three kinds of output: ordinary lines, lines of which one in a hundred holds a credential, and base64 without end.
Memory is what the process grows by while the gigabyte passes.
"""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Iterator
from typing import Any

import psutil

from tocsin.plug.masking import Mask

SIZE = 1_000_000_000
PIECE = 64 * 1024
LIMITS = {"ordinary_mb_s": 150.0, "grown_mb": 16.0}
SECRETS = tuple(f"declared-{word}-{number}" for number in range(8) for word in ("north", "south"))
_LINE = "2026-11-21T02:00:14Z api[7] INFO request={request:08x} method=GET path=/{item} status=200 ms=31 user=u-7\n"


def run() -> dict[str, Any]:
    """Measure each kind; ``kept`` says whether the limits were."""
    ordinary = _pieces(_lines(0))
    found: dict[str, Any] = {"limits": LIMITS, "secrets": len(SECRETS)}
    found["copy_mb_s"] = _speed(ordinary, None)[0]
    found["ordinary_mb_s"], found["grown_mb"] = _speed(ordinary, Mask(SECRETS))
    found["one_in_a_hundred_mb_s"] = _speed(_pieces(_lines(100)), Mask(SECRETS), SIZE // 5)[0]
    found["base64_mb_s"] = _speed(_pieces(_base64()), Mask(SECRETS), SIZE // 5)[0]
    found["kept"] = found["ordinary_mb_s"] >= LIMITS["ordinary_mb_s"] and found["grown_mb"] <= LIMITS["grown_mb"]
    return found


def _speed(pieces: list[bytes], mask: Mask | None, size: int = SIZE) -> tuple[float, float]:
    """Megabytes in a second, and by how many megabytes the process grew."""
    _pass(pieces, mask, 20 * PIECE)
    before = psutil.Process().memory_info().rss
    started = time.perf_counter()
    passed = _pass(pieces, mask, size)
    took = time.perf_counter() - started
    grown = max(psutil.Process().memory_info().rss - before, 0)
    return round(passed / took / 1e6, 1), round(grown / 1e6, 1)


def _pass(pieces: list[bytes], mask: Mask | None, size: int) -> int:
    passed = given = 0
    while passed < size:
        for piece in pieces:
            out = mask.feed(piece) if mask else bytes(bytearray(piece))
            passed += len(piece)
            given += len(out)
    return passed


def _pieces(lines: Iterator[bytes]) -> list[bytes]:
    """Some pieces, cut anywhere, as they come out of a pipe."""
    text = b"".join(line for line, _ in zip(lines, range(20_000), strict=False))
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]


def _lines(every: int) -> Iterator[bytes]:
    chance = random.Random(7)
    number = 0
    while True:
        number += 1
        line = _LINE.format(request=chance.getrandbits(32), item=number)
        yield (line[:-1] + " token=abcdef0123456789\n" if every and number % every == 0 else line).encode()


def _base64() -> Iterator[bytes]:
    chance = random.Random(7)
    while True:
        yield base64.b64encode(chance.randbytes(48)) + b"\n"
