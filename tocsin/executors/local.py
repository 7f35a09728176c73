"""Runs commands on this machine: proven ones as processes joined by pipes, approved ones as the approved bytes."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Annotated

from tocsin.core.run import Outcome, Pipeline, Variable, Word
from tocsin.errors import Unrunnable
from tocsin.plug.following import Following
from tocsin.plug.kinds import Emit, Example, Job
from tocsin.plug.neutral import neutralise, program_at
from tocsin.plug.processes import Start
from tocsin.times import say_duration

EXAMPLES = (
    Example(given=b"echo one; echo two >&2", gives=("one", "two")),
    Example(given=b"printf 'a b\\n' | tr a-z A-Z", gives=("A B",)),
)

_ANSWERS: Mapping[str, str] = {
    **dict.fromkeys(("grep", "egrep", "fgrep", "zgrep", "rg", "pgrep", "pidof"), "found nothing"),
    **dict.fromkeys(("diff", "cmp", "zdiff"), "found differences"),
    **dict.fromkeys(("test", "["), "says no"),
}
"""Programs whose exit code 1 is an answer, not a fault."""
_BROKEN_PIPE = frozenset({-signal.SIGPIPE, 128 + signal.SIGPIPE})
_NOT_FOUND, _NOT_STARTED = 127, 126
_SHELL = "the command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Runs commands on the machine that Tocsin runs on.

    The environment is exactly the job's; there is no terminal and nothing on standard input. At the time limit the
    command and all that it started are asked to end, and after ``grace`` they are killed.
    """

    grace: Annotated[timedelta, "How long a command may take to end when it is asked to"] = timedelta(seconds=2)

    def run(self, job: Job, emit: Emit, cancel: threading.Event) -> Outcome:
        """Run to the end, the time limit or ``cancel``; raises `Unrunnable` where certainly nothing was started."""
        if not Path(job.workdir).is_dir():
            raise Unrunnable(f"The working directory {job.workdir} does not exist.", "Create it or change the target.")
        following = Following(job, emit, cancel, self.grace)
        if cancel.is_set():
            return following.outcome("cancelled", None)
        if job.plan is not None:
            return _run_plan(following, job.plan)
        if job.kind != "shell":
            raise Unrunnable(f"A step of kind {job.kind!r} is not a command for a shell.", "Run it by hand.")
        return _run_approved(following)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A pipeline, ready to start, or the sentence that says what is missing for it."""

    after: str
    starts: tuple[Start, ...] = ()
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """How a pipeline ended: its exit code as a shell tells it, and whether that is a failure."""

    code: int | None
    failed: bool
    note: str = ""


def _run_approved(following: Following) -> Outcome:
    """The bytes that were approved, unchanged, by bash (or by sh where there is none)."""
    job = following.job
    shell = shutil.which("bash", path=_path(job.env))
    if shell is None:
        following.notes.append("bash is not on the target's PATH, so sh ran it")
    start = Start(argv=[shell or "/bin/sh", "-c", "--", job.command], env=job.env)
    try:
        codes = following.go([start])
    except (OSError, ValueError) as error:
        raise Unrunnable(f"The command can't be started: {error}.") from None
    ended = _judge([_SHELL], codes)
    following.notes += [ended.note] if ended.note and following.ending == "itself" else []
    return _conclude(following, ended)


def _run_plan(following: Following, plan: Sequence[Pipeline]) -> Outcome:
    """The pipelines in turn, as ``&&``, ``||`` and ``;`` say. All are prepared before the first starts."""
    parts = [_prepare(pipeline, following.job) for pipeline in plan]
    ended: _Ended | None = None
    for part in parts:
        if ended is None or part.after == "always" or (part.after == "success") is (ended.code == 0):
            ended = _run_part(following, part)
            following.notes += [ended.note] if ended.note and following.ending == "itself" else []
        if following.ending != "itself":
            break
    if ended is None or not following.started:
        why = following.notes[0] if following.notes else "The plan of this command is empty."
        raise Unrunnable(why, "Nothing was started.")
    return _conclude(following, ended)


def _prepare(pipeline: Pipeline, job: Job) -> _Part:
    starts: list[Start] = []
    for process in pipeline.processes:
        argv = [_fill(word, job.env) for word in process.argv]
        for program in (argv[0], argv[min(program_at(argv), len(argv) - 1)]):
            if not _is_program(program, job):
                where = f"in {job.workdir}" if "/" in program else f"on the target's PATH ({_path(job.env)})"
                return _Part(after=pipeline.after, missing=f"`{program}` is not {where}.")
        argv, env = neutralise(argv, job.env, job.workdir, job.timeout)
        starts.append(Start(argv=argv, env=env, stdout=process.stdout, stderr=process.stderr))
    return _Part(after=pipeline.after, starts=tuple(starts))


def _fill(word: Word, env: Mapping[str, str]) -> str:
    """The word with its variables' values. A value never becomes an option, and an empty one never an argument."""
    text = ""
    for piece in word:
        value = env.get(piece.name, "") if isinstance(piece, Variable) else piece
        if isinstance(piece, Variable) and not value:
            hint = f"Give {piece.name} a value in the target's environment."
            raise Unrunnable(f"The variable ${piece.name} has no value on this target.", hint)
        if isinstance(piece, Variable) and not text and value.startswith("-"):
            raise Unrunnable(f"The value of ${piece.name} begins with '-' and would be read as an option.")
        text += value
    return text


def _is_program(name: str, job: Job) -> bool:
    path = os.path.join(job.workdir, name) if "/" in name else name  # noqa: PTH118  an absolute name stays as it is
    return shutil.which(path, path=_path(job.env)) is not None


def _run_part(following: Following, part: _Part) -> _Ended:
    if part.missing:
        following.printout.feed(f"{part.missing}\n".encode())
        return _Ended(code=_NOT_FOUND, failed=True, note=part.missing)
    try:
        codes = following.go(part.starts)
    except (OSError, ValueError) as error:
        return _Ended(code=_NOT_STARTED, failed=True, note=f"The command can't be started: {error}.")
    return _judge([_name(start.argv) for start in part.starts], codes)


def _name(argv: Sequence[str]) -> str:
    """The program that decides about the exit code, with git's verb where git's exit code 1 may be an answer."""
    name = PurePath(argv[min(program_at(argv), len(argv) - 1)]).name
    if name == "git" and "grep" in argv:
        return "grep"
    return "diff" if name == "git" and "diff" in argv and {"--exit-code", "--quiet"} & set(argv) else name


def _judge(names: Sequence[str], codes: Sequence[int | None]) -> _Ended:
    """The last program decides, as in a shell; what failed before it is noted, and makes "found nothing" a failure."""
    earlier = [
        f"`{name}` {_say_end(code)}" for name, code in zip(names[:-1], codes[:-1], strict=True)
        if code and code not in _BROKEN_PIPE
    ]  # fmt: skip
    name, code = names[-1], codes[-1]
    shell_code = 128 - code if code is not None and code < 0 else code
    if code == 0:
        return _Ended(code=0, failed=False, note=", ".join(earlier))
    if code == 1 and name in _ANSWERS and not earlier:
        return _Ended(code=1, failed=False, note=f"{name} {_ANSWERS[name]} (exit 1)")
    own = f"`{name}` {_say_end(code)}" if name != _SHELL else f"{name} {_say_end(code)}"
    return _Ended(code=shell_code, failed=True, note=", ".join([*earlier, own]))


def _say_end(code: int | None) -> str:
    if code is None:
        return "did not end"
    if code >= 0:
        return f"ended with exit {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def _conclude(following: Following, ended: _Ended) -> Outcome:
    span = say_duration(following.job.timeout)
    if following.ending == "cancel":
        following.notes.append("cancelled; the command and what it had started were ended")
        return following.outcome("cancelled", None)
    if following.ending == "limit" and following.job.endless:
        following.notes = [f"an endless command, ended at its time limit of {span}"]
        return following.outcome("succeeded", None)
    if following.ending == "limit":
        following.notes.append(f"not done within its time limit of {span}; it was ended")
        return following.outcome("timed_out", None)
    return following.outcome("failed" if ended.failed else "succeeded", ended.code)


def _path(env: Mapping[str, str]) -> str:
    return env.get("PATH", os.defpath)
