"""Whether what the commands start is in the repository: scripts, package scripts, make targets, compose services.

A command is judged where it plainly runs in this checkout. After a `cd` to somewhere unknown, in a shell on another
machine, or with a name that is computed, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from posixpath import dirname

from tocsin.core.runbook import Problem, Step
from tocsin.lint.calls import Compose, compose_call, make_call, package_call
from tocsin.lint.codes import problem
from tocsin.lint.links import resolve
from tocsin.lint.manifests import compose_services, make_targets, package_scripts
from tocsin.lint.subject import Check, Files, Repository, Subject
from tocsin.safety.lexer import GAP, VARIABLE, text_of
from tocsin.safety.shell import Command, parse

_BEFORE = frozenset({"sudo", "time", "nohup", "exec", "command", "env"})
_SHELLS = frozenset({"bash", "sh", "zsh", "ksh", "dash", "source", "."})
_INTERPRETERS = frozenset({"python", "python3", "node", "ruby", "perl", "php", "ts-node", "tsx", "deno", "bun"})
_ELSEWHERE = re.compile(
    r"^\s*(?:sudo\s+)?(?:ssh|mosh|su|docker\s+(?:compose\s+)?exec|docker-compose\s+exec|kubectl\s+exec|oc\s+rsh|heroku\s+run"
    r"|fly\s+ssh|railway\s+shell|vagrant\s+ssh|git\s+clone)\b"
)
_GENERATED = frozenset({"node_modules", "dist", "build", "out", "target", ".venv", "venv", "env", "vendor", "tmp"})
_BRINGS = re.compile(r"\b(?:curl|wget|scp|rsync|tar|unzip|cp|mv|tee|gsutil|aws s3|git clone)\b|>")
_ASSIGNMENTS = re.compile(r"^(?:\s*(?:export\s+)?[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|[^\s\"';&|]*)(?:\s+|;\s*))+(?=\S)")
_COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = ("compose.override.yaml", "compose.override.yml", "docker-compose.override.yml")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")


@dataclass(slots=True)
class _Shell:
    """Where a reader's shell stands: the folders that it may be in, none of which is certain before the first `cd`."""

    start: tuple[str, ...]
    folders: tuple[str, ...] = field(init=False)
    lost: bool = False

    def __post_init__(self) -> None:
        self.folders = self.start

    def go(self, target: str, files: Files) -> None:
        """Follow a `cd`; one to a place that is not in the repository leads away from it."""
        to = [path for folder in self.folders if (path := resolve(folder, target)) is not None]
        there = tuple(dict.fromkeys(path for path in to if path == "" or files.exists(path)))
        known = not target.startswith(("/", "~", "-")) and VARIABLE not in target and GAP not in target and bool(target)
        self.folders, self.lost = (there, self.lost) if there and known else (self.folders, True)


def missing_parts(subject: Subject) -> Iterator[Problem]:
    """What commands start and the repository does not have."""
    repository = subject.repository
    if repository is None:
        return
    steps = [step for step in subject.book.steps() if step.kind == "shell" and step.command]
    brought = " ".join(step.command or "" for step in steps if _BRINGS.search(step.command or ""))
    fences = {number: fence.line for fence in subject.book.fences for number in range(fence.line, fence.end_line + 1)}
    for part in subject.parts:
        shell, fence = _Shell(_starts(repository)), 0
        for step in part.steps:
            if step.kind != "shell" or not step.command:
                continue
            if fences.get(step.line, -1) != fence:
                fence = fences.get(step.line, -1)
                shell.folders = tuple(dict.fromkeys((*shell.folders, *shell.start)))
            yield from _of_step(step, shell, repository.files, brought)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _computed(*words: str) -> bool:
    """Whether a word holds a variable, a gap or a pattern, so that its text is not known."""
    return any(char in word for word in words for char in (VARIABLE, GAP, "*"))


def _starts(repository: Repository) -> tuple[str, ...]:
    """The root, and the folders down to the document: where people stand when they begin."""
    folder, found = dirname(repository.path), [""]
    while folder:
        found.append(folder)
        folder = dirname(folder)
    return tuple(found)


def _of_step(step: Step, shell: _Shell, files: Files, brought: str) -> Iterator[Problem]:
    text = step.command or ""
    for gap in step.placeholders:
        text = text.replace(gap, GAP)
    text = re.sub(r"(?m)^\s*(?:\$|>)\s+", "", text)
    for chain in parse(_ASSIGNMENTS.sub("", text)).chains:
        for command in chain.commands:
            words = _words(command)
            if not words:
                continue
            if words[0] in ("cd", "pushd") and len(words) > 1:
                shell.go(words[1], files)
            elif not shell.lost:
                yield from _of_words(words, step.line, shell.folders, files, brought)
                shell.lost = bool(_ELSEWHERE.match(" ".join(words))) and _stays(words)


def _stays(words: Sequence[str]) -> bool:
    """Whether what follows runs in there too: an interactive shell, or a fresh copy of another repository."""
    return words[-1] in ("bash", "sh", "zsh", "ash", "clone") or words[0] in ("ssh", "su", "mosh") or "clone" in words


def _words(command: Command) -> list[str]:
    words = [text_of(word) for word in command.words]
    while words and (words[0] in _BEFORE or re.match(r"^[A-Za-z_]\w*=", words[0])):
        words.pop(0)
        while words and words[0].startswith("-"):
            words.pop(0)
    return words


def _of_words(words: Sequence[str], line: int, folders: Sequence[str], files: Files, brought: str) -> Iterator[Problem]:
    program = words[0]
    if program in ("npm", "pnpm", "yarn"):
        yield from _package_script(words, line, folders, files)
    elif program == "make":
        yield from _make_target(words, line, folders, files)
    elif program == "docker-compose" or list(words[:2]) == ["docker", "compose"]:
        yield from _service(words, line, folders, files)
    else:
        path = _script(words)
        if path and path.rsplit("/", 1)[-1] not in brought.replace(" ".join(words), ""):
            yield from _missing_file(path, line, folders, files)


def _script(words: Sequence[str]) -> str:
    """The file that a command starts, as it is written; empty where it starts none, or one of another place."""
    program, path = words[0], ""
    if program in _SHELLS or program in _INTERPRETERS or re.fullmatch(r"python3?\.\d+|python\d", program):
        rest = [word for word in words[1:] if word not in ("run", "-x", "-e", "-u", "-ex", "-eu", "-eux", "-euo", "--")]
        path = rest[0] if rest and not rest[0].startswith("-") else ""
        if program in _INTERPRETERS and "." not in path:
            path = ""
    elif "/" in program:
        path = program
    if (
        not path
        or path.startswith(("/", "~", "-"))
        or any(char in path for char in (VARIABLE, GAP, "*", "$", ":", "@"))
    ):
        return ""
    return "" if path.removeprefix("./").split("/", 1)[0] in _GENERATED else path


def _missing_file(path: str, line: int, folders: Sequence[str], files: Files) -> Iterator[Problem]:
    tried = [found for folder in folders if (found := resolve(folder, path)) is not None]
    if not any(files.exists(found) for found in tried):
        yield problem(
            "missing-script", line, f"The command starts {path}, which is not in the repository.",
            "Mend the path, or say before the command in which folder it is started.",
        )  # fmt: skip


def _package_script(words: Sequence[str], line: int, folders: Sequence[str], files: Files) -> Iterator[Problem]:
    """``npm run NAME``. yarn also runs programs of installed packages, so there only names with a colon are scripts."""
    name, folder = package_call(words)
    if not name or name == "env" or name.startswith("/") or _computed(name, folder):
        return
    if words[0] == "yarn" and ":" not in name:
        return
    tried = [path for start in folders if (path := resolve(start, folder)) is not None]
    found = [(path, files.text(_join(path, "package.json"))) for path in tried]
    known = [(path, package_scripts(text)) for path, text in found if text is not None]
    if known and all(scripts is not None and name not in scripts for _, scripts in known):
        where = _join(known[0][0], "package.json")
        yield problem(
            "missing-package-script", line, f"{where} has no script “{name}”.",
            "Name a script that is there, or say before the command in which folder it is started.",
        )  # fmt: skip


def _make_target(words: Sequence[str], line: int, folders: Sequence[str], files: Files) -> Iterator[Problem]:
    call = make_call(words)
    if _computed(call.folder, call.file, *call.targets):
        return
    for path in (path for start in folders if (path := resolve(start, call.folder)) is not None):
        names = (call.file,) if call.file else _MAKEFILES
        text = next((text for name in names if (text := files.text(_join(path, name))) is not None), None)
        known = make_targets(text) if text is not None else None
        if known is not None:
            where = f"The Makefile{f' in {path}' if path else ''}"
            for target in call.targets:
                if target not in known and not files.exists(_join(path, target)):
                    yield problem(
                        "missing-script", line, f"{where} has no target “{target}”.",
                        "Name a target that is there, or say before the command in which folder it is started.",
                    )  # fmt: skip
            return


def _service(words: Sequence[str], line: int, folders: Sequence[str], files: Files) -> Iterator[Problem]:
    call = compose_call(words)
    if call is None or _computed(*call.services, *call.files):
        return
    for folder in folders:
        texts = _compose_texts(call, folder, files)
        if not texts:
            continue
        known = [compose_services(text) for text in texts]
        if any(services is None for services in known):
            return
        there = frozenset().union(*(services for services in known if services is not None))
        for name in call.services:
            if name not in there:
                yield problem(
                    "missing-service", line, f"The compose file has no service “{name}”.",
                    f"Its services are: {', '.join(sorted(there)[:12])}.",
                )  # fmt: skip
        return


def _compose_texts(call: Compose, folder: str, files: Files) -> list[str]:
    names = call.files or next(
        ((name, *_OVERRIDES) for name in _COMPOSE_FILES if files.exists(_join(folder, name))), ()
    )
    paths = [path for name in names if (path := resolve(folder, name)) is not None]
    texts = [files.text(path) for path in paths]
    return [text for text in texts if text is not None] if not call.files or None not in texts else []


CHECKS: tuple[Check, ...] = (missing_parts,)
