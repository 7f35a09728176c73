"""Prints notices on the terminal."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from datetime import timedelta

from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.plug.kinds import Address, Example, Receipt
from tocsin.times import SystemClock, say_time

EXAMPLES = (Example(),)

_LONGEST = 500
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Prints each notice as one line on standard error: time, receiver, subject.

    Meant for trying out and for drills; nobody is woken by it.
    """

    def send(self, notice: Notice, to: Address, timeout: timedelta) -> Receipt:  # noqa: ARG002  a terminal does not wait
        """Print it; raises `Undelivered` when standard error is closed."""
        drill = "[drill] " if notice.drill else ""
        line = f"{say_time(SystemClock().now())}  {to.name}: {drill}{notice.subject}"
        try:
            sys.stderr.write(_UNPRINTABLE.sub(" ", line)[:_LONGEST] + "\n")
            sys.stderr.flush()
        except (OSError, ValueError) as error:
            raise Undelivered(f"Nothing can be printed on standard error: {error}.", permanent=True) from None
        return Receipt(reference="stderr")
