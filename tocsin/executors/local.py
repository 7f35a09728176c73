"""Runs commands on this machine: proven ones as processes joined by pipes, approved ones as the approved bytes."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

from tocsin.core.run import Outcome, Pipeline
from tocsin.errors import Unrunnable
from tocsin.plug import becoming, sandbox
from tocsin.plug.ends import SHELL, Ended, judge, name_in
from tocsin.plug.following import Following
from tocsin.plug.kinds import Emit, Example, Job
from tocsin.plug.neutral import neutralise, program_at
from tocsin.plug.pins import verify
from tocsin.plug.processes import Start
from tocsin.plug.words import filled
from tocsin.times import say_duration

EXAMPLES = (
    Example(given=b"echo one; echo two >&2", gives=("one", "two")),
    Example(given=b"printf 'a b\\n' | tr a-z A-Z", gives=("A B",)),
)

_NOT_FOUND, _NOT_STARTED = 127, 126
_TURN, _PATIENCE = threading.Lock(), 0.005
"""Whose turn it is to prepare; so many seconds the others leave it alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """Runs commands on the machine that Tocsin runs on.

    The environment is exactly the job's; there is no terminal and nothing on standard input. At the time limit the
    command and all that it started are asked to end, and after ``grace`` they are killed. ``user`` is part of what is
    approved; becoming somebody else takes a Tocsin that runs as root.
    """

    user: Annotated[str, "Who the commands run as; unless told, who runs Tocsin"] = ""
    grace: Annotated[timedelta, "How long a command may take to end when it is asked to"] = timedelta(seconds=2)

    def __post_init__(self) -> None:
        """Refuse a user whom nothing can run as."""
        becoming.check(self.user)

    def run(self, job: Job, emit: Emit, cancel: threading.Event) -> Outcome:
        """Run to the end, the time limit or ``cancel``; raises `Unrunnable` where certainly nothing was started."""
        try:
            return self._run(job, emit, cancel)
        except Unrunnable:
            if os.path.isdir(job.workdir):  # noqa: PTH112
                raise
            why = f"The working directory {job.workdir} does not exist."
            raise Unrunnable(why, "Create it or change the target.") from None

    def _run(self, job: Job, emit: Emit, cancel: threading.Event) -> Outcome:
        following = Following(job, emit, cancel, self.grace)
        if cancel.is_set():
            return following.outcome("cancelled", None)
        if job.plan is not None:
            verify(job.pins, job.workdir)
            return _run_plan(following, job.plan, self.user)
        if job.kind != "shell":
            raise Unrunnable(f"A step of kind {job.kind!r} is not a command for a shell.", "Run it by hand.")
        return _run_approved(following, self.user)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A pipeline, ready to start, or the sentence that says what is missing for it."""

    after: str
    names: tuple[str, ...] = ()
    starts: tuple[Start, ...] = ()
    missing: str = ""


def _run_approved(following: Following, user: str) -> Outcome:
    """The bytes that were approved, unchanged, by bash (or by sh where there is none)."""
    job = following.job
    shell = _file_of("bash", job)
    if not shell:
        following.notes.append("bash is not on the target's PATH, so sh ran it")
    shell = shell or "/bin/sh"
    argv = [*becoming.words(user), shell, "-c", "--", job.command]
    start = Start(program=argv[0], argv=argv, env=becoming.at_home(user, job.env))
    try:
        codes = following.go([start])
    except (OSError, ValueError) as error:
        raise Unrunnable(f"The command can't be started: {error}.") from None
    ended = judge([SHELL], codes)
    following.notes += [ended.note] if ended.note and following.ending == "itself" else []
    return _conclude(following, ended)


def _run_plan(following: Following, plan: Sequence[Pipeline], user: str) -> Outcome:
    """The pipelines in turn, as ``&&``, ``||`` and ``;`` say. All are prepared before the first starts."""
    parts = _prepare_all(plan, following.job, user)
    ended: Ended | None = None
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


def _prepare_all(plan: Sequence[Pipeline], job: Job, user: str) -> list[_Part]:
    """One job after the other: side by side they would take the interpreter from each other at every look at a file.

    Nobody waits for long: where a look takes its time (a slow disk, a question to git), the others go on meanwhile.
    """
    in_turn = _TURN.acquire(timeout=_PATIENCE)
    try:
        return [_prepare(pipeline, job, user) for pipeline in plan]
    finally:
        if in_turn:
            _TURN.release()


def _prepare(pipeline: Pipeline, job: Job, user: str) -> _Part:
    names: list[str] = []
    starts: list[Start] = []
    for process in pipeline.processes:
        argv = [filled(word, job.env) for word in process.argv]
        inner = argv[min(program_at(argv), len(argv) - 1)]
        files = {name: _file_of(name, job) for name in dict.fromkeys((argv[0], inner))}
        for program, file in files.items():
            if not file:
                where = f"in {job.workdir}" if "/" in program else f"on the target's PATH ({_path(job.env)})"
                return _Part(after=pipeline.after, missing=f"`{program}` is not {where}.")
        file = files[argv[0]]
        names.append(name_in(argv))
        argv, env = neutralise(argv, becoming.at_home(user, job.env), job.workdir, job.timeout)
        before = becoming.words(user)
        if job.fenced:
            network = job.network or sandbox.needs_network(files)
            file, argv = sandbox.fenced(file, argv, job.workdir, network=network, before=before)
        elif before:
            file, argv = before[0], [*before, file, *argv[1:]]
        starts.append(Start(program=file, argv=argv, env=env, stdout=process.stdout, stderr=process.stderr))
    return _Part(after=pipeline.after, names=tuple(names), starts=tuple(starts))


def _file_of(name: str, job: Job) -> str:
    """The program's file, as the process will find it from its folder; empty where there is none."""
    if "/" in name:
        places: Sequence[str] = (os.path.join(job.workdir, name),)  # noqa: PTH118  what is absolute stays as it is
    else:
        places = [folder + name for folder in _folders(_path(job.env), job.workdir)]
    for file in places:
        if os.access(file, os.X_OK) and not os.access(f"{file}/.", os.F_OK):  # that is, it is no folder
            return file
    return ""


@lru_cache(maxsize=64)
def _folders(path: str, workdir: str) -> tuple[str, ...]:
    """The folders of a ``PATH`` as seen from a folder, each with a slash behind it; what they hold is not kept."""
    return tuple(os.path.join(workdir, folder, "") for folder in path.split(":"))  # noqa: PTH118


def _run_part(following: Following, part: _Part) -> Ended:
    if part.missing:
        following.printout.feed(f"{part.missing}\n".encode())
        return Ended(code=_NOT_FOUND, failed=True, note=part.missing)
    try:
        codes = following.go(part.starts)
    except (OSError, ValueError) as error:
        return Ended(code=_NOT_STARTED, failed=True, note=f"The command can't be started: {error}.")
    return judge(part.names, codes)


def _conclude(following: Following, ended: Ended) -> Outcome:
    if following.ending == "itself":
        return following.outcome("failed" if ended.failed else "succeeded", ended.code)
    if following.ending == "cancel":
        following.notes.append("cancelled; the command and what it had started were ended")
        return following.outcome("cancelled", None)
    span = say_duration(following.job.timeout)
    if following.job.endless:
        following.notes = [f"an endless command, ended at its time limit of {span}"]
        return following.outcome("succeeded", None)
    following.notes.append(f"not done within its time limit of {span}; it was ended")
    return following.outcome("timed_out", None)


def _path(env: Mapping[str, str]) -> str:
    return env.get("PATH", os.defpath)
