"""A place where only people can start commands."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import ClassVar

from tocsin.core.run import Outcome
from tocsin.errors import Unrunnable
from tocsin.plug.kinds import Emit, Example, Job

EXAMPLES = (Example(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """Starts nothing: the command is shown, filled in, for a person to run there, who then ticks the step off.

    For a network that Tocsin can't or mustn't reach. What was printed is pasted back as the step's result.
    """

    takes: ClassVar[frozenset[str]] = frozenset()

    def run(self, job: Job, emit: Emit, cancel: threading.Event) -> Outcome:
        """Never starts anything; raises `Unrunnable`."""
        del job, emit, cancel
        raise Unrunnable("On this target people start the commands.", "Run it there, then tick the step off.")
