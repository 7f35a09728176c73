"""Takes from proven commands what could make them do more than they say: the environment, and configuration files.

A repository's own ``.git/config`` may name programs that git starts on a mere ``status`` or ``diff``, and a ``.psqlrc``
may hold any statement. The verdict on a command's text holds only where neither has a say.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from tocsin.errors import Unrunnable

_WRAPPERS: Mapping[str, tuple[int, frozenset[str]]] = {
    "timeout": (1, frozenset({"-k", "--kill-after", "-s", "--signal"})),
    "nice": (0, frozenset({"-n", "--adjustment"})),
    "ionice": (0, frozenset({"-c", "-n", "--class", "--classdata"})),
    "stdbuf": (0, frozenset({"-i", "-o", "-e", "--input", "--output", "--error"})),
    "nohup": (0, frozenset()),
    "time": (0, frozenset({"-f", "--format"})),
    "env": (0, frozenset()),
    "xargs": (0, frozenset({"-n", "-L", "-P", "-I", "-d", "-s", "-E", "-a"})),
}
"""Programs that start the program named behind them: how many operands come before it, and options with a value."""

_GIT_SETTINGS = (
    "core.fsmonitor=",
    "core.pager=cat",
    "core.hooksPath=/dev/null",
    "core.askPass=true",
    "core.alternateRefsCommand=true",
    "credential.helper=",
    "diff.autoRefreshIndex=false",
    "diff.external=",
    "diff.ignoreSubmodules=dirty",
    "format.pretty=medium",
    "log.showSignature=false",
    "gpg.program=false",
    "gpg.openpgp.program=false",
    "gpg.x509.program=false",
    "gpg.ssh.program=false",
)
_GIT_VALUED = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--attr-source"})
_GIT_DIFFING = frozenset({"diff", "log", "show", "whatchanged", "reflog", "diff-tree", "diff-index", "diff-files"})
_GIT_REMOTE = frozenset({"ls-remote", "fetch", "remote"})
_GIT_ENV: Mapping[str, str] = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ASKPASS": "true",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
}
_OWN = frozenset({"local", "worktree"})
"""The scopes of git's settings that come with a repository; the others belong to the operator."""
_PROBE_LIMIT = timedelta(seconds=10)


def clean_environment(path: str, extra: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a command: fixed values and ``extra``; nothing of ours is handed down."""
    return {
        "PATH": path,
        "HOME": pwd.getpwuid(os.getuid()).pw_dir,
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "PAGER": "cat",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_EDITOR": "true",
        "PGCONNECT_TIMEOUT": "10",
        **extra,
    }


def neutralise(
    argv: Sequence[str], env: Mapping[str, str], workdir: str | None, timeout: timedelta
) -> tuple[list[str], dict[str, str]]:
    """The proven program's words and environment such that configuration files start nothing and change nothing.

    Knows ``git``, ``psql`` and ``vercel``, also behind ``timeout`` and its like; leaves everything else as it is. Asks
    git which filters the repository configures, and looks for a program that `vercel` would take its settings from.
    Raises `Unrunnable` where one can't be switched off. Without a ``workdir`` (on another machine) nobody is asked
    here, and who starts the words has to look there.
    """
    words = list(argv)
    at = program_at(words)
    if at < len(words) and name_of(words[at]) == "git":
        return _neutral_git(words, at, {**env, **_GIT_ENV}, workdir)
    if at < len(words) and name_of(words[at]) == "psql":
        return [*words[: at + 1], "-X", *words[at + 1 :]], _read_only_session(env, timeout)
    if at < len(words) and name_of(words[at]) == "vercel" and workdir is not None:
        _without_programs(workdir)
    return words, dict(env)


def name_of(word: str) -> str:
    """The last part of a program's path: ``/usr/bin/git`` → ``git``."""
    return word.rstrip("/").rpartition("/")[2]


def program_at(words: Sequence[str]) -> int:
    """Where the program stands that does the work."""
    at = 0
    while at < len(words) and (wrapper := _WRAPPERS.get(name_of(words[at]))):
        if wrapper is _WRAPPERS["env"] and all("=" in word for word in words[at + 1 :]):
            return at  # it prints the environment
        operands, valued = wrapper
        at += 1
        while at < len(words) and words[at].startswith("-"):
            at += 2 if words[at] in valued else 1
        at += operands
        while wrapper is _WRAPPERS["env"] and at < len(words) and "=" in words[at]:
            at += 1
    return at


def _without_programs(workdir: str) -> None:
    """Newer versions of `vercel` run ``vercel.ts`` of their folder, whatever they are asked."""
    try:
        names = [each.name for each in Path(workdir).glob("vercel.*") if each.name != "vercel.json"]
    except OSError as error:
        raise Unrunnable(f"The folder {workdir!r} could not be looked at: {error.strerror}.") from None
    if names:
        why = f"`vercel` would run {min(names)!r} of the folder that it is started in."
        raise Unrunnable(why, "Ask for it as an approved command.")


def _read_only_session(env: Mapping[str, str], timeout: timedelta) -> dict[str, str]:
    """The second wall for SQL. The server gives up a little before we do, so that its own words reach the timeline."""
    limit = max(1, int(timeout / timedelta(milliseconds=1) * 0.9))
    options = f"-c default_transaction_read_only=on -c statement_timeout={limit}"
    return {"PGCONNECT_TIMEOUT": "10", **env, "PGOPTIONS": f"{env.get('PGOPTIONS', '')} {options}".strip()}


def _neutral_git(
    words: list[str], at: int, env: dict[str, str], workdir: str | None
) -> tuple[list[str], dict[str, str]]:
    sub = at + 1
    while sub < len(words) and words[sub].startswith("-"):
        sub += 2 if words[sub] in _GIT_VALUED else 1
    if sub >= len(words):
        return words, env  # `git --version` and its like touch no repository
    verb = words[sub]
    env["GIT_ALLOW_PROTOCOL"] = "https:http:ssh:git:file" if verb in _GIT_REMOTE else "none"
    off = [] if workdir is None else _without_filters([words[at], *words[at + 1 : sub]], env, workdir)
    settings = [*_GIT_SETTINGS, *off]
    safe = ["--no-ext-diff", "--no-textconv"] if verb in _GIT_DIFFING else ["--no-textconv"] if verb == "blame" else []
    given = [part for setting in settings for part in ("-c", setting)]
    # Ours come last before the verb: of two values of a setting git takes the last.
    return [*words[:sub], *given, *words[sub : sub + 1], *safe, *words[sub + 1 :]], env


def _without_filters(git: list[str], env: Mapping[str, str], workdir: str) -> list[str]:
    """Settings that switch off the content filters which the repository itself configures."""
    safe = [part for setting in _GIT_SETTINGS for part in ("-c", setting)]
    # Whose the folder is does not matter to a look at settings; who the command runs as may be another than who asks.
    ask = [
        *git,
        "-c",
        "safe.directory=*",
        *safe,
        "config",
        "--show-scope",
        "-z",
        "--name-only",
        "--get-regexp",
        r"^filter\..*\.",
    ]
    try:
        answer = subprocess.run(
            ask, env=env, cwd=workdir, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_LIMIT.seconds,
            start_new_session=True, check=False,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Unrunnable(f"git could not be asked for the repository's filters: {error}.") from None
    if answer.returncode == 129 and b"show-scope" in answer.stderr:
        raise Unrunnable("This git can't tell where its settings come from.", "Install git 2.26 or newer.")
    fields = answer.stdout.decode("utf-8", "surrogateescape").split("\0")
    names = {key.rpartition(".")[0] for scope, key in zip(fields[::2], fields[1::2], strict=False) if scope in _OWN}
    if any("=" in name for name in names):
        raise Unrunnable("The repository configures a filter whose name holds '=', which can't be switched off.")
    return [f"{name}.{what}" for name in sorted(names) for what in ("clean=", "smudge=", "process=", "required=false")]
