"""Whether Python looks for unreachable cycles, which reading a document doesn't make.

Looking for them costs a large document up to a fifth of its time. A command ends before they matter; what stays must
not grow.
"""

from __future__ import annotations

import gc

NEW_OBJECTS = 20_000  # before the youngest are looked through


def for_a_command() -> None:
    """A process that ends soon."""
    gc.disable()


def for_long() -> None:
    """A process that stays; what it has made so far stays with it and is looked at no more."""
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 20, 50)
    gc.enable()
