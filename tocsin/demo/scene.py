"""The scene: the shop, its database, the private PATH and Tocsin, started in order and ended in reverse."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sys
import tempfile
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tocsin.core.runbook import Runbook
from tocsin.demo import configuration, postgres, repository, standins
from tocsin.demo.configuration import Tokens
from tocsin.demo.control import Control
from tocsin.demo.folder import Folder, claim
from tocsin.demo.fronts import Fronts, ports_in
from tocsin.demo.interrupts import held
from tocsin.demo.postgres import Cluster
from tocsin.demo.repository import Repository
from tocsin.demo.serving import Serving
from tocsin.demo.stage import Stage
from tocsin.demo.supervisor import Service, Supervisor
from tocsin.demo.traffic import Traffic
from tocsin.errors import Invalid, Unavailable
from tocsin.service.books import read_book
from tocsin.service.opening import open_app
from tocsin.times import SystemClock

OWN = Path(__file__).with_name("runbook.md")
OWN_PORT = 8765
"""Where our own runbook says that the shop is; its copy says otherwise where somebody else is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What may be chosen. ``runbook`` none: our own. ``port`` 0: a free one for the page."""

    folder: Path = Path("tocsin-demo")
    runbook: Path | None = None
    port: int = 0
    unattended: bool = False
    keep: bool = False
    as_json: bool = False


@dataclass(slots=True)
class Scene:
    """Everything that stands when the curtain rises."""

    stage: Stage
    folder: Folder
    book: Runbook
    repository: Repository
    supervisor: Supervisor
    traffic: Traffic
    serving: Serving
    tokens: Tokens

    def heal(self) -> None:
        """Take the bad release back, if it is still the one that a start brings up."""
        if self.repository.live() == repository.BAD.version:
            self.repository.take_back()
        self.supervisor.restart("shop")


def raise_curtain(options: Options, stage: Stage, stack: ExitStack) -> Scene:
    """Start everything, the foundations first; the stack ends it in reverse."""
    source = options.runbook or OWN
    book, raw = read_book(source)
    if not any(book.steps()):
        raise Invalid(f"{source} has no step to play.", "Name a runbook that says what to do in some failure.")
    folder = claim(options.folder)
    stack.callback(folder.release)
    stack.callback(shutil.rmtree, folder.data, ignore_errors=True)
    stage.act("A shop that works")
    shop_port = _shop_port(options, stack)
    text = raw.replace(b":%d/" % OWN_PORT, b":%d/" % shop_port) if options.runbook is None else raw
    (folder.root / "runbook.md").write_bytes(text)
    history = Repository(folder.repository)
    history.create(SystemClock().now())
    cluster = _database(stage, folder, stack)
    url = cluster.url if cluster else f"sqlite://{folder.data / 'shop.db'}"
    supervisor = Supervisor(_services(folder, cluster, url, shop_port), folder.logs, folder.pids)
    stack.callback(supervisor.stop_all)
    _start_services(supervisor, cluster)
    stage.say(f"The shop, its worker and its database run; its repository is {folder.repository}", "good")
    _programs(stage, stack, folder, supervisor, history, cluster)
    _fronts(stage, stack, raw if options.runbook else b"", supervisor, shop_port)
    traffic = Traffic(shop_port)
    stack.callback(traffic.stop)
    traffic.start()
    tokens, serving = _tocsin(options, folder, stack, url, shop_port)
    stage.say(f"Tocsin serves {serving.address}; sign in with the token {tokens.you}", "ask", event="page",
              address=serving.address, token=tokens.you)  # fmt: skip
    return Scene(stage, folder, book, history, supervisor, traffic, serving, tokens)


def _shop_port(options: Options, stack: ExitStack) -> int:
    """The port of our own runbook where it is free; any other for other runbooks."""
    if options.runbook is None and _take_own_port(stack):
        return OWN_PORT
    return postgres.free_port()


def _take_own_port(stack: ExitStack) -> bool:
    """Whether the port is ours until the end: a lock keeps out other demos, a look at it everybody else."""
    path = Path(tempfile.gettempdir()) / f"tocsin-demo-{os.getuid()}-{OWN_PORT}.lock"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        stack.callback(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        socket.create_server(("127.0.0.1", OWN_PORT)).close()
    except OSError:
        return False
    return True


def _database(stage: Stage, folder: Folder, stack: ExitStack) -> Cluster | None:
    """The shop's PostgreSQL, set up; none, with the reason told, where it can't run."""
    try:
        with held():  # its folder may lie outside of ours: it is known to the stack, or there is none
            cluster = postgres.create(postgres.find_programs(), folder.data)
            stack.callback(postgres.discard, cluster.folder, cluster.user)
    except Unavailable as error:
        stage.say(f"{error} The shop keeps its data in SQLite.", "ask", event="database", kind="sqlite")
        return None
    stage.say(f"PostgreSQL is set up on port {cluster.port}", "good", event="database", kind="postgres")
    return cluster


def _services(folder: Folder, cluster: Cluster | None, url: str, shop_port: int) -> list[Service]:
    env = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    python, ours = [sys.executable, "-P", "-m"], {**env, "DATABASE_URL": url}
    shop = [*python, "tocsin.demo.shop.web", str(folder.repository), str(shop_port)]
    found = [
        Service(name="shop", argv=shop, cwd=folder.root, env=ours, ready=lambda: _healthy(shop_port)),
        Service(name="worker", argv=[*python, "tocsin.demo.shop.worker"], cwd=folder.root, env=ours),
    ]
    if cluster is not None:
        argv = postgres.server_argv(cluster)
        ready = lambda: postgres.answers(cluster)  # noqa: E731 -- a question, asked later
        found.insert(0, Service(name="postgres", argv=argv, cwd=cluster.folder, env=env, ready=ready))
    return found


def _start_services(supervisor: Supervisor, cluster: Cluster | None) -> None:
    for name in supervisor.names:
        supervisor.start(name)
        if name == "postgres" and cluster is not None:
            postgres.furnish(cluster)


def _programs(
    stage: Stage, stack: ExitStack, folder: Folder, supervisor: Supervisor, history: Repository, cluster: Cluster | None
) -> None:
    """The private PATH, and what its stand-ins talk to."""
    control = Control(supervisor, history, folder.root / "secrets" / "control.json")
    control.start()
    stack.callback(control.stop)
    psql = cluster.psql if cluster else None
    reasons = standins.furnish(folder.programs, folder.root / "secrets" / "control.json", psql)
    for why in dict.fromkeys(reasons.values()):
        names = ", ".join(name for name, reason in reasons.items() if reason == why)
        stage.say(f"Stand-ins act on the demo's own processes: {names} ({why})", "dim", event="standins", names=names)


def _fronts(stage: Stage, stack: ExitStack, raw: bytes, supervisor: Supervisor, shop_port: int) -> None:
    fronts = Fronts(supervisor, shop_port)
    stack.callback(fronts.stop)
    for port in ports_in(raw.decode("utf-8", "replace")):
        stage.say(fronts.serve(port), "dim", event="front", port=port)


def _tocsin(options: Options, folder: Folder, stack: ExitStack, url: str, shop_port: int) -> tuple[Tokens, Serving]:
    """Tocsin, opened with a configuration of the demo's own, and serving."""
    book, _ = read_book(folder.root / "runbook.md")
    tokens = configuration.make_tokens(folder)
    configuration.write(folder, book, shop_port)
    app = open_app(
        runbooks=[folder.root / "runbook.md"],
        config=folder.config,
        database=folder.database,
        environ={"DATABASE_URL": url},
    )
    stack.callback(app.db.close)
    serving = Serving(app, options.port)
    stack.callback(serving.stop)
    serving.start()
    return tokens, serving


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
