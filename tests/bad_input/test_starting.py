"""What keeps a server from starting: one sentence with the way out, and whoever was there first goes on.

| what | code |
|---|---|
| the port is in use, the host is none | 1 |
| another process runs on this database | 1 |
| the data folder is a file, can't be made, can't be written | 2 |
| the database is garbage, of no SQLite | 2 |
| the database is damaged, of a newer Tocsin | 1 |
| the address of the database is of no kind we know | 2 |
"""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.bad_input.node import RUNBOOK, assert_refused, node
from tests.cli.terminal import Done, tocsin

DATABASE = Path("tocsin-data") / "tocsin.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a runbook and an empty folder for the data."""
    (tmp_path / "tram.md").write_text(RUNBOOK, "utf-8")
    (tmp_path / "tocsin-data").mkdir()
    return tmp_path


def up(folder: Path, *options: str) -> Done:
    """Try to start."""
    return tocsin("up", "tram.md", *(options if "--port" in options else ("--port", "0", *options)), cwd=folder)


def test_two_servers_in_one_place(folder: Path) -> None:
    """On one port, on one database: the second is told who is there and what to do, the first goes on."""
    with node(folder) as ours:
        ours.fire("Before")
        port, pid = ours.url.rpartition(":")[2], ours.server.process.pid
        elsewhere = up(folder, "--port", port, "--data", "elsewhere")
        assert_refused(elsewhere, 1, f"Port {port} on 127.0.0.1 is in use.", "--port 0")
        assert_refused(up(folder), 1, f"process {pid} holds", "tocsin.db.lock", "Stop it first")
        ours.is_well()


def test_a_host_that_is_none(folder: Path) -> None:
    """One sentence with an example."""
    assert_refused(up(folder, "--host", "no.such.host.invalid"), 1, "'no.such.host.invalid'", "--host 127.0.0.1")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--data", "tram.md"), ("tram.md is a file.", "--data")),
        (("--data", "tram.md/below"), ("The folder tram.md/below can't be made", "--data")),
        (("--data", "/proc/tocsin"), ("The folder /proc/tocsin can't be made", "--data")),
        (("--database", "/no/such/folder/tocsin.db"), ("/no/such/folder/tocsin.db", "Check its folder.")),
        (("--database", "mysql://here/tocsin"), ("names no file", "sqlite:///", "postgresql://")),
        (("--database", ":memory:"), ("names no file", "sqlite:///")),
    ],
)
def test_a_place_for_the_data_that_is_none(options: tuple[str, str], words: tuple[str, ...], folder: Path) -> None:
    """It is named, with the option that names another."""
    if options[1].startswith("/proc") and not Path("/proc/self").exists():
        pytest.skip("there is no /proc here")

    assert_refused(up(folder, *options), 2, *words)


def test_a_data_folder_that_may_not_be_written(folder: Path) -> None:
    """The file that was wanted there is named."""
    if os.geteuid() == 0:
        where = Path("/sys")  # where even root writes nothing
        if not where.is_dir():
            pytest.skip("root may write everywhere here")
    else:
        where = folder / "sealed"
        where.mkdir(stat.S_IRUSR | stat.S_IXUSR)

    assert_refused(up(folder, "--data", str(where)), 2, f"{where}/tocsin.db.lock", "Check its folder.")


@pytest.mark.parametrize("command", ["up", "doctor", "export"])
@pytest.mark.parametrize("content", [os.urandom(100_000), b"hello\n" * 1000], ids=["noise", "text"])
def test_a_database_of_garbage(command: str, content: bytes, folder: Path) -> None:
    """The file is named and left as it is."""
    (folder / DATABASE).write_bytes(content)
    options = ("tram.md", "--port", "0") if command == "up" else ()
    done = tocsin(command, *options, cwd=folder)

    assert_refused(done, 2, f"{folder / DATABASE}: The database file is not a SQLite database.", "backup")
    assert (folder / DATABASE).read_bytes() == content


def test_a_database_that_was_cut_off(folder: Path) -> None:
    """Said to be damaged, by name, instead of served half."""
    with node(folder) as ours:
        ours.fire("Before")
    data = (folder / DATABASE).read_bytes()
    (folder / DATABASE).write_bytes(data[: len(data) // 4])

    assert_refused(up(folder), 1, f"{folder / DATABASE}: The database file is damaged.", "backup")


def test_a_database_of_a_newer_tocsin(folder: Path) -> None:
    """Nothing is changed in it, and the right release finds everything."""
    with node(folder) as ours:
        ours.fire("Before")
        kept = ours.kept
    with closing(sqlite3.connect(folder / DATABASE)) as link, link:
        link.execute("insert into migrations (version, name, at) values (9999, 'tomorrow', 0)")

    assert_refused(up(folder), 1, f"{folder / DATABASE}: The database was written by a newer Tocsin (schema 9999;")
    with closing(sqlite3.connect(folder / DATABASE)) as link, link:
        link.execute("delete from migrations where version = 9999")
    with node(folder) as ours:
        ours.kept = kept
        ours.is_well()
