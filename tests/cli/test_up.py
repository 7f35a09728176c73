"""`tocsin up`: it starts, it ends, and what was answered is there afterwards."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.cli.terminal import (
    PATIENCE,
    RUNBOOK,
    TOKEN,
    Server,
    environment,
    folder_with_runbook,
    here,
    running,
    tocsin,
)
from tests.servers import postgres_programs, running_postgres

CONFIG = """
[people.ana]
name = "Ana"

[roles]
"on-call" = "ana"
"team lead" = "ana"

[signals."failed payments"]
probe = "prometheus"
url = "http://127.0.0.1:9"
query = "up"

[tokens.ana]
token = "token-of-ana-0123456789"
role = "approver"
"""


def status_of(server: Server, path: str) -> int:
    """What the server answers to anybody."""
    with urllib.request.urlopen(f"{server.url}{path}", timeout=PATIENCE) as answer:
        return int(answer.status)


def test_it_serves_until_it_is_told_to_stop(shop: Path) -> None:
    """The address on standard output is ready; SIGTERM ends it with 0 within five seconds."""
    with running(shop) as server:
        assert (status_of(server, "/readyz"), status_of(server, "/healthz")) == (200, 200)
        assert server("status").code == 0
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(5) == 0


def test_ctrl_c_is_how_a_person_ends_it(shop: Path) -> None:
    """That is no failure, and prints nothing."""
    with running(shop) as server:
        before = server.words

        assert server.end(signal.SIGINT) == 0
        assert server.words == before


def test_what_was_answered_survives_a_kill(shop: Path) -> None:
    """After SIGKILL, the next start has every word of it, and the records are sound."""
    with running(shop) as server:
        ref = server.declare("Nobody can pay", "--severity", "P1")
        assert server("incident", "note", ref, "the last words").code == 0
        assert server.end(signal.SIGKILL) == -signal.SIGKILL

    assert tocsin("doctor", "--json", cwd=shop).json["incidents"] == 1
    with running(shop) as server:
        assert "the last words" in server("incident", "timeline", ref).out
        kinds = [each["kind"] for each in server("doctor", "--json").json["findings"]]
        assert set(kinds) <= {"role", "metric"}


def test_a_second_one_on_the_same_data_is_refused(shop: Path) -> None:
    """The sentence names the process that is there, and that process goes on."""
    with running(shop) as server:
        second = tocsin("up", "shop.md", "--port", "0", cwd=shop)

        assert (second.code, second.out) == (1, "")
        assert f"process {server.process.pid} holds" in second.err
        assert server("status").code == 0


def test_a_port_in_use_is_said(shop: Path) -> None:
    """One sentence with the way out."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = tocsin("up", "shop.md", "--port", str(port), cwd=shop)

    assert (done.code, done.out) == (1, "")
    assert f"Port {port} on 127.0.0.1 is in use." in done.err and "--port 0" in done.err


def test_without_any_token_one_is_made_and_printed_once(shop: Path) -> None:
    """It is the admin's, it works, and the next start doesn't show it."""
    with running(shop, TOCSIN_TOKEN="") as server:
        assert status_of(server, "/healthz") == 200
        token = server.words.partition("shown this once: ")[2].split()[0]
        assert server("incident", "list", TOCSIN_TOKEN=token).code == 0
        server.end()
    with running(shop, TOCSIN_TOKEN="") as server:
        assert "shown this once" not in server.words
        assert server("incident", "list", TOCSIN_TOKEN=token).code == 0

    assert all(token.encode() not in file.read_bytes() for file in (shop / "tocsin-data").iterdir())


def test_the_configuration_beside_the_runbook_is_taken(tmp_path: Path) -> None:
    """Its tokens count, and TOCSIN_TOKEN no longer does."""
    folder = folder_with_runbook(tmp_path / "configured", config=CONFIG)
    with running(tmp_path, str(folder / "shop.md")) as server:
        assert server("incident", "list", TOCSIN_TOKEN="token-of-ana-0123456789").code == 0
        assert server("incident", "list", TOCSIN_TOKEN=TOKEN).code == 1
        assert "Nobody is bound" not in server.words and "No signal" not in server.words


def test_what_is_bound_to_nothing_is_said_at_the_start(shop: Path) -> None:
    """Before the incident: who is not there, and what nobody measures."""
    with running(shop) as server:
        assert "1 scenario, " in server.words and "(2 proved to read)" in server.words
        assert "Nobody is bound under [roles] to on-call, team lead." in server.words
        assert "No signal under [signals] measures failed payments." in server.words


def test_the_announcement_is_there_for_programs(shop: Path) -> None:
    """With --json, one object on standard output says where it is and what is bound to nothing."""
    command = [sys.executable, "-m", "tocsin", "up", "shop.md", "--port", "0", "--json"]
    with subprocess.Popen(
        command, cwd=shop, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while not lines or lines[-1] != "}\n":
                lines.append(process.stdout.readline())
                assert lines[-1], "it ended without the announcement"
            told = json.loads("".join(lines))
        finally:
            process.kill()

    assert told["url"].startswith("http://127.0.0.1:")
    assert len(told["token"]) >= 16
    assert [(each["kind"], each["name"]) for each in told["unbound"]] == [
        ("role", "on-call"), ("role", "team lead"), ("metric", "failed payments"),
    ]  # fmt: skip


def test_the_data_folder_is_its_owner_s_alone(shop: Path) -> None:
    """Incidents are nobody else's business."""
    with running(shop, "shop.md", "--data", "deep/data") as server:
        server.end()

    assert stat.S_IMODE((shop / "deep" / "data").stat().st_mode) & 0o077 == 0


def test_a_runbook_without_a_scenario_is_served_with_a_warning(tmp_path: Path) -> None:
    """It works: incidents are declared by hand."""
    folder_with_runbook(tmp_path, "# Notes\n\nCall Ana.\n")
    with running(tmp_path) as server:
        assert "no scenarios that an alert could select" in server.words
        assert server("incident", "declare", "It burns", "--severity", "high").code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "Missing argument"),
        (("missing.md",), "There is no file missing.md."),
        (("folder",), "folder is a folder."),
        (("empty.md",), "empty.md can't be read. The file is empty."),
        (("binary.md",), "binary.md can't be read. The file is binary"),
        (("shop.md", "empty.md"), "empty.md can't be read."),
        (("shop.md", "--config", "missing.toml"), "There is no file missing.toml."),
        (("shop.md", "--config", "broken.toml"), "broken.toml"),
        (("shop.md", "--config", "strange.toml"), "strange.toml"),
        (("shop.md", "--port", "many"), "'many' is not a valid integer range"),
        (("shop.md", "--database", "mysql://x"), "names no file"),
        (("shop.md", "--data", "shop.md"), "shop.md is a file."),
    ],
)
def test_what_can_not_be_used_is_one_sentence_and_leaves_nothing_behind(
    arguments: tuple[str, ...], sentence: str, shop: Path
) -> None:
    """Exit code 2, no traceback, and no folder for data that will never be."""
    (shop / "folder").mkdir()
    (shop / "empty.md").write_bytes(b" \n")
    (shop / "binary.md").write_bytes(bytes(range(256)) * 8)
    (shop / "broken.toml").write_text("[people")
    (shop / "strange.toml").write_text("[peeple.ana]\nname = 'Ana'\n")
    done = tocsin("up", *arguments, cwd=shop)

    assert (done.code, done.out, "Traceback" in done.err) == (2, "", False)
    assert sentence in done.err
    assert not (shop / "tocsin-data").exists()


def test_a_token_that_is_too_short_is_refused(shop: Path) -> None:
    """Before anything is served."""
    done = tocsin("up", "shop.md", "--port", "0", cwd=shop, TOCSIN_TOKEN="short")

    assert (done.code, done.out) == (2, "")
    assert "TOCSIN_TOKEN is shorter than 16 characters." in done.err


def test_two_runbooks_are_served_side_by_side(shop: Path) -> None:
    """An incident names the one that it follows."""
    (shop / "bank.md").write_text(RUNBOOK.replace("Checkout fails", "Bank fails").replace("CheckoutFails", "BankFails"))
    with running(shop, "shop.md", "bank.md") as server:
        assert len(server("runbook", "list", "--json").json["runbooks"]) == 2
        assert server("incident", "declare", "--runbook", "bank.md", "--scenario", "bank").code == 0


@pytest.mark.postgres
def test_several_share_a_postgresql_database(shop: Path) -> None:
    """No lock keeps the second one out, and each knows what the other was told."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine")
    with running_postgres(programs) as postgres:
        where = ("shop.md", "--database", postgres.url(postgres.new_database()))
        other = folder_with_runbook(shop / "other")
        with running(shop, *where) as one, running(other, *where) as two:
            ref = one.declare("Nobody can pay", "--severity", "P1")
            assert two("incident", "ack", ref).code == 0
            assert "acknowledged" in one("incident", "timeline", ref).out
            assert one.end() == two.end() == 0
        assert "\n1 incident checked: each is what" in here("doctor", *where[1:], cwd=shop).err
    assert not (shop / "tocsin-data").exists()
