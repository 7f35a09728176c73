"""The SSH executor with a real OpenSSH server on loopback."""

from __future__ import annotations

import getpass
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import until
from tocsin import safety
from tocsin.core.run import Outcome
from tocsin.errors import Invalid, Unavailable, Unrunnable
from tocsin.executors.ssh import Ssh
from tocsin.plug.kinds import Job
from tocsin.plug.neutral import clean_environment
from tocsin.plug.registry import bind
from tocsin.plug.remote import Marks
from tocsin.safety.team import read_team

PATH = "/usr/local/bin:/usr/bin:/bin"


def _key(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ssh]:
    """A server on a free port that lets this user in with a key of its own."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
    if program is None or not shutil.which("ssh") or not shutil.which("ssh-keygen"):
        pytest.skip("No OpenSSH server and client here (Debian: apt-get install openssh-server).")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    folder = tmp_path_factory.mktemp("ssh")
    host, own = _key(folder / "host"), _key(folder / "own")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {own}.pub\nStrictModes no\n"
        f"UsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\nLogLevel ERROR\n",
        "utf-8",
    )
    name, key = host.with_suffix(".pub").read_text("utf-8").split()[:2]
    (folder / "known").write_text(f"[127.0.0.1]:{port} {name} {key}\n", "utf-8")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([program, "-D", "-e", "-f", str(folder / "config")], stdout=log, stderr=log)
    try:
        until(lambda: _answers(port), 10)
        yield Ssh(
            host="127.0.0.1", port=port, user=getpass.getuser(), identity=str(own), known_hosts=str(folder / "known")
        )
    finally:
        server.terminate()
        server.wait(10)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as link:
            return link.recv(4) == b"SSH-"
    except OSError:
        return False


def job(command: str, workdir: str = "/tmp", limit: float = 20.0, **variables: str) -> Job:
    return Job(
        kind="shell", command=command, plan=None, env=clean_environment(PATH, variables), workdir=workdir,
        timeout=timedelta(seconds=limit),
    )  # fmt: skip


def proved(command: str, workdir: str = "/tmp", **variables: str) -> Job:
    verdict = safety.classify("shell", command)
    assert verdict.plan is not None, verdict.why
    return replace(job(command, workdir, **variables), plan=verdict.plan, proved=True)


def run(machine: Ssh, work: Job, cancel: threading.Event | None = None) -> Outcome:
    return machine.run(work, lambda piece: None, cancel or threading.Event())


def test_approved_bytes_arrive_exactly(machine: Ssh, tmp_path: Path) -> None:
    """Quotes, dollars, backslashes, newlines, other alphabets, a leading dash; both streams; the exit code."""
    command = 'printf "%s|" \'a b\' "it\'s" \\$HOME é "$WORD"\necho "err" >&2; pwd; exit 3 # \'"'
    outcome = run(machine, job(command, str(tmp_path), WORD='x\'y "z" $(id)\n2'))
    assert outcome.output == f"a b|it's|$HOME|é|x'y \"z\" $(id)\n2|err\n{tmp_path}\n"
    assert (outcome.status, outcome.exit_code) == ("failed", 3)
    assert run(machine, job("-n; echo after")).output.endswith("after\n")


def test_it_has_no_terminal_nothing_to_read_and_a_clean_environment(machine: Ssh) -> None:
    """As on this machine."""
    outcome = run(machine, job("cat; tty; env | grep -c SSH_", ONE="1"))
    assert outcome.output.splitlines() == ["not a tty", "0"]


def test_a_value_stands_on_no_command_line(machine: Ssh) -> None:
    """Who lists the processes there does not see it."""
    look = "cat /proc/*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'flour-secret[_]77'; echo $KEY"
    outcome = run(machine, job(look, KEY="flour-secret_77"))
    assert outcome.output.splitlines() == ["0", "flour-secret_77"]


def test_a_proved_pipeline_runs_word_for_word(machine: Ssh, tmp_path: Path) -> None:
    """What looks like syntax inside a word stays a word; and what is found, or not, is an answer."""
    (tmp_path / "a;b $c.txt").write_text("rye\nwheat\n", "utf-8")
    outcome = run(machine, proved("cat 'a;b $c.txt' | grep rye", str(tmp_path)))
    assert (outcome.status, outcome.output) == ("succeeded", "rye\n")
    nothing = run(machine, proved("cat 'a;b $c.txt' | grep oats", str(tmp_path)))
    assert (nothing.status, nothing.note) == ("succeeded", "grep found nothing (exit 1)")
    joined = run(machine, proved("cat nowhere 2>/dev/null || echo missing && uname -s", str(tmp_path)))
    assert joined.output == "missing\nLinux\n"


def test_a_repository_there_starts_nothing_of_its_own(machine: Ssh, tmp_path: Path) -> None:
    """Neither by its settings nor by its filters."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    subprocess.run([*git, "config", "core.fsmonitor", f"touch {tmp_path}/ran"], check=True)
    outcome = run(machine, proved("git status", str(tmp_path)))
    assert outcome.status == "succeeded", outcome
    assert not (tmp_path / "ran").exists()
    subprocess.run([*git, "config", "filter.x.clean", f"touch {tmp_path}/ran"], check=True)
    with pytest.raises(Unrunnable, match="configures filters"):
        run(machine, proved("git status", str(tmp_path)))
    assert not (tmp_path / "ran").exists()


def test_vercel_there_runs_no_program_of_the_folder(machine: Ssh, tmp_path: Path) -> None:
    """It is not started where it would; data, and no file at all, are no reason."""
    program = tmp_path / "bin" / "vercel"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho listed\n")
    program.chmod(0o755)
    path = f"{program.parent}:{PATH}"
    assert run(machine, proved("vercel ls", str(tmp_path), PATH=path)).output == "listed\n"
    (tmp_path / "vercel.json").write_text("{}")
    assert run(machine, proved("vercel ls", str(tmp_path), PATH=path)).output == "listed\n"
    (tmp_path / "vercel.ts").write_text("export const config = {}\n")
    with pytest.raises(Unrunnable, match="would run a program"):
        run(machine, proved("vercel ls", str(tmp_path), PATH=path))


def test_the_limit_is_kept_there_too(machine: Ssh, tmp_path: Path) -> None:
    """Nothing goes on behind our back, and what began in the background neither."""
    outcome = run(machine, job("echo begun; (sleep 3; touch late) & sleep 60.4711", str(tmp_path), limit=1))
    assert (outcome.status, outcome.output) == ("timed_out", "begun\n")
    assert not (tmp_path / "late").exists()
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "sleep 60.4711" not in listed.splitlines()


def test_cancelling_returns_at_once(machine: Ssh) -> None:
    """What runs there ends at its limit; of a change nobody claims that it did not happen."""
    cancel = threading.Event()
    threading.Timer(1, cancel.set).start()
    outcome = run(machine, replace(job("sleep 20", limit=10), proved=True), cancel)
    assert outcome.status == "cancelled"
    assert outcome.seconds < 8
    cancel = threading.Event()
    threading.Timer(1, cancel.set).start()
    with pytest.raises(Unavailable):
        run(machine, job("sleep 20", limit=10), cancel)


def test_a_machine_with_another_key_is_not_spoken_to(machine: Ssh, tmp_path: Path) -> None:
    """Nor one that is not known; nothing was started."""
    (tmp_path / "known").write_text("", "utf-8")
    with pytest.raises(Unrunnable, match=r"Nothing was started on 127\.0\.0\.1: .*key") as caught:
        run(replace(machine, known_hosts=str(tmp_path / "known")), job(f"touch {tmp_path}/ran"))
    assert "known_hosts" in str(caught.value)
    assert not (tmp_path / "ran").exists()


def test_what_can_not_begin_was_not_started(machine: Ssh, tmp_path: Path) -> None:
    """No such folder, no such port: the step may be asked for again."""
    with pytest.raises(Unrunnable, match="no-such-folder"):
        run(machine, job("touch ran", str(tmp_path / "no-such-folder")))
    with pytest.raises(Unrunnable, match="refused"):
        run(replace(machine, port=1), job("true"))


def test_a_connection_that_breaks_under_a_change_is_no_outcome(machine: Ssh, tmp_path: Path) -> None:
    """For a change nobody claims anything; for a look it is a failure."""
    cut = f"touch {tmp_path}/begun; kill -9 $(ps -o ppid= -p $(ps -o ppid= -p $(ps -o ppid= -p $$)))"
    with pytest.raises(Unavailable, match="broke while"):
        run(machine, job(f"{cut}; sleep 5"))
    assert (tmp_path / "begun").exists()
    outcome = run(machine, replace(job(f"{cut}; sleep 5"), proved=True))
    assert outcome.status == "failed"
    assert "broke" in outcome.note


@pytest.mark.parametrize(
    "settings",
    [{"host": "-oProxyCommand=x"}, {"host": "a b"}, {"host": "a", "user": "-x"}, {"host": "a", "port": 0}, {}],
)
def test_words_that_the_client_would_misread_are_refused(settings: dict[str, object]) -> None:
    """At the start, not in the incident."""
    with pytest.raises(Invalid):
        bind(Ssh, settings, "x")


@pytest.mark.parametrize("size", range(1, 60))
def test_marks_are_found_wherever_the_stream_is_cut(size: int) -> None:
    """And nothing of what was printed is lost or changed."""
    stream = b"motd\ntocsin-abc-begins\nbread\ntocsin-abd-ended-1\n\xff\0 tocsin-abc-ended-17\n"
    marks = Marks("abc")
    pieces = [marks.sift(stream[at : at + size]) for at in range(0, len(stream), size)]
    assert b"".join([*pieces, marks.rest()]) == b"motd\nbread\ntocsin-abd-ended-1\n\xff\0 "
    assert (marks.began, marks.code) == (True, 17)


def test_signals_are_the_clients_own(machine: Ssh) -> None:
    """A command there that is killed is a failure with its reason."""
    outcome = run(machine, job(f"kill -{int(signal.SIGKILL)} $$"))
    assert (outcome.status, outcome.exit_code) == ("failed", 137)


def pinned(folder: Path) -> Job:
    """A proved job of the team's own script ``ovens/queue.sh``, pinned as it is now."""
    script = folder / "ovens" / "queue.sh"
    script.parent.mkdir(exist_ok=True)
    if not script.exists():
        script.write_text("echo 12 loaves in $PWD\n", "utf-8")
        script.chmod(0o755)
    sha256 = hashlib.sha256(script.read_bytes()).hexdigest()
    team = read_team({"ovens/queue.sh": {"sha256": sha256, "reads": "prints how many loaves wait"}})
    verdict = safety.classify("shell", "sh ovens/queue.sh", team=team)
    assert verdict.plan is not None, verdict.why
    return replace(job("sh ovens/queue.sh", str(folder)), plan=verdict.plan, proved=True, pins=verdict.pins)


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    """A folder that only its owner may write, with a space in its name."""
    folder = tmp_path / "the kitchen"
    folder.mkdir(mode=0o755)
    return folder


class TestPins:
    def test_a_script_that_is_what_was_pinned_runs(self, machine: Ssh, kitchen: Path) -> None:
        """The other machine's own sum of it is the pin's, and nothing of that look is in the output."""
        outcome = run(machine, pinned(kitchen))
        assert (outcome.status, outcome.output) == ("succeeded", f"12 loaves in {kitchen}\n")

    def test_a_script_that_changed_does_not_start(self, machine: Ssh, kitchen: Path) -> None:
        """The sentence names the script and the machine."""
        work = pinned(kitchen)
        (kitchen / "ovens" / "queue.sh").write_text("touch gone\n", "utf-8")
        with pytest.raises(Unrunnable, match=r"`ovens/queue\.sh` on 127\.0\.0\.1 is not what was pinned"):
            run(machine, work)
        assert not (kitchen / "gone").exists()

    @pytest.mark.parametrize(
        ("spoil", "says"),
        [
            ("rm ovens/queue.sh", "is no file on"),
            ("rm ovens/queue.sh; mkdir ovens/queue.sh", "is no file on"),
            ("mv ovens/queue.sh real; ln -s ../real ovens/queue.sh", "is a symbolic link"),
            ("mv ovens stoves; ln -s stoves ovens", "is a symbolic link"),
            ("chmod o+w ovens/queue.sh", "Everybody may write `ovens/queue.sh`"),
            ("chmod o+w ovens", "Everybody may write the folder"),
            ("chmod o+w .", "Everybody may write the folder"),
        ],
    )
    def test_what_everybody_could_replace_proves_nothing(
        self, machine: Ssh, kitchen: Path, spoil: str, says: str
    ) -> None:
        """As on this machine: no links, no open files, no open folders; nothing starts."""
        work = pinned(kitchen)
        subprocess.run(["sh", "-c", spoil], cwd=kitchen, check=True)
        with pytest.raises(Unrunnable, match=says):
            run(machine, work)

    def test_where_nobody_can_tell_nothing_starts(self, machine: Ssh, kitchen: Path) -> None:
        """A machine without sha256sum and shasum can't say what a script holds."""
        tools = kitchen / "tools"
        tools.mkdir()
        for name in ("sh", "bash", "env", "find", "timeout"):
            (tools / name).symlink_to(shutil.which(name) or "/nowhere")
        work = pinned(kitchen)
        with pytest.raises(Unrunnable, match=r"can't tell what `ovens/queue\.sh` holds"):
            run(machine, replace(work, env=clean_environment(str(tools), {})))
        (tools / "shasum").symlink_to(_shasum(kitchen))
        (tools / "cut").symlink_to(shutil.which("cut") or "/nowhere")
        assert run(machine, replace(work, env=clean_environment(str(tools), {}))).status == "succeeded"

    def test_a_variable_of_the_command_is_not_touched_by_the_look(self, machine: Ssh, kitchen: Path) -> None:
        """The names that the look uses are its own."""
        (kitchen / "ovens").mkdir()
        (kitchen / "ovens" / "queue.sh").write_text('echo "$open $found $part"\n', "utf-8")
        (kitchen / "ovens" / "queue.sh").chmod(0o755)
        work = pinned(kitchen)
        assert run(machine, replace(work, env={**work.env, "open": "a", "found": "b", "part": "c"})).output == "a b c\n"


def _shasum(folder: Path) -> Path:
    """A program that is called as ``shasum -a 256`` is, with the words that it prints."""
    script = folder / "shasum-here"
    real = shutil.which("sha256sum")
    script.write_text(f'#!/bin/sh\n[ "$1 $2" = "-a 256" ] || exit 9\nexec {real}\n', "utf-8")
    script.chmod(0o755)
    return script
