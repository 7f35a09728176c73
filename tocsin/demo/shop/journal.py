"""The shop's log: one JSON object a line on standard output, which the demo keeps in a file."""

from __future__ import annotations

import json
import sys
import threading
from typing import Literal

from tocsin.times import SystemClock

_lock = threading.Lock()
_clock = SystemClock()


def log(level: Literal["INFO", "WARN", "ERROR"], message: str, **more: object) -> None:
    """Write one line. A pipe that nobody reads any more is no reason to fall over."""
    entry = {"at": _clock.now().isoformat(timespec="milliseconds"), "level": level, "message": message, **more}
    with _lock:
        try:
            sys.stdout.write(json.dumps(entry, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        except OSError:
            return
