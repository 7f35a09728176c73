"""Runs commands on another machine by the OpenSSH client."""

from __future__ import annotations

import re
import secrets
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, ClassVar

from tocsin.core.run import Outcome
from tocsin.errors import Invalid, Unavailable, Unrunnable
from tocsin.plug.ends import SHELL, judge
from tocsin.plug.following import Following
from tocsin.plug.kinds import Emit, Example, Job
from tocsin.plug.processes import Start
from tocsin.plug.remote import KILL_AFTER, Marks, first_words, last_program, script
from tocsin.plug.remotepins import broken
from tocsin.times import say_duration

EXAMPLES = (
    Example(settings={"host": "oven.example.org", "user": "baker"}),
    Example(settings={"host": "oven.example.org", "port": 2222, "identity": "/etc/tocsin/oven", "known_hosts": "/k"}),
)
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]*")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_OPTIONS = (
    "BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ForwardAgent=no", "ForwardX11=no",
    "ClearAllForwardings=yes", "ControlMaster=no", "ControlPath=none", "PermitLocalCommand=no", "ProxyCommand=none",
    "RequestTTY=no", "EscapeChar=none", "LogLevel=ERROR", "ServerAliveInterval=5", "ServerAliveCountMax=3",
)  # fmt: skip
"""No question, no new host, nothing forwarded, nothing shared, no settings of anybody's files."""
_LATE = timedelta(seconds=KILL_AFTER + 3)
"""The other machine ends the command at its limit; so much later we stop waiting for it."""
_CLIENT_FAILED = 255
_BEFORE = re.compile(
    r"^(?:ssh: (?:connect to host|Could not resolve)|Host key verification failed|.*Permission denied \("
    r"|No \S+ host key|kex_exchange_identification)",
    re.MULTILINE,
)
"""What the client says where it fails before anything is asked of the other machine."""
_CUT = frozenset({124, 137})
"""Exit codes of timeout(1) where it ended the command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssh:
    """Runs commands on another machine, whose key must be known, by the OpenSSH client of this one.

    The command goes there as bytes, quoted once, with the values of the variables; it gets no terminal and nothing to
    read. The time limit is kept there too, where timeout(1) exists. Where the connection breaks while something that
    may change runs, it is in doubt. A pinned script is looked at there, right before it starts.
    """

    host: Annotated[str, "Name or address of the machine"]
    user: Annotated[str, "Who to sign in as; unless told, who runs Tocsin"] = ""
    port: Annotated[int, "TCP port of its SSH server"] = 22
    identity: Annotated[str, "File of the private key; unless told, the agent of SSH_AUTH_SOCK and the usual files"] = (
        ""
    )
    known_hosts: Annotated[str, "File with the machine's key; unless told, the usual ones"] = ""
    connect_timeout: Annotated[timedelta, "How long signing in may take"] = timedelta(seconds=10)
    verifies_pins: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse words that the client would read as something else."""
        if not _HOST.fullmatch(self.host):
            raise Invalid(f"{self.host!r} is not the name or address of a machine.")
        if self.user and not _USER.fullmatch(self.user):
            raise Invalid(f"{self.user!r} is not the name of a user.")
        if not 0 < self.port < 65_536:
            raise Invalid(f"{self.port} is not a port.")

    def run(self, job: Job, emit: Emit, cancel: threading.Event) -> Outcome:
        """Run to the end, the time limit or ``cancel``; raises `Unrunnable` where certainly nothing was started.

        Raises `Unavailable` where a command that is not proved to read began and nobody knows how it ended.
        """
        client = shutil.which("ssh", path=job.env.get("PATH", "")) or shutil.which("ssh")
        if client is None:
            raise Unrunnable("There is no ssh on this machine.", "Install the OpenSSH client.")
        nonce = secrets.token_hex(16)
        given = script(job, nonce)
        marks = Marks(nonce)
        waiting = replace(job, timeout=job.timeout + self.connect_timeout + _LATE, workdir="/")
        following = Following(waiting, emit, cancel, timedelta(seconds=1), marks.sift)
        if cancel.is_set():
            return following.outcome("cancelled", None)
        start = Start(program=client, argv=[client, *self._words()], env=_own_environment(job.env), given=given)
        try:
            (code,) = following.go([start])
        except OSError as error:
            raise Unrunnable(f"ssh can't be started: {error}.") from None
        following.printout.feed(marks.rest())
        return self._conclude(job, following, marks, code)

    def _words(self) -> list[str]:
        seconds = max(1, int(self.connect_timeout.total_seconds()))
        options = [part for option in (*_OPTIONS, f"ConnectTimeout={seconds}") for part in ("-o", option)]
        if self.known_hosts:
            options += ["-o", f'UserKnownHostsFile="{self.known_hosts}"', "-o", "GlobalKnownHostsFile=none"]
        if self.identity:
            options += ["-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-i", self.identity]
        if self.user:
            options += ["-l", self.user]
        return ["-F", "none", *options, "-p", str(self.port), "--", self.host, first_words()]

    def _conclude(self, job: Job, following: Following, marks: Marks, code: int | None) -> Outcome:
        if not marks.began:
            said = following.printout.finish().strip()[-300:]
            pin = broken(said, job.pins, marks.nonce, self.host)
            if pin is not None:
                raise Unrunnable(*pin)
            if _was_before(code, said):
                said = " ".join(said.split()) or "ssh ended without a word"
                raise Unrunnable(f"Nothing was started on {self.host}: {said}.", _hint(said))
        if marks.code is None and not job.proved:
            raise Unavailable(f"The connection to {self.host} broke while the command ran there.")
        if following.ending == "cancel":
            following.notes.append("cancelled; what runs there ends at its time limit at the latest")
            return following.outcome("cancelled", None)
        span = say_duration(job.timeout)
        late = following.seconds >= job.timeout.total_seconds()
        if following.ending == "limit" or (marks.code in _CUT and late):
            if job.endless:
                following.notes = [f"an endless command, ended at its time limit of {span}"]
                return following.outcome("succeeded", None)
            following.notes.append(f"not done within its time limit of {span}; it was ended")
            return following.outcome("timed_out", None)
        if marks.code is None:
            following.notes.append(f"the connection to {self.host} broke (ssh ended with exit {code})")
            return following.outcome("failed", code)
        ended = judge([last_program(job) or SHELL], [marks.code])
        following.notes += [ended.note] if ended.note else []
        return following.outcome("failed" if ended.failed else "succeeded", ended.code)


def _own_environment(env: Mapping[str, str]) -> dict[str, str]:
    """What the client itself gets: none of the command's variables, save the way to the agent."""
    kept = ("PATH", "HOME", "LANG", "SSH_AUTH_SOCK")
    return {name: env[name] for name in kept if name in env}


def _was_before(code: int | None, said: str) -> bool:
    """Whether the command certainly did not begin: its mark may have been lost with the connection that carried it."""
    through = code is not None and code not in (0, _CLIENT_FAILED) and code > 0
    return through or (code == _CLIENT_FAILED and bool(_BEFORE.search(said)))


def _hint(said: str) -> str:
    if "verification failed" in said or "host key" in said.lower():
        return "Put the machine's key into known_hosts, after comparing it with the one that it shows itself."
    if "Permission denied" in said:
        return "Give that user the key under identity, or name SSH_AUTH_SOCK in the target's env."
    return "Check the target's host, user and workdir."
