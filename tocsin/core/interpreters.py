"""Programs for which a text is code: what stands in their arguments, or comes in through a pipe, may be executed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tocsin.core.shellplaces import Token

_RUNS_WHAT_IT_READS = """
    . Rscript alias ansible ash at bash batch bc builtin bun busybox chroot clickhouse clickhouse-client cqlsh
    dash dc declare deno ed eval ex exec expect fish flock fly flyctl gcloud gdb groovy heroku ksh let local lua
    m4 make mongo mongosh node nodejs npx nsenter osascript parallel perl php powershell pwsh python python2
    python3 read redis-cli ruby runuser script sh source sqlcmd ssh su tclsh trap typeset vi vim watch xargs zsh
"""
_READS_ITS_ARGUMENTS = """
    [ [[ awk command env export expr find gawk jq mawk nawk printf sed test yq
"""
RUNS_INPUT = frozenset(_RUNS_WHAT_IT_READS.split())
RUNS_ARGUMENTS = RUNS_INPUT | frozenset(_READS_ITS_ARGUMENTS.split())
SQL_CLIENTS = frozenset({"psql", "sqlite3", "mysql", "mariadb", "cockroach", "usql", "pgcli"})
WITH_BACKTICKS = frozenset({"mysql", "mariadb"})
READS_FILES_AT = frozenset({"curl", "wget", "http", "https", "gh", "xh"})
_KEYWORDS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"})
_WRAPPERS = frozenset({"sudo", "nohup", "nice", "timeout", "stdbuf", "setsid", "doas"})
_REDIRECTIONS = frozenset({"<", ">", ">>", "&>", "&>>", ">|", "<>", "<<<", ">&", "<&"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_CODE_OPTION = re.compile(
    r"-(?:c|e|x)|--?(?:exec\w*|command|eval|execute|to-command|checkpoint-action|rsh|script|rebase)(?:=.*)?", re.DOTALL
)
_STATEMENT = re.compile(
    r"\s*(?:select|insert|update|delete|with|explain|show|alter|create|drop|grant|revoke|truncate|vacuum|analyze|call"
    r"|reindex|set|kill|begin|do|values|table|refresh|cluster|comment|lock|describe|replace|merge|copy|prepare|execute)\b",
    re.IGNORECASE,
)


def commands_of(tokens: Sequence[Token]) -> list[list[Token]]:
    """The words of each simple command, assignments and files of redirections among them."""
    commands: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "operator" and token.text not in _REDIRECTIONS:
            commands.append([])
        elif token.kind == "word":
            commands[-1].append(token)
    return [command for command in commands if command]


def is_program(command: Sequence[Token], index: int) -> bool:
    """Whether a word is what is started: the first one behind keywords, assignments and wrappers."""
    for place, token in enumerate(command):
        if token.text in _KEYWORDS or (_ASSIGNMENT.match(token.text) and place != index):
            continue
        if place == index:
            return _ASSIGNMENT.match(token.text) is None
        if name_of(token.text) not in _WRAPPERS and not token.text.startswith("-"):
            return False
    return False


def runs_input(tokens: Sequence[Token]) -> bool:
    """Whether some program of the command executes what it is given to read."""
    return any(name_of(token.text) in RUNS_INPUT | SQL_CLIENTS for token in tokens)


def runs_argument(before: Sequence[Token]) -> bool:
    """Whether an argument behind these words may be executed."""
    return any(name_of(token.text) in RUNS_ARGUMENTS or _CODE_OPTION.fullmatch(token.text) for token in before)


def sql_client(before: Sequence[Token], word: str) -> str:
    """The client of a database that takes this word behind these words as a statement; empty where none does."""
    names = [name_of(token.text) for token in before]
    client = next((name for name in names if name in SQL_CLIENTS), "")
    inside = client and not any(name in RUNS_ARGUMENTS for name in names) and _STATEMENT.match(word)
    return client if inside else ""


def name_of(word: str) -> str:
    """A program's name without its folder."""
    return word.rpartition("/")[2]
