"""The local executor, with real processes."""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from tocsin.core.run import Outcome, Pipeline, Process, Variable, Word
from tocsin.errors import Unrunnable
from tocsin.executors.local import Local
from tocsin.plug.kinds import Job
from tocsin.plug.neutral import clean_environment

PATH = "/usr/local/bin:/usr/bin:/bin"
QUICK = Local(grace=timedelta(seconds=0.3))


def job(command: str = "", plan: tuple[Pipeline, ...] | None = None, **more: object) -> Job:
    env = clean_environment(PATH, more.pop("variables", {}))  # type: ignore[arg-type]
    settings = {"env": env, "workdir": "/tmp", "timeout": timedelta(seconds=20), **more}
    return Job(kind="shell", command=command, plan=plan, **settings)  # type: ignore[arg-type]


def run(work: Job, executor: Local = QUICK, cancel: threading.Event | None = None) -> tuple[Outcome, bytes]:
    pieces: list[bytes] = []
    outcome = executor.run(work, pieces.append, cancel or threading.Event())
    return outcome, b"".join(pieces)


def process(*argv: Word | str, **where: str) -> Process:
    return Process(argv=tuple((word,) if isinstance(word, str) else word for word in argv), **where)  # type: ignore[arg-type]


def pipe(*processes: Process, after: str = "always") -> Pipeline:
    return Pipeline(processes=processes, after=after)  # type: ignore[arg-type]


def plan(*pipelines: Pipeline, **more: object) -> Job:
    return job(plan=pipelines, **more)


class TestApproved:
    def test_runs_exactly_the_bytes(self) -> None:
        """Bash syntax of every kind works, and what is printed is kept and passed on."""
        outcome, live = run(job('for n in 1 2; do echo "n=$n"; done; echo problem >&2; exit 3'))
        assert (outcome.status, outcome.exit_code) == ("failed", 3)
        assert outcome.output == "n=1\nn=2\nproblem\n" == live.decode()
        assert outcome.size == len(live)
        assert "exit 3" in outcome.note

    def test_text_that_looks_like_an_option_is_a_command(self) -> None:
        """A command that begins with a dash is not read as an option of bash."""
        outcome, _ = run(job("-x"))
        assert outcome.exit_code == 127

    def test_environment_is_exactly_the_given_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing of the server's own environment reaches the command."""
        monkeypatch.setenv("TOCSIN_TOKEN", "server-secret-value")
        work = job("env", variables={"REGION": "eu"})
        names = {line.partition("=")[0] for line in run(work)[0].output.splitlines()}
        assert names == set(work.env) | {"PWD", "SHLVL", "_"}

    def test_has_no_terminal_and_no_input(self) -> None:
        """Reading gives the end at once, and /dev/tty can't be opened, so nothing can wait for a person."""
        outcome, _ = run(job("cat; (: </dev/tty) 2>/dev/null && echo terminal; ps -o tty= -p $$ || true; echo done"))
        assert "terminal" not in outcome.output
        assert outcome.output.endswith("done\n")

    def test_falls_back_to_sh_and_says_so(self, tmp_path: Path) -> None:
        """Where bash is missing, sh runs it, with a note."""
        work = job("echo hello", env={"PATH": str(tmp_path)})
        outcome, _ = run(work)
        assert (outcome.output, outcome.note) == ("hello\n", "bash is not on the target's PATH, so sh ran it")

    @pytest.mark.parametrize("command", ["echo a\0b", "echo " + "x" * 200_000])
    def test_what_the_system_refuses_is_unrunnable(self, command: str) -> None:
        """NUL bytes and over-long arguments end in a sentence, with nothing started."""
        with pytest.raises(Unrunnable, match="can't be started"):
            run(job(command))

    def test_missing_folder_is_unrunnable(self) -> None:
        """The working directory is named."""
        with pytest.raises(Unrunnable, match="/no/such/folder does not exist"):
            run(job("true", workdir="/no/such/folder"))

    def test_sql_without_a_plan_is_not_given_to_a_shell(self) -> None:
        """A statement is never read as shell text."""
        work = Job(kind="sql", command="SELECT 1", plan=None, env={}, workdir="/tmp", timeout=timedelta(seconds=5))
        with pytest.raises(Unrunnable, match="'sql'"):
            run(work)


class TestLimits:
    def test_time_limit_ends_the_command_and_its_grandchildren(self, tmp_path: Path) -> None:
        """After the limit no process of the command is left, even those that ignore the polite signal."""
        note = tmp_path / "pids"
        command = f"trap '' TERM; (trap '' TERM; sleep 300 & echo $! >> {note}; wait) & echo $$ >> {note}; wait"
        outcome, _ = run(job(command, timeout=timedelta(seconds=0.5)))
        assert (outcome.status, outcome.exit_code) == ("timed_out", None)
        assert "time limit" in outcome.note
        assert outcome.seconds < 10
        pids = [int(line) for line in note.read_text().split()]
        assert len(pids) == 2
        assert all_end(pids)

    def test_polite_signal_comes_first(self) -> None:
        """A command that cleans up when asked to end may do so, and what it prints then is kept."""
        outcome, _ = run(job("trap 'echo cleaned; exit 0' TERM; echo up; while :; do sleep 0.05; done", timeout=SHORT))
        assert outcome.status == "timed_out"
        assert outcome.output.startswith("up\n")
        assert outcome.output.endswith("cleaned\n")

    def test_endless_command_succeeds_at_its_limit(self) -> None:
        """What was printed until then is kept, and the note says why it ended."""
        outcome, live = run(job("echo first; exec sleep 300", timeout=SHORT, endless=True))
        assert (outcome.status, outcome.output, live) == ("succeeded", "first\n", b"first\n")
        assert "endless" in outcome.note

    def test_endless_pipeline_keeps_what_its_filter_still_held(self, tmp_path: Path) -> None:
        """Only the first process is asked to end; the filter behind it prints its buffer and ends by itself."""
        log = tmp_path / "log"
        log.write_text("ERROR one\nfine\nERROR two\n")
        follow = pipe(process("tail", "-f", "-n", "+1", str(log)), process("grep", "ERROR"))
        outcome, _ = run(plan(follow, timeout=SHORT, endless=True))
        assert (outcome.status, outcome.output) == ("succeeded", "ERROR one\nERROR two\n")

    def test_endless_command_that_fails_at_once_has_failed(self) -> None:
        """Being endless excuses only the time limit."""
        assert run(job("exit 2", endless=True))[0].status == "failed"

    def test_cancel_ends_it(self) -> None:
        """A cancelled command ends soon, and its children with it."""
        cancel, started, found = threading.Event(), threading.Event(), list[Outcome]()

        def emit(piece: bytes) -> None:
            started.set()

        work = job("echo up; sleep 300 | sleep 300")
        thread = threading.Thread(target=lambda: found.append(QUICK.run(work, emit, cancel)))
        thread.start()
        assert started.wait(10)
        sleepers = [child.pid for child in psutil.Process().children(recursive=True) if child.name() == "sleep"]
        cancel.set()
        thread.join(10)
        assert found[0].status == "cancelled"
        assert found[0].output == "up\n"
        assert all_end(sleepers)

    def test_cancelled_before_the_start_starts_nothing(self, tmp_path: Path) -> None:
        """The command leaves no trace."""
        cancel = threading.Event()
        cancel.set()
        outcome, _ = run(job(f"touch {tmp_path}/trace"), cancel=cancel)
        assert outcome.status == "cancelled"
        assert not (tmp_path / "trace").exists()

    def test_background_process_is_not_waited_for(self) -> None:
        """An approved command may leave something running; the outcome says that it does."""
        outcome, _ = run(job("sleep 30 & echo $!"))
        pid = int(outcome.output)
        try:
            assert outcome.status == "succeeded"
            assert outcome.seconds < 5
            assert "background process" in outcome.note
            assert alive(pid)
        finally:
            os.kill(pid, signal.SIGKILL)

    def test_emit_that_fails_leaves_no_process(self) -> None:
        """If nobody can take the output, the command is ended before the error goes on."""

        def emit(piece: bytes) -> None:
            raise RuntimeError(piece.decode())

        with pytest.raises(RuntimeError, match="up"):
            QUICK.run(job("echo up; sleep 300"), emit, threading.Event())
        ours = {"bash", "sh", "sleep"}  # this process may have other children: a PostgreSQL of other tests, for one
        assert not [child for child in psutil.Process().children(recursive=True) if child.name() in ours]


class TestOutput:
    def test_a_gigabyte_is_counted_in_flat_memory(self) -> None:
        """Of 1 GB the two ends are kept, the rest is counted exactly, and memory does not grow with it."""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.monotonic()
        outcome, live = run(job("head -c 1000000000 /dev/zero | tr '\\0' '+'", keep_bytes=100_000, timeout=MINUTE))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert outcome.size == 1_000_000_000
        assert outcome.output == "+" * 50_000 + "\n… 999,900,000 bytes left out …\n" + "+" * 50_000
        assert grown < 60_000, f"memory grew by {grown:,} kB"
        assert len(live) < 1_000_000_000 / 10
        print(f"1 GB in {time.monotonic() - started:.1f} s, memory +{grown:,} kB, passed on {len(live):,} bytes")

    def test_secrets_are_masked_everywhere(self) -> None:
        """A secret reaches neither the kept output nor the live pieces, however slowly it is printed."""
        work = job("printf hunt; sleep 0.2; printf 'er2-long\\n'; echo $PW | base64", variables={"PW": "hunter2-long"})
        outcome, live = run(Job(**{**fields(work), "secrets": ("hunter2-long",)}))  # type: ignore[arg-type]
        assert "hunter2" not in outcome.output
        assert b"hunt" not in live
        assert outcome.output.count("•••") == 2

    def test_escapes_and_broken_text_become_plain(self) -> None:
        """Colours, NUL bytes and bytes that are not UTF-8 do no harm."""
        outcome, _ = run(job(r"printf '\033[31mred\033[0m \000nul \377 end\r\nnext\n'"))
        assert outcome.output == "red nul \ufffd end\nnext\n"

    def test_live_pieces_come_before_the_end(self, tmp_path: Path) -> None:
        """A person sees the first line while the command still runs."""
        gate = tmp_path / "gate"
        os.mkfifo(gate)

        def emit(piece: bytes) -> None:
            if piece == b"early\n":
                gate.write_text("opened\n")

        outcome = QUICK.run(job(f"echo early; cat {gate}"), emit, threading.Event())
        assert (outcome.status, outcome.output) == ("succeeded", "early\nopened\n")


class TestPlan:
    def test_joins_processes_without_a_shell(self) -> None:
        """Words are arguments: what a shell would expand stays as it is."""
        outcome, _ = run(plan(pipe(process("echo", "$HOME `id` *; true"), process("tr", "a-z", "A-Z"))))
        assert outcome.output == "$HOME `ID` *; TRUE\n"
        assert (outcome.status, outcome.exit_code, outcome.note) == ("succeeded", 0, "")

    def test_variables_are_one_argument(self) -> None:
        """A value with spaces and quotes is one word, joined with the text around it."""
        words = process("printf", "[%s]\n", ("x=", Variable("REGION")), (Variable("REGION"),))
        outcome, _ = run(plan(pipe(words), variables={"REGION": "a b'\"; echo c"}))
        assert outcome.output == "[x=a b'\"; echo c]\n[a b'\"; echo c]\n"

    @pytest.mark.parametrize(("values", "message"), [({}, r"\$REGION has no value"), ({"REGION": ""}, "no value")])
    def test_missing_variable_is_unrunnable(self, values: dict[str, str], message: str) -> None:
        """The variable is named before anything is started."""
        with pytest.raises(Unrunnable, match=message):
            run(plan(pipe(process("echo", "one")), pipe(process("echo", (Variable("REGION"),))), variables=values))

    def test_a_value_never_becomes_an_option(self) -> None:
        """A value that begins with a dash is refused where it would begin the word."""
        with pytest.raises(Unrunnable, match="read as an option"):
            run(plan(pipe(process("sort", (Variable("FILE"),))), variables={"FILE": "-o/tmp/written"}))

    def test_missing_program_is_unrunnable(self) -> None:
        """Program and PATH are named."""
        with pytest.raises(Unrunnable, match=r"`no-such-tool` is not on the target's PATH \(/usr/local/bin"):
            run(plan(pipe(process("no-such-tool"), process("cat"))))

    def test_missing_program_leaves_the_alternative(self) -> None:
        """`a || b` runs b where a is not installed, and says so."""
        outcome, _ = run(plan(pipe(process("no-such-tool")), pipe(process("echo", "b"), after="failure")))
        assert outcome.status == "succeeded"
        assert outcome.output.endswith("b\n")
        assert "no-such-tool" in outcome.note

    def test_and_or_and_then(self) -> None:
        """Each pipeline starts when the one before it ended as its sign says."""
        yes, no = pipe(process("true")), pipe(process("false"))
        say = [pipe(process("echo", sign), after=sign) for sign in ("success", "failure", "always")]
        assert run(plan(yes, say[0], say[1], say[2]))[0].output == "success\nalways\n"
        assert run(plan(no, say[0], say[1], say[2]))[0].output == "failure\nalways\n"
        outcome, _ = run(plan(yes, pipe(process("false"), after="success")))
        assert (outcome.status, outcome.exit_code) == ("failed", 1)

    def test_streams_go_where_the_plan_says(self) -> None:
        """stderr is kept beside a pipe, joined into it, or dropped; stdout can be dropped too."""
        both = ("sh", "-c", "echo out; echo err >&2")
        upper = process("tr", "a-z", "A-Z")
        assert set(run(plan(pipe(process(*both), upper)))[0].output.split()) == {"OUT", "err"}
        assert set(run(plan(pipe(process(*both, stderr="join"), upper)))[0].output.split()) == {"OUT", "ERR"}
        assert run(plan(pipe(process(*both, stderr="drop"), upper)))[0].output == "OUT\n"
        assert run(plan(pipe(process(*both, stdout="drop"), upper)))[0].output == "err\n"
        assert run(plan(pipe(process(*both, stdout="drop", stderr="join"))))[0].output == ""

    def test_grep_that_finds_nothing_succeeds(self) -> None:
        """Exit 1 of a search is an answer, and the note says which."""
        outcome, _ = run(plan(pipe(process("echo", "fine"), process("grep", "ERROR"))))
        assert (outcome.status, outcome.exit_code, outcome.note) == ("succeeded", 1, "grep found nothing (exit 1)")

    def test_grep_behind_a_failure_has_failed(self) -> None:
        """If there was nothing to search because the source failed, "found nothing" is not true."""
        outcome, _ = run(plan(pipe(process("cat", "/no/such/file"), process("grep", "ERROR"))))
        assert outcome.status == "failed"
        assert "`cat` ended with exit 1" in outcome.note

    def test_earlier_failure_is_noted(self) -> None:
        """The last program decides, but what failed before it is told."""
        outcome, _ = run(plan(pipe(process("cat", "/no/such/file"), process("wc", "-l"))))
        assert (outcome.status, outcome.note) == ("succeeded", "`cat` ended with exit 1")

    def test_reader_that_has_enough_is_no_failure(self) -> None:
        """`yes | head` is normal: the broken pipe is not worth a note."""
        outcome, _ = run(plan(pipe(process("yes"), process("head", "-n", "1"))))
        assert (outcome.status, outcome.output, outcome.note) == ("succeeded", "y\n", "")

    def test_ended_by_a_signal(self) -> None:
        """A crash is named by its signal, with the exit code that a shell would give."""
        outcome, _ = run(plan(pipe(process("sh", "-c", "kill -SEGV $$"))))
        assert (outcome.status, outcome.exit_code) == ("failed", 139)
        assert "SIGSEGV" in outcome.note

    def test_half_started_pipeline_is_a_failure_not_unrunnable(self, tmp_path: Path) -> None:
        """Once one process was started, "certainly nothing happened" is no longer true."""
        broken = tmp_path / "broken"
        broken.write_text("no program")
        broken.chmod(0o755)
        outcome, _ = run(plan(pipe(process("echo", "x"), process(str(broken)))))
        assert outcome.status == "failed"
        assert "can't be started" in outcome.note


def test_descriptors_do_not_leak() -> None:
    """Runs, also failing ones, leave no open file behind."""
    run(plan(pipe(process("echo", "x"), process("cat"))))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        run(plan(pipe(process("echo", "x"), process("cat"), process("cat"))))
        with pytest.raises(Unrunnable):
            run(plan(pipe(process("no-such-tool"))))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_many_jobs_side_by_side() -> None:
    """Twenty threads run at once and each gets its own output."""
    found: dict[int, str] = {}

    def work(number: int) -> None:
        found[number] = run(plan(pipe(process("echo", str(number)), process("cat"))))[0].output

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == {number: f"{number}\n" for number in range(20)}


SHORT, MINUTE = timedelta(seconds=0.5), timedelta(minutes=2)


def alive(pid: int) -> bool:
    """Whether it runs; a zombie that nobody has collected yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def all_end(pids: list[int]) -> bool:
    """Whether they are gone, or go within seconds: a kill takes effect when the system gets to it."""
    processes = [psutil.Process(pid) for pid in pids if alive(pid)]
    _, left = psutil.wait_procs(processes, timeout=5)
    return not [process for process in left if alive(process.pid)]


def fields(work: Job) -> dict[str, object]:
    return {name: getattr(work, name) for name in Job.__dataclass_fields__}
