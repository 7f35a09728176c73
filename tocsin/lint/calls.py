"""Command lines that start something by name: ``docker compose logs NAME``, ``npm run NAME``, ``make NAME``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_GLOBAL_TAKES = frozenset(
    {"-f", "--file", "-p", "--project-name", "--profile", "--env-file", "--project-directory", "--ansi", "--parallel"}
    | {"--progress", "-H", "--host", "-c", "--context"}
)
_ONE = frozenset({"exec", "run", "port"})
_MANY = frozenset(
    {"logs", "restart", "stop", "start", "up", "ps", "pull", "build", "kill", "top", "rm", "create", "pause", "unpause"}
    | {"push", "images", "events", "watch", "wait", "attach"}
)
_TAKES: dict[str, frozenset[str]] = {
    "logs": frozenset({"-n", "--tail", "--since", "--until", "--index"}),
    "restart": frozenset({"-t", "--timeout"}),
    "stop": frozenset({"-t", "--timeout"}),
    "up": frozenset(
        {"-t", "--timeout", "--scale", "--wait-timeout", "--exit-code-from", "--attach", "--no-attach", "--pull"}
    ),
    "ps": frozenset({"--filter", "--format", "--status"}),
    "build": frozenset({"--build-arg", "--ssh", "-m", "--memory", "--builder", "--progress"}),
    "pull": frozenset({"--policy"}),
    "kill": frozenset({"-s", "--signal"}),
    "create": frozenset({"--scale", "--pull"}),
    "exec": frozenset({"-u", "--user", "-e", "--env", "-w", "--workdir", "--index"}),
    "run": frozenset(
        {"-u", "--user", "-e", "--env", "-w", "--workdir", "-v", "--volume", "-p", "--publish", "-l", "--label"}
        | {"--name", "--entrypoint", "--pull", "--cap-add", "--cap-drop", "--env-from-file"}
    ),
    "port": frozenset({"--protocol", "--index"}),
}


_PACKAGE_TAKES = frozenset({"--prefix", "-C", "--dir", "--cwd"})
_PACKAGE_ELSEWHERE = frozenset(
    {"-w", "--workspace", "--workspaces", "--filter", "-F", "-r", "--recursive", "--if-present", "workspace"}
)
_MAKE_TAKES = frozenset({"-o", "-W", "-I", "-l", "--include-dir"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """What a command line of compose names. ``files`` empty: it looks for its usual ones."""

    files: tuple[str, ...] = ()
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """What a command line of make names. ``file`` empty: it looks for its usual ones in ``folder``."""

    folder: str = "."
    file: str = ""
    targets: tuple[str, ...] = ()


def compose_call(words: Sequence[str]) -> Compose | None:
    """``docker compose …`` or ``docker-compose …`` taken apart; null where it names no services, or another project."""
    rest = list(words[1:] if words[0] == "docker-compose" else words[2:])
    files: list[str] = []
    while rest and rest[0].startswith("-"):
        option, joined, value = rest.pop(0).partition("=")
        if option in ("--project-directory", "-H", "--host", "-c", "--context"):
            return None
        if option in _GLOBAL_TAKES and not joined:
            value = rest.pop(0) if rest else ""
        if option in ("-f", "--file"):
            files.append(value)
    if not rest or rest[0] not in _ONE | _MANY or any(file == "-" or file.startswith(("/", "~")) for file in files):
        return None
    verb, operands = rest[0], _operands(rest[0], rest[1:])
    named = operands[:1] if verb in _ONE else operands
    return Compose(files=tuple(files), services=tuple(named)) if named else None


def _operands(verb: str, rest: Sequence[str]) -> list[str]:
    """What stands behind the options; for ``exec`` and ``run`` the first one ends them."""
    found: list[str] = []
    at, takes = 0, _TAKES.get(verb, frozenset())
    while at < len(rest):
        word = rest[at]
        if word in takes:
            at += 1
        elif not word.startswith("-"):
            found.append(word)
            if verb in _ONE:
                break
        at += 1
    return found


def package_call(words: Sequence[str]) -> tuple[str, str]:
    """The script of a ``run`` and the folder of its package; no script where it can't be told."""
    name, folder, at, runs = "", "", 1, False
    while at < len(words):
        word = words[at]
        option, _, value = word.partition("=")
        if option in _PACKAGE_ELSEWHERE:
            return "", ""
        if option in _PACKAGE_TAKES:
            at += 0 if value else 1
            folder = value or (words[at] if at < len(words) else "")
        elif not runs and word in ("run", "run-script"):
            runs = True
        elif not word.startswith("-") and not name:
            if not runs:
                return "", ""
            name = word
        elif word == "--":
            break
        at += 1
    return name, folder or "."


def make_call(words: Sequence[str]) -> Make:
    """``make …`` taken apart; variables that are set on the command line are no targets."""
    targets, folder, file = [], ".", ""
    rest = list(words[1:])
    while rest:
        word = rest.pop(0)
        if word in ("-C", "--directory", "-f", "--file", "--makefile") and rest:
            value = rest.pop(0)
            folder, file = (value, file) if word in ("-C", "--directory") else (folder, value)
        elif word in _MAKE_TAKES and rest:
            rest.pop(0)
        elif not word.startswith("-") and "=" not in word and not word.isdigit():
            targets.append(word)
    return Make(folder=folder, file=file, targets=tuple(targets))
