"""How often Python looks for unreachable cycles, which reading a document doesn't make.

Python's 700 new objects cost a large document a fifth of its time. A command ends before a million of them matters; a
server must not grow.
"""

from __future__ import annotations

import gc

COMMAND, SERVER = 1_000_000, 20_000  # new objects before the youngest are looked through


def for_a_command() -> None:
    """A process that ends soon."""
    gc.set_threshold(COMMAND, 20, 50)


def for_a_server() -> None:
    """A process that stays; what it has made so far stays with it and is looked at no more."""
    gc.freeze()
    gc.set_threshold(SERVER, 20, 50)
