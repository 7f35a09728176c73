"""Scenarios that change something and say neither how to see that it worked nor how to go back."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from tocsin.core.runbook import Phase, Problem, Procedure, Scenario, Step
from tocsin.lint.codes import problem
from tocsin.lint.pipelines import brief, command_of, fence_at, written_files
from tocsin.lint.subject import Check, Subject
from tocsin.reading.vocabulary import meaning

_SEES = re.compile(
    r"\b(?:verif\w+|confirm\w*|ensure|monitor\w*|wait (?:for|until)|watch|health\w*|smoke|check\w*|test\w*|status"
    r"|comprobar|comprueba|revisar|conferir|vérifi\w+|prüf\w+|überprüf\w+|kontrollier\w+|проверить|проверка)\b"
    r"|确认|验证|检查|查看|確認|확인|점검",
    re.IGNORECASE,
)
_SEEN = re.compile(
    r"\b(?:verify|verification|confirm|validate|recovered|recovery criteria|back to normal|returns? to|verificar"
    r"|vérifier|verifizieren|проверить)\b|确认恢复|验证|確認|확인",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:roll(?:ing|ed)?[- ]?back|rollout undo|revert\w*|undo|restor\w+|(?:\w{0,40}_)?back[- ]?ups?|snapshots?"
    r"|previous (?:version|deployment|state)|re-?enable|dump|transaction|point-in-time|pitr"
    r"|respaldo|revertir|sauvegarde|zurück\w*|sicherung)\b"
    r"|回滚|备份|恢复|롤백|백업|ロールバック|バックアップ|откат|резерв",
    re.IGNORECASE,
)
_BACK_HEADING = re.compile(
    r"roll[- ]?back|\brevert|\brestor(?!\w*\s+service)|\b(?:data|disaster) recovery\b|\brecover (?:from|data)\b"
    r"|\bundo\b|point-in-time|回滚|롤백|ロールバック|откат|zurück",
    re.IGNORECASE,
)
_FINAL_SQL = re.compile(
    r"\b(?:drop\s+(?:table|index|database|schema|column|policy)|truncate(?:\s+table)?\s+\w|delete\s+from\s|update\s+\S+\s+set\b"
    r"|alter\s+(?:table|system|database)\s)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"^\s*set\s|\bkubectl\s+(?:\S+\s+)*?(?:debug|run)\b|\bmkdir\b|\bgit\s+(?:fetch|checkout)\b", re.IGNORECASE
)
_DEPLOYS = re.compile(r"\bdeploy\b|\bkubectl\s+apply\b|\bhelm\s+upgrade\b|\bterraform\s+apply\b|\bprisma\s+migrate\b")
_COMES_BACK = re.compile(
    r"\bdelete\s+(?:pods?|po|job|jobs)\b|pods?/|\bflush(?:all|db)\b|\bprune\b|\b(?:logs?|tmp|temp|cache|backups?)\b|\b(?:docker|podman)\s+(?:\S+\s+)*rmi?\b"
    r"|\breset --hard\b|\bpush\s+(?:-f|--force)",
    re.IGNORECASE,
)


def missing_verification(subject: Subject) -> Iterator[Problem]:
    """A scenario with a changing command, and no word on how to see that it helped."""
    if _general(subject):
        return
    starts = _starts(subject)
    for scenario in subject.book.scenarios:
        changing = [step for step in scenario.steps if _changes(step)]
        if (
            not changing
            or scenario.criteria
            or _looked_after(scenario, changing)
            or _SEEN.search(_body(subject, scenario, starts))
        ):
            continue
        yield problem(
            "missing-verification",
            scenario.line,
            f"“{scenario.title}” changes something (line {changing[0].line}) and never says how to see that it worked.",
            "Add a Verification part: the command or the number that must be back, and for how long.",
        )


def _changes(step: Step) -> bool:
    """Whether a command changes the system itself, not only a file or a session."""
    command = command_of(step)
    return step.verdict == "change" and bool(command) and not _HARMLESS.search(command) and not written_files(step)


def _general(subject: Subject) -> bool:
    """Whether the document verifies for all scenarios: a phase or a part about it outside them."""
    parts: tuple[Phase | Procedure, ...] = (*subject.book.phases, *subject.book.procedures)
    return any(
        meaning(part.title) == "verification"
        or any(
            step.stage == "verification" or _SEEN.match(step.title) for step in part.steps if step.stage != "rollback"
        )
        for part in parts
    )


def _looked_after(scenario: Scenario, changing: list[Step]) -> bool:
    """Whether a step looks after what was changed: a verification, or a look on the same branch behind the change."""
    for step in scenario.steps:
        if step.stage == "verification":
            return True
        if step.verdict == "change" or not _SEES.search(f"{step.title} {step.command or ''}"):
            continue
        if any(one.line < step.line and one.branch == step.branch for one in changing):
            return True
    return False


def missing_rollback(subject: Subject) -> Iterator[Problem]:
    """A scenario with a change that can't be undone, in a document without a word about the way back."""
    if _way_back(subject):
        return
    starts = _starts(subject)
    for scenario in subject.book.scenarios:
        final = next((step for step in scenario.steps if _final(step)), None)
        if final is None or _BACK.search(_body(subject, scenario, starts).partition("\n")[2]):
            continue
        yield problem(
            "missing-rollback",
            final.line,
            f"{brief(final.command or '')} can't simply be undone, and neither “{scenario.title}” nor the rest of the "
            "document says a word about the way back.",
            "Say what to save before, or how to return: a backup, the earlier version, the value that it had.",
        )


def _way_back(subject: Subject) -> bool:
    """Whether the document tells the way back outside its scenarios: a part or a heading about it."""
    parts: tuple[Phase | Procedure, ...] = (*subject.book.phases, *subject.book.procedures)
    return any(any(step.stage == "rollback" for step in part.steps) for part in parts) or any(
        line.startswith("#") and not fence_at(subject, number) and _BACK_HEADING.search(line)
        for number, line in enumerate(subject.lines, 1)
    )


def _final(step: Step) -> bool:
    command = command_of(step)
    if not step.runnable or step.verdict == "read" or _COMES_BACK.search(command):
        return False
    asked = step.kind == "sql" or re.search(r"\b(?:psql|mysql|sqlite3)\b", command)
    deploys = step.verdict == "change" and bool(_DEPLOYS.search(command))
    return "destructive" in step.traits or bool(asked and _FINAL_SQL.search(command)) or deploys


def _starts(subject: Subject) -> list[int]:
    return sorted({part.line for part in subject.parts})


def _body(subject: Subject, scenario: Scenario, starts: Sequence[int]) -> str:
    """The text of a scenario, from its heading to the next part of the document."""
    last = max((step.end_line for step in scenario.steps), default=scenario.line)
    place = bisect_right(starts, last)
    end = starts[place] if place < len(starts) else len(subject.lines) + 1
    return "\n".join(subject.lines[scenario.line - 1 : end - 1])


CHECKS: tuple[Check, ...] = (missing_verification, missing_rollback)
