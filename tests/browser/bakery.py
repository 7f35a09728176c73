"""A house to look at in a browser: a bakery's web shop with a runbook of our own, metrics and a git repository."""

from __future__ import annotations

import http.server
import math
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tocsin.app import App
from tocsin.core.alert import Alert
from tocsin.core.facts import Actor
from tocsin.ids import slug
from tocsin.service import catalogue, ingest
from tocsin.service.opening import open_app
from tocsin.store import signals
from tocsin.store.db import Tx
from tocsin.times import SystemClock

TOKENS = {"mara": "mara-token-0123456789", "ines": "ines-token-0123456789", "gast": "gast-token-0123456789"}
RUNBOOK = """# Bakery web shop: incidents

## Severity levels

| Severity | Description | Response |
|----------|-------------|----------|
| P1 (High) | nobody can order bread | 5 minutes |
| P2 (Medium) | ordering is slow, or fails for some | 30 minutes |
| P3 (Low) | something looks wrong | next day |

## Response process

1. **Acknowledge** the page
2. **Assess** who is hit
3. **Communicate** with the counter
4. **Mitigate** first
5. **Investigate** the cause
6. **Resolve** when the numbers say so

## Scenario 1: Orders fail (P1)

### Symptoms

- Alert: `OrdersFail`
- Error rate > 5%
- The counter phones

### Diagnosis

```bash
# Check recent releases
git log --oneline -3

# Check the shop's log for errors
tail -n 40 logs/shop.log | grep ERROR

# Follow the oven feed
tail -f logs/oven.log

# Look up one order
grep <order_id> logs/shop.log
```

### Mitigation

**If a release went out in the last hour:**

```bash
# Roll back to the previous release
git revert --no-edit HEAD

# Restart the shop
./restart.sh shop
```

**If the oven feed is down:**

```bash
# Push the feed by hand
./push-feed.sh
```

- Call the supplier of the oven controller

### Resolution

- Error rate returns to < 1%
- The counter confirms that orders arrive
- Add a test for empty baskets

## Escalation

1. **0-15 min**: Wake the on-call engineer
2. **15-30 min**: Escalate to the team lead
3. **30+ min**: Escalate to the oven vendor

## Contacts

| Role | Name | Phone |
|------|------|-------|
| On-call engineer | Mara Okafor | +43 1 555 0101 |
| Oven vendor | [Name] | [Phone] |
"""
CONFIG = """
[defaults]
recovery_watch = "5m"

[people.mara]
name = "Mara Okafor"
notify = ["console"]
[people.ines]
name = "Ines Duarte"
notify = ["console"]
[people.tomas]
name = "Tomas Lindqvist"

[roles]
"on-call engineer" = "mara"
"team lead" = "ines"

[signals."error rate"]
probe = "scrape"
url = "http://127.0.0.1:{port}/metrics"
gauge = "error_rate"
every = "1s"

[target]
name = "shop-1"
workdir = "shop"
path = "/usr/local/bin:/usr/bin:/bin"
timeout = "30s"

[tokens.mara]
token = "{mara}"
role = "admin"
[tokens.ines]
token = "{ines}"
role = "responder"
[tokens.gast]
token = "{gast}"
role = "viewer"
"""
# Says one line, waits until somebody opens the gate, says another: so a test decides when output comes.
RESTART = """#!/bin/sh
echo "stopping $1"
read -r word < gate
echo "started $1 ($word)"
"""
OVEN_LOG = "oven 3 at 231 C\n"


class MovedClock:
    """The machine's clock, moved: what happens now can have happened a while ago."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def now(self) -> datetime:
        """The present moment, moved."""
        return SystemClock().now() + self.by


@dataclass
class Metrics:
    """What the shop's metrics page says."""

    error_rate: float = 8.3
    port: int = 0


@dataclass
class Bakery:
    """The opened application and what stands around it."""

    app: App
    folder: Path
    metrics: Metrics
    clock: MovedClock = field(default_factory=MovedClock)

    @property
    def shop(self) -> Path:
        """Where the commands run."""
        return self.folder / "shop"

    def open_gate(self, word: str) -> None:
        """Let the program that waits go on; waits itself until one does."""
        with (self.shop / "gate").open("w") as gate:
            gate.write(f"{word}\n")

    def open_gates(self) -> None:
        """Let go whatever still waits, without waiting."""
        try:
            gate = os.open(self.shop / "gate", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return  # nothing waits
        os.write(gate, b"closing time\n")
        os.close(gate)


def make(place: Bakery, move: str, who: str, **fields: Any) -> None:
    """A move of the catalogue over INC-1."""
    known = catalogue.CATALOGUE[move]
    known.do(place.app, "INC-1", known.request(**fields), Actor("person", who))


@contextmanager
def metrics_page() -> Iterator[Metrics]:
    """A page in the Prometheus text format on a free port."""
    metrics = Metrics()

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"# TYPE error_rate gauge\nerror_rate {metrics.error_rate}\n".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        metrics.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield metrics
        finally:
            server.shutdown()
            thread.join()


def furnish(folder: Path, metrics: Metrics, runbook: str = RUNBOOK) -> None:
    """The runbook, the configuration, a repository with three releases, logs and two programs."""
    (folder / "bakery.md").write_text(runbook, "utf-8")
    (folder / "tocsin.toml").write_text(CONFIG.format(port=metrics.port, **TOKENS), "utf-8")
    shop = folder / "shop"
    (shop / "logs").mkdir(parents=True)
    (shop / "logs/shop.log").write_text(
        "10:41:01 INFO basket 311 paid\n10:41:02 ERROR pool timeout after 5000 ms (waiting=41)\n"
        "10:41:02 ERROR POST /v1/orders 500 5012 ms\n10:41:03 ERROR pool timeout after 5000 ms (waiting=44)\n"
    )
    (shop / "logs/oven.log").write_text(OVEN_LOG)
    os.mkfifo(shop / "gate")
    for name in ("restart.sh", "push-feed.sh"):
        (shop / name).write_text(RESTART)
        (shop / name).chmod(0o755)
    _release(shop, "web: copy fixes", "shop: batch order writes", "shop: raise pool size, new retry path")


def _release(shop: Path, *messages: str) -> None:
    who = ["-c", "user.name=Mara", "-c", "user.email=mara@bakery.example"]
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=shop, check=True)
    for number, message in enumerate(messages):
        (shop / "release.txt").write_text(f"{number}\n")
        subprocess.run(["git", "add", "release.txt"], cwd=shop, check=True)
        subprocess.run(["git", *who, "commit", "-q", "-m", message], cwd=shop, check=True)


def enter(folder: Path, metrics: Metrics, clock: MovedClock | None = None) -> Bakery:
    """Open the application over what `furnish` wrote."""
    clock = clock or MovedClock()
    app = open_app(
        runbooks=[folder / "bakery.md"],
        config=folder / "tocsin.toml",
        database=str(folder / "tocsin.db"),
        environ={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)},
        clock=clock,
    )
    return Bakery(app, folder, metrics, clock)


def orders_fail(app: App, summary: str = "error rate 8.3 % > 5 % for 2 min", **labels: str) -> str:
    """The alert of scenario 1 fires; the reference of the incident that it declares."""
    now = app.clock.now()
    told = Alert(
        source="alertmanager",
        labels={"alertname": "OrdersFail", "service": "shop", **labels},
        annotations={"summary": summary},
        starts_at=now,
        updated_at=now,
    )
    ingest.accept(app, "alertmanager", [told])
    while ingest.merge_waiting(app):
        pass
    return "INC-1"


def past_samples(app: App, minutes: int = 90, jump: int = 25) -> None:
    """An hour and a half of the signal: quiet, then bad from ``jump`` minutes ago."""
    end = app.clock.now()

    def write(tx: Tx) -> None:
        for second in range(minutes * 60, 0, -15):
            wave = math.sin(second / 170) * 0.55 + math.sin(second / 31) * 0.25
            value = (8.1 if second < jump * 60 else 0.9) + wave
            signals.append(tx, slug("error rate"), end - timedelta(seconds=second), max(value, 0.05))

    app.db.write(write)
