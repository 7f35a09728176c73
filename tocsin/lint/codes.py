"""Every code that a finding can have: its level and what it is about. `pages/` has a page for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.core.runbook import Level, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One kind of finding. ``about`` is half a sentence without a full stop, for lists and SARIF."""

    name: str
    level: Level
    about: str


def _table() -> Iterator[Code]:
    rows: tuple[tuple[str, Level, str], ...] = (
        # how the file is written
        ("encoding", "note", "the file is not UTF-8"),
        ("double-encoded", "warning", "text that was encoded twice and is shown mended"),
        ("unclosed-fence", "warning", "a code fence without an end"),
        ("unread-fence", "note", "lines of a code fence that are no command, comment, setting, output or template"),
        ("comments-only", "note", "a code fence that holds only comments"),
        ("no-scenario", "note", "no section that an alert could select"),
        ("unknown-ignore", "warning", "an ignore comment that names no finding code"),
        ("unused-ignore", "note", "an ignore comment with nothing to silence"),
        # people and clocks
        ("unfilled-contact", "error", "a contact without the address it promises"),
        ("nobody-to-page", "error", "a runbook that can page nobody as it stands"),
        ("unreachable-person", "warning", "an escalation to somebody whom the document gives no way to reach"),
        ("overlapping-bands", "note", "time bands that share their ends"),
        ("open-promise", "warning", "a promise whose time is not filled in"),
        # thresholds and conditions
        ("undefined-boundary", "warning", "below and above a number are covered, the number itself is not"),
        ("conflicting-threshold", "warning", "the same threshold stated twice with different numbers"),
        # commands
        ("misleading-title", "warning", "a command that does more than its title or stage says"),
        ("endless-command", "warning", "a command that does not end by itself"),
        ("interactive-command", "warning", "a command that waits for a person or a screen"),
        ("misleading-exit", "note", "a command whose exit code tells the opposite of what matters"),
        ("no-effect", "warning", "a line that sets a variable in a shell that ends at once"),
        ("writes-file", "note", "a command that leaves a file in the working directory"),
        ("shows-secret", "warning", "a command that prints secrets"),
        ("opens-door", "error", "a command that switches off authentication or verification"),
        ("wrong-target", "warning", "a command that may act on another target than the one meant"),
        ("alternatives-in-fence", "note", "one fence that holds alternatives, of which one is to be done"),
        ("hidden-command", "note", "a command that stands in a comment"),
        # placeholders
        ("unbindable-placeholder", "error", "a gap in a command that names nothing"),
        ("shell-placeholder", "warning", "an unquoted <gap> that the shell takes for a redirection"),
        ("mixed-placeholders", "note", "the same gap written in several ways"),
        ("unfilled-text", "warning", "a date or name of the document that was never filled in"),
        # completeness
        ("missing-verification", "note", "a scenario that changes something and never says how to see that it worked"),
        ("missing-rollback", "note", "a scenario with a change that cannot be undone and no word about the way back"),
        ("review-overdue", "warning", "the runbook's own review date has passed"),
        # the repository around the document
        ("dead-link", "error", "a link or anchor that leads nowhere"),
        ("missing-script", "error", "a command that starts a file which is not in the repository"),
        ("missing-package-script", "error", "a script that package.json does not have"),
        ("missing-service", "error", "a service that the compose file does not have"),
        # the configuration
        ("unbound-role", "error", "a role with nobody bound to it"),
        ("unbound-metric", "warning", "a metric that no signal measures"),
        ("unbound-channel", "warning", "a channel that no notifier serves"),
        ("unbound-placeholder", "note", "a placeholder that is asked for in every incident"),
        ("unbound-variable", "warning", "a variable of the commands that is not handed to them"),
        ("unbound-severity", "note", "a rule of approvals for a severity that the runbook does not have"),
        ("missing-tool", "warning", "a program of the commands that is not there"),
    )
    for name, level, about in rows:
        yield Code(name=name, level=level, about=about)


CODES = {code.name: code for code in _table()}


def problem(code: str, line: int, message: str, hint: str = "", *, level: Level | None = None) -> Problem:
    """A finding of this code, at the code's own level where no other is given."""
    return Problem(line=line, code=code, level=level or CODES[code].level, message=message, hint=hint)
