"""SIGINT, SIGTERM and SIGHUP end the demo by an exception, though never where that would leave something behind."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from tocsin.errors import Refused

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(BaseException):
    """SIGINT, SIGTERM or SIGHUP: put everything away and go."""


@contextlib.contextmanager
def as_exceptions() -> Iterator[None]:
    """The first of the signals raises `Ended` in the main thread; later ones don't disturb the way out."""
    if not _in_main_thread():
        raise Refused("The demo runs in a program's main thread only.")

    def end(number: int, frame: FrameType | None) -> NoReturn:
        del frame
        ignore()
        raise Ended(number)

    before = {each: signal.signal(each, end) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Signals that arrive meanwhile take effect at the end of the block; in other threads they never interrupt.

    Handlers are exchanged rather than signals blocked: a process that is started in here inherits a blocked signal.
    """
    if not _in_main_thread():
        yield
        return
    arrived: list[int] = []
    before = {each: signal.signal(each, lambda number, _: arrived.append(number)) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        for number in arrived[:1]:
            signal.raise_signal(number)


def ignore() -> None:
    """From now on the signals do nothing. Processes that are started later do not inherit that, as with SIG_IGN."""
    for each in _SIGNALS:
        signal.signal(each, _nothing)


def _nothing(number: int, frame: FrameType | None) -> None:
    del number, frame


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
