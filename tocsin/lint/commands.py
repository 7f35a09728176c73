"""Commands that do not do what a responder expects of them: they never end, wait, fail when all is well, do nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Problem, Step
from tocsin.lint import comments, exits, risks
from tocsin.lint.codes import problem
from tocsin.lint.pipelines import brief, chains, command_of, shell_of, words, written_files
from tocsin.lint.subject import Check, Subject

_BOUNDED = re.compile(
    r"(?:^|[;&|(]\s*)(?:sudo\s+)?g?timeout\s|\|\s*(?:head|sed \d*q)\b|\|\s*grep\s+(?:-\w+\s+)*-\w*[mq]|(?<!&)&\s*$"
    r"|\brollout status\b|--until\b",
    re.MULTILINE,
)
_FOREVER = re.compile(r"\bwhile\s+(?:true|:|\[+\s*1\s*\]+)\s*(?:;|\n)\s*do\b")
_FOLLOWING = re.compile(r"(?<=\s)(?:-f|--follow|--tail(?![= ]*\d)|-w|--watch)(?=\s|$)")
_EDITOR = re.compile(r"\bgit\s+(?:\S+\s+)*?(?P<verb>revert|commit|rebase)\b")
_TERMINAL = re.compile(
    r"\b(?:exec|run)\s+(?:-{1,2}\S+\s+(?:[^\s-]\S*\s+(?=-))?)*?(?:-it|-ti|-t|--tty)\b"
    r"|\b(?:kubectl|oc)\b[^|;&]{0,200}?\s(?:exec|run)\b(?:(?!\s--\s)[^|;&]){0,200}?\s(?:-it|-ti|-t|--tty)\b"
)
_SHELL = re.compile(
    r"\s(?:--\s+)?(?:/\S*/)?(?:ba|z|a|da)?sh(?:\s+-l)?\s*$|\s(?:psql|mysql|redis-cli|python3?|node|irb|mongosh?|h?top|vim?)\s*$"
)
_SESSIONS = {
    "mysql": ("-e", "--execute"),
    "mariadb": ("-e", "--execute"),
    "mongosh": ("--eval", "-f", "--file"),
    "mongo": ("--eval",),
    "cqlsh": ("-e", "-f"),
    "psql": ("-c", "-f", "--command", "--file", "-l", "--list"),
}
_SSH_VALUES = frozenset(f"-{letter}" for letter in "bcDEeFIiJLlmOopQRSWw")
_FED = re.compile(r"(?<!<)<(?![<(A-Za-z_][^\n]*>)|<<|\|\s*(?:sudo\s+)?(?:psql|mysql|mongosh?|redis-cli|sqlite3|ssh)\b")
_CONFIG_FILE = re.compile(r"[a-zA-Z0-9_./-]*\.(?:env(?:\.[a-z]+)?|conf|cfg|ini|toml|ya?ml|properties)(?![a-zA-Z0-9_])")
_ASSIGNMENT = re.compile(r"(?:export\s+|set\s+)?(?P<name>[A-Za-z_][\w.]*)=(?:\"[^\"]*\"|'[^']*'|\S*)\s*$")
_USED = re.compile(r"\$\{?([A-Za-z_]\w*)")
_HINTS = (
    (r"\bopen\b|xdg-open|dashboard|browse|studio", "Write it as a step for a person, with the address to open."),
    (r"\bkubectl\b.*\bedit\b", "Use `kubectl set`, `kubectl patch` or `kubectl apply -f`, which can be reviewed."),
    (r"\b(?:less|more|most|vi|vim|nano|emacs|view)\b", "Print what matters (`tail`, `grep`), or change it by command."),
    (r"\bssh\b", "Give the command along: `ssh HOST 'systemctl status app'`."),
    (r"\b(?:psql|mysql|mariadb|cqlsh)\b", "Give the statement along: `-c \"…\"` (psql) or `-e \"…\"` (mysql)."),
    (r"\bredis-cli\b", "Give the command along: `redis-cli INFO memory`."),
    (r"\bconvex\b.*\bdeploy\b", "Put `-y` behind it."),
    (r"\b[abhi]*top\b|\bnmon\b|\bmtr\b", "Use the form that prints once: `top -b -n 1`, `ps aux --sort=-%cpu`."),
)  # fmt: skip


def endless_commands(subject: Subject) -> Iterator[Problem]:
    """A command that goes on until somebody stops it."""
    for step in subject.book.steps():
        command = shell_of(step)
        if command and _endless(step, command):
            follows = _FOLLOWING.search(command)
            hint = "Bound it: put `timeout 60` in front, or use the option that ends it."
            if follows and "log" in command:
                hint = f"Leave `{follows.group()}` out and ask for the last lines, or put `timeout 60` in front."
            elif "port-forward" in command:
                hint = "Say that it needs a terminal of its own and when to close it."
            yield problem(
                "endless-command",
                step.line,
                f"{brief(command)} goes on until somebody stops it, so nothing after it is done.",
                hint,
            )


def _endless(step: Step, command: str) -> bool:
    forever = bool(_FOREVER.search(command)) and not re.search(r"\b(?:break|exit|return)\b", command)
    return (forever or ("endless" in step.traits and "interactive" not in step.traits)) and not _BOUNDED.search(command)


def interactive_commands(subject: Subject) -> Iterator[Problem]:
    """A command that opens an editor, a prompt, a session or a window."""
    for step in subject.book.steps():
        told = _waits(step, shell_of(step))
        if told:
            message, hint = told
            level = "note" if message.endswith("does not need.") else None
            yield problem("interactive-command", step.line, message, hint, level=level)  # type: ignore[arg-type]


def _waits(step: Step, command: str) -> tuple[str, str] | None:
    """What it waits for, and what to write instead; None for a command that waits for nobody."""
    shown, editor = brief(command), _EDITOR.search(command)
    if "interactive" in step.traits and editor:
        verb = editor.group("verb")
        instead = {"revert": "Put `--no-edit` behind it.", "commit": 'Give the message along: `-m "…"`.'}
        return f"{shown} opens an editor and waits for it.", instead.get(verb, "Write the single `git` commands.")
    if _TERMINAL.search(command) and not _FED.search(command):
        if _SHELL.search(command):
            return (
                f"{shown} opens a session and waits for somebody to type.",
                "Give the command along instead of a shell.",
            )
        if re.search(r"\bexec\b", command):
            return f"{shown} asks for a terminal, which the command does not need.", "Leave out `-t` (and `-i`)."
        return None
    if _FED.search(command) or not ("interactive" in step.traits or _session(step)) or _batch(step):
        return None
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, command)), "Write it as a step for a person.")
    return f"{shown} waits for a person at a screen.", hint


def _session(step: Step) -> bool:
    """A client of a database that is started without a statement: it prompts."""
    for chain in chains(step):
        given = words(chain.commands[0])
        wanted = _SESSIONS.get(given[0])
        if wanted and len(chain.commands) == 1:
            return not any(word.startswith(option) for word in given[1:] for option in wanted)
    return False


def _batch(step: Step) -> bool:
    """``ssh HOST COMMAND`` and ``psql -f FILE`` ask nobody."""
    for chain in chains(step):
        given = list(words(chain.commands[0]))
        if given[0] == "psql" and any(word in ("-f", "--file") or word.startswith("--file=") for word in given):
            return True
        if given[0] == "ssh":
            return len(_operands(given[1:])) > 1
    return bool(re.match(r"ssh\s+(?:-\S+\s+)*\S+\s+[\"']", shell_of(step)))


def _operands(given: list[str]) -> list[str]:
    found: list[str] = []
    while given:
        word = given.pop(0)
        if not word.startswith("-") or found:
            found.append(word)
        elif word in _SSH_VALUES and given:
            given.pop(0)
    return found


def no_effect(subject: Subject) -> Iterator[Problem]:
    """``NAME=value`` alone: the shell that takes it ends at once. One finding for the lines that follow each other."""
    before, used = -1, {name for line in subject.lines for name in _USED.findall(line)}
    for step in subject.book.steps():
        found = _ASSIGNMENT.match(command_of(step)) if step.kind == "set" else None
        if found is None or found.group("name") in used:
            continue
        if step.line != before + 1:
            file = _CONFIG_FILE.search(step.title)
            instead = "Write the command that sets it where the service reads it, or make it a flag."
            yield problem(
                "no-effect",
                step.line,
                f"This line sets {found.group('name')} in a shell that ends at once, so it changes nothing.",
                f"Give it a fence tagged with what {file.group()} is (ini, yaml, text): it is no command."
                if file
                else instead,
                level="note" if file else None,
            )
        before = step.line


def writes_file(subject: Subject) -> Iterator[Problem]:
    """A redirection into a file with a relative name."""
    for step in subject.book.steps():
        for name in written_files(step):
            command = step.command or ""
            if (
                name.startswith(("/", "~", "$", "&", "-"))
                or "<…>" in name
                or command.count(name) > 1
                or "<<" in command
            ):
                continue
            yield problem(
                "writes-file",
                step.line,
                f"`> {name}` leaves a file in whatever directory the command runs in, where nobody will look for it.",
                "Let the command print, so that its output is kept with the incident, or write the whole path.",
            )
            break


CHECKS: tuple[Check, ...] = (
    endless_commands,
    interactive_commands,
    no_effect,
    writes_file,
    *exits.CHECKS,
    *risks.CHECKS,
    *comments.CHECKS,
)
