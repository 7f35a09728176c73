"""A node that is killed at a named point of a run's life; what it carries out was ordered by somebody else before.

The product knows nothing of this: the functions around the point are replaced here, in this process only.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tocsin.app import App
from tocsin.engine import Engine, runner
from tocsin.service import act
from tocsin.service.opening import open_app
from tocsin.store import runs

POINTS = (
    "before the intent is committed",
    "after the intent is committed",
    "while the command runs",
    "after the command has ended",
    "before the outcome is committed",
    "after the outcome is committed",
)


def die() -> None:
    """As when somebody pulls the plug: nothing is put away."""
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()


def arm(app: App, point: str, verdict: str) -> None:
    """Die at this point of the first run with this verdict."""
    place, name, before = {
        POINTS[0]: (runs, "start", False),  # inside the transaction
        POINTS[1]: (act, "started", False),
        POINTS[2]: (runner._Pieces, "emit", True),
        POINTS[3]: (act, "finished", True),
        POINTS[4]: (runs, "finish", False),  # inside the transaction
        POINTS[5]: (act, "finished", False),
    }[point]
    real: Callable[..., Any] = getattr(place, name)

    def mortal(*arguments: Any, **more: Any) -> Any:
        run = _run(app, name, arguments)
        if before and run.verdict == verdict:
            die()
        result = real(*arguments, **more)
        if run.verdict == verdict:
            die()
        return result

    setattr(place, name, mortal)


def _run(app: App, name: str, arguments: tuple[Any, ...]) -> Any:
    """The run that a call is about."""
    if name in ("started", "finished"):
        return arguments[1]
    if name == "emit":
        return app.db.read(lambda tx: runs.get(tx, arguments[0]._run))
    return runs.get(arguments[0], arguments[1])


if __name__ == "__main__":
    folder, database, wanted, judged = Path(sys.argv[1]), *sys.argv[2:5]
    opened = open_app(runbooks=[folder / "ferry.md"], config=folder / "tocsin.toml", database=database, environ={})
    arm(opened, wanted, judged)
    Engine(opened).start()
    threading.Event().wait()
