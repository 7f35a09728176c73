"""What a command's text names: the programs that it starts, and the databases, hosts and folders that they act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tocsin.reading.shellwords import executable
from tocsin.safety import shell
from tocsin.safety.lexer import GAP, VARIABLE

_WORDS = """. : [ [[ alias bg break builtin case cd command continue declare dirs disown do done echo elif else enable
esac eval exec exit export false fc fg fi for function getopts hash help history if in jobs kill let local logout
mapfile popd printf pushd pwd read readarray readonly return set shift shopt source suspend test then time times trap
true type typeset ulimit umask unalias unset until wait while { } !"""
BUILT_IN = frozenset(_WORDS.split())
"""What a shell does itself."""

_BEFORE_OTHERS = frozenset({"sudo", "nohup", "time", "nice", "env", "exec", "command", "timeout", "watch"})
_ALONE = frozenset({"command", "exec", "time"})
"""Those of them that a shell has built in."""
_OWN = re.compile(r"-.*|[A-Za-z_]\w*=.*|\d+[smhd]?", re.DOTALL)
"""Words that still belong to one of those: an option, an assignment, a number."""
_PROGRAM = re.compile(r"(?!GAP)[A-Za-z_./~][\w.+/-]*")
_URL_HOST = re.compile(r"\bhttps?://(?:[^/@\s]*@)?(?P<host>[A-Za-z0-9][\w.-]*)", re.ASCII)
_SQL_CLIENTS = frozenset({"psql", "pg_dump", "mysql", "mysqldump"})
_CLIENTS = _SQL_CLIENTS | {"pg_restore", "pg_isready", "mysqladmin", "redis-cli"}
_COMPOSE = frozenset({"-f", "--file", "-p", "--project-name", "--profile"})
_DATABASE_URL = re.compile(r"(?:postgres(?:ql)?|mysql|mongodb|redis)://\S+")


def programs(command: str) -> Iterator[str]:
    """The programs that a command starts, as far as its text is understood; never what the shell does itself."""
    seen: dict[str, None] = {}
    for words in _commands(command):
        for name in _programs(words):
            seen.setdefault(name)
    if not seen:
        seen.setdefault(executable(command.partition("\n")[0]).strip("\"'()`;"))
    yield from (name for name in seen if name not in BUILT_IN and _PROGRAM.fullmatch(name))


def databases(command: str) -> Iterator[str]:
    """The databases that its clients are sent to, as written: ``$DATABASE_URL``, ``orders``; nothing without a name."""
    for words in _commands(command):
        program = _program(words)
        if program not in _CLIENTS:
            continue
        named = [_value(words, option) for option in ("-d", "--dbname", "--database")]
        if words[0] in _SQL_CLIENTS and len(words) > 1 and not words[1].startswith("-"):
            named.append(words[1])
        named += [
            word
            for before, word in pairwise(words)
            if _DATABASE_URL.match(word) or (word.startswith("$") and not before.startswith("-"))
        ]
        yield from (name for name in dict.fromkeys(named) if name and "GAP" not in name)


def compose_files(command: str) -> Iterator[str]:
    """The compose call that it makes, with its file, project and profile: ``docker compose -f ovens.yml``."""
    for words in _commands(command):
        short = words[:1] == ["docker-compose"]
        if not short and words[:2] != ["docker", "compose"]:
            continue
        rest = words[1 if short else 2 :]
        options = [f"{word} {value}" for word, value in pairwise(rest) if word in _COMPOSE and "GAP" not in value]
        options += [word for word in rest if word.startswith(("--file=", "--project-name=", "--profile="))]
        yield " ".join(("docker compose", *options))


def hosts(command: str) -> Iterator[str]:
    """The machines that it names: of ``ssh``, of ``-h`` of a database's client, of a URL."""
    for words in _commands(command):
        program = _program(words)
        found: list[str] = []
        if program == "ssh":
            names = [word for word in words[words.index("ssh") + 1 :] if not word.startswith("-")]
            found += [name.rpartition("@")[2] for name in names[:1]]
        elif program in _CLIENTS:
            found += [_value(words, option) for option in ("-h", "--host")]
        found += [match["host"] for word in words for match in _URL_HOST.finditer(word)]
        yield from (host for host in found if host and "GAP" not in host)


def folders(command: str) -> Iterator[str]:
    """The folders that it goes into."""
    for words in _commands(command):
        if words[0] == "cd" and len(words) == 2 and words[1] not in ("-", "..") and "GAP" not in words[1]:
            yield words[1]


def _commands(text: str) -> Iterator[list[str]]:
    """The words of each command that was understood; a variable as ``$NAME``."""
    for chain in shell.parse(text).chains:
        for command in chain.commands:
            words = [
                "".join(part if isinstance(part, str) else f"${part.name}" for part in word) for word in command.words
            ]
            if words:
                yield [word.replace(GAP, "GAP").replace(VARIABLE, "$") for word in words]


def _programs(words: list[str]) -> Iterator[str]:
    """What starts the others, and what is started."""
    if words[0] in _BEFORE_OTHERS - _ALONE:
        yield words[0]
    yield _program(words)


def _program(words: list[str]) -> str:
    at = 0
    while at < len(words) - 1 and words[at] in _BEFORE_OTHERS:
        at += 1
        while at < len(words) - 1 and _OWN.fullmatch(words[at]):
            at += 1
    return executable(words[at]) if at else words[at]


def _value(words: list[str], option: str) -> str:
    for at, word in enumerate(words):
        if word == option and at + 1 < len(words):
            return words[at + 1]
        if word.startswith(f"{option}=") and option.startswith("--"):
            return word.partition("=")[2]
    return ""
