"""The shop's worker process: ``python -m tocsin.demo.shop.worker``, the database in ``DATABASE_URL``."""

from __future__ import annotations

import os
import signal
import threading

from tocsin.demo import lifeline
from tocsin.demo.shop.data import Data
from tocsin.demo.shop.journal import log

EVERY = 0.5
AT_ONCE = 50
TELL_EVERY = 100


def main(url: str) -> None:
    """Do waiting jobs until SIGTERM, or until the demo is gone."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lifeline.watch(stop.set)
    data, done = Data(url, "worker"), 0
    data.prepare()
    log("INFO", "The worker waits for jobs", database=data.kind)
    while not stop.wait(EVERY):
        try:
            some = data.finish_some(AT_ONCE)
        except Exception as error:  # noqa: BLE001 -- the database may be away for a while
            log("ERROR", f"No jobs can be read: {type(error).__name__}")
            continue
        if some and (done + some) // TELL_EVERY > done // TELL_EVERY:
            log("INFO", f"{done + some} jobs done since the start")
        done += some
    data.close()


if __name__ == "__main__":
    main(os.environ["DATABASE_URL"])
