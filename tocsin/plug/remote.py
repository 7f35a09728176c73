"""A command for another machine's shell: a script on its standard input, and marks by which its life is told.

Only POSIX is used there, every word is quoted, and no value of a variable stands on a command line. The script prints
a mark before the command starts and one after it ended; a connection that breaks in between leaves the outcome open.
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping
from pathlib import PurePath

from tocsin.core.run import Pipeline
from tocsin.plug import remotepins
from tocsin.plug.ends import name_in
from tocsin.plug.kinds import Job
from tocsin.plug.neutral import neutralise, program_at
from tocsin.plug.words import filled

KILL_AFTER = 2
_NO_FOLDER, _FILTERED = 125, 124
_JOINED = {"always": "; ", "success": " && ", "failure": " || "}
_OURS = frozenset({"HOME", "USER", "LOGNAME"})
"""Variables that are the other machine's own."""
_WAIT_SH = 'exec env -i HOME="$HOME" USER="$USER" LOGNAME="$LOGNAME" sh -s'
_FILTERS = """\
if {git} config --show-scope --name-only --get-regexp '^filter\\..*\\.' 2>/dev/null | grep -Eq '^(local|worktree)'; then
  echo 'This repository configures filters, which a proved command must not start; ask for it as an approved one.' >&2
  exit {code}
fi
"""
_PROGRAMS = """\
for each in vercel.*; do
  case $each in
    vercel.json | 'vercel.*') ;;
    *)
      echo 'vercel would run a program of this folder; ask for it as an approved command.' >&2
      exit {code}
      ;;
  esac
done
"""


def first_words() -> str:
    """What the user's own shell there is asked for: a plain shell in a clean environment that reads the script."""
    return _WAIT_SH


def script(job: Job, nonce: str) -> bytes:
    """The script for one job; approved bytes stand in it as one quoted word."""
    variables = {name: value for name, value in job.env.items() if name not in _OURS}
    lines = [f"{name}={shlex.quote(value)}; export {name}" for name, value in variables.items()]
    lines.append(f"cd -- {shlex.quote(job.workdir)} || exit {_NO_FOLDER}")
    lines += remotepins.lines(job.pins, nonce)
    body = _planned(job.plan, job, lines) if job.plan is not None else job.command
    shell = "sh" if job.plan is not None else '"$shell"'
    limit = max(1, math.ceil(job.timeout.total_seconds()))
    lines += [
        "shell=sh; command -v bash >/dev/null 2>&1 && shell=bash",
        f"set --; command -v timeout >/dev/null 2>&1 && set -- timeout -k {KILL_AFTER} {limit}",
        f"printf '%s\\n' {_start(nonce)}",
        f'"$@" {shell} -c -- {shlex.quote(body)} {shell} </dev/null 2>&1; code=$?',
        f"printf '%s%s\\n' {_end(nonce)} $code",
        "exit $code",
    ]
    # A shell reads its script while it runs: as one compound command, all of it is read before anything starts.
    text = "\n".join(lines)
    return f"{{\n{text}\n}}\n".encode("utf-8", "surrogateescape")


def _planned(plan: tuple[Pipeline, ...], job: Job, before: list[str]) -> str:
    """A plan as the shell's own words, each quoted; nothing in it is expanded."""
    text = ""
    for pipeline in plan:
        parts = []
        for process in pipeline.processes:
            argv, env = neutralise([filled(word, job.env) for word in process.argv], job.env, None, job.timeout)
            if PurePath(argv[program_at(argv)]).name == "vercel":
                before.append(_PROGRAMS.format(code=_FILTERED).rstrip())
            if PurePath(argv[program_at(argv)]).name == "git":
                before.append(_FILTERS.format(git=shlex.quote(argv[program_at(argv)]), code=_FILTERED).rstrip())
            own = {name: value for name, value in env.items() if job.env.get(name) != value}
            words = " ".join(shlex.quote(word) for word in [*_given(own), *argv])
            out = " >/dev/null" if process.stdout == "drop" else ""
            err = {"keep": " 2>&3", "drop": " 2>/dev/null", "join": " 2>&1"}[process.stderr]
            parts.append(f"{words}{err}{out}" if process.stderr == "join" and out == "" else f"{words}{out}{err}")
        text += (_JOINED[pipeline.after] if text else "") + " | ".join(parts)
    return f"exec 3>&2; {text}"


def _given(env: Mapping[str, str]) -> list[str]:
    return ["env", *(f"{name}={value}" for name, value in env.items())] if env else []


def last_program(job: Job) -> str:
    """The program whose exit code the job's is; empty for approved bytes."""
    if not job.plan:
        return ""
    return name_in([filled(word, job.env) for word in job.plan[-1].processes[-1].argv])


def _start(nonce: str) -> str:
    return f"tocsin-{nonce}-begins"


def _end(nonce: str) -> str:
    return f"tocsin-{nonce}-ended-"


class Marks:
    """Takes the marks out of the stream, and remembers them. ``began`` and ``code`` tell how far it came."""

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self._start = f"{_start(nonce)}\n".encode()
        self._end = re.compile(re.escape(_end(nonce).encode()) + rb"(\d+)\n")
        self._longest = len(_end(nonce)) + 8
        self._held = b""
        self.began = False
        self.code: int | None = None

    def sift(self, data: bytes) -> bytes:
        """What was printed without the marks; the last bytes are held back, as they may be the end's mark."""
        data = self._held + data
        if not self.began:
            before, found, after = data.partition(self._start)
            if not found:
                keep = len(self._start)
                self._held = data[-keep:]
                return data[:-keep]
            self.began, data = True, before + after
        ended = self._end.search(data)
        if ended:
            self.code, self._held = int(ended[1]), b""
            return data[: ended.start()] + data[ended.end() :]
        self._held = data[-self._longest :]
        return data[: -self._longest]

    def rest(self) -> bytes:
        """What was held back, when nothing more comes."""
        held, self._held = self._held, b""
        return held
