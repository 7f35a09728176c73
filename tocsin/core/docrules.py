"""What a document says about the answers of an assessment: whom to call, how severe it is, who may see it.

A rule is a sentence of the document; it is shown with its line, and a person has it carried out. Both sides are
compared by what they speak of (data at risk, data lost, data exposed, security, service down): where a sentence says
more than was answered, its further words are named, and it is only offered. What speaks of none of these fits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tocsin.core.incident import Incident
from tocsin.core.runbook import Runbook

Kind = Literal["escalation", "severity", "visibility", "branch"]
_AT_RISK = (
    r"\bdata\b(?:\s+\w+){0,2}?\s+(?:is |are |being )?(?:at risk|in danger)|\bdata loss risk\b"
    r"|\brisk of (?:losing )?data(?: loss)?\b|\b(?:potential|possible) data loss\b"
)
_EXPOSED = (
    r"\bdata (?:is |was |been )?(?:exposure|exposed|leak\w*|breach\w*|exfiltrat\w*|theft|stolen)\b"
    r"|\b(?:exposed|leaked|stolen) data\b|\bbreach of data\b|\bpii (?:leak\w*|expos\w*)\b"
)
_LOST = (
    r"\bdata (?:is |was |been )?(?:loss|lost|corrupt\w*|deleted)\b|\bloss of data\b"
    r"|\b(?:lost|corrupted) data\b"
)
_SECURITY = (
    r"\bsecurity (?:is |was |been )?(?:breach\w*|incident\w*|compromis\w*|event\w*)\b|\bsecurity issue\b"
    r"|\bcompromised\b|\bbreached\b|\bintrusion\b|\bunauthori[sz]ed access\b|\bbreach\b"
)
_DOWN = (
    r"\b(?:service|system|site|app|application|platform|everything) (?:is |are )?"
    r"(?:completely |fully |totally )?(?:down|unavailable|offline|unreachable)\b"
    r"|\b(?:complete|full|total) (?:service |system )?outage\b"
)
_SUBJECTS = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("data at risk", _AT_RISK),
        ("data exposed", _EXPOSED),
        ("data lost", _LOST),
        ("security", _SECURITY),
        ("service down", _DOWN),
    )
)
"""What sentences speak of; each takes its words away from those behind it."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_FILLED = """
a an and any are as at been being by confirmed for has have if in incident incidents is it of on or our the there this
to was we when with you your
"""
_FILLING = frozenset(_FILLED.split())
_PARTED = re.compile(r"\s*(?:[,;/]|\bor\b|\band\b)\s*", re.IGNORECASE)
MOST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class DocRule:
    """A sentence of the document and what it leads to: ``to`` is a role, a severity, a branch, or empty for "private".

    ``beyond``: what it speaks of that was not answered; empty: it fits as it is written. ``rung``: of the ladder.
    """

    id: str
    kind: Kind
    text: str
    line: int
    to: str = ""
    rung: int | None = None
    beyond: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the answers say all that the sentence asks for."""
        return not self.beyond

    def says(self) -> str:
        """``calls the CTO (line 365: “Customer data at risk”)``."""
        effect = {
            "escalation": f"calls {self.to or 'whom you name'}",
            "severity": f"makes it {self.to}",
            "visibility": "makes it private",
            "branch": "takes the branch",
        }[self.kind]
        return f"{effect} (line {self.line}: “{self.text}”)"


def subjects_of(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a sentence speaks of, and its further words that mean something."""
    found, rest = set(), text
    for name, pattern in _SUBJECTS:
        if pattern.search(rest):
            found.add(name)
            rest = pattern.sub(" ; ", rest)
    words = {word.casefold() for word in _WORD.findall(rest)}
    return frozenset(found), frozenset(words - _FILLING)


def touched(runbook: Runbook, incident: Incident, text: str) -> tuple[DocRule, ...]:
    """The rules of which a "yes" to this question speaks, before anybody has answered it."""
    own, words = subjects_of(text)
    return tuple(_fitting(runbook, incident, own, words)) if own else ()


def proposed(runbook: Runbook, incident: Incident) -> tuple[DocRule, ...]:
    """The rules that the answers given so far speak of, without those that were carried out; those that fit first."""
    own: set[str] = set()
    words: set[str] = set()
    for answer in incident.assessment.answers.values():
        if answer.yes:
            of_question, more = subjects_of(answer.text)
            of_words, further = subjects_of(answer.answer)
            own |= of_question | of_words
            words |= more | further
    return tuple(sorted(_fitting(runbook, incident, own, words), key=lambda rule: (not rule.fits, rule.line)))


def _is_left(rule: DocRule, incident: Incident) -> bool:
    """Whether carrying it out would change something."""
    if rule.id in incident.assessment.followed or (rule.rung is not None and rule.rung in incident.climbed):
        return False
    if rule.kind == "visibility":
        return not incident.team.private
    if rule.kind == "branch":
        return not incident.branch
    return rule.kind != "severity" or incident.is_worse(rule.to, incident.severity)


def _fitting(
    runbook: Runbook, incident: Incident, own: set[str] | frozenset[str], words: set[str] | frozenset[str]
) -> Iterator[DocRule]:
    """The rules that speak of the same; of data in another way they speak of the same kind of thing."""
    kinds = {name.split()[0] for name in own}
    level = runbook.severity(incident.severity)  # "For P0 (Critical): if …" asks for no more where it is P0
    words = words | subjects_of(f"{level.name} {level.title}")[1] if level else words
    for rule in _rules(runbook, incident):
        speaks, more = subjects_of(rule.text)
        if {name.split()[0] for name in speaks} & kinds and _is_left(rule, incident):
            further = () if rule.kind == "visibility" else more - words
            yield replace(rule, beyond=(*sorted(speaks - own), *sorted(further)))


def _rules(runbook: Runbook, incident: Incident) -> Sequence[DocRule]:
    """Every sentence of the document that could be one: conditions of calls, words of severities, of secrecy."""
    calls = [
        DocRule(id=f"L{rung.line}", kind="escalation", text=rung.when, line=rung.line, to=rung.to, rung=index)
        for index, rung in enumerate(incident.ladder)
        if rung.by_hand
    ]
    levels = [
        DocRule(id=f"L{level.line}", kind="severity", text=part, line=level.line, to=level.name)
        for level in runbook.severities
        for part in _PARTED.split(level.description)
        if subjects_of(part)[0]
    ]
    hidden = [
        DocRule(id=f"L{each.line}", kind="visibility", text=each.text, line=each.line)
        for each in runbook.confidential
    ]  # fmt: skip
    parts = runbook.scenario(incident.scenario)
    steps = parts.steps if parts else tuple(step for phase in runbook.phases for step in phase.steps)
    first = {step.branch: step.line for step in reversed(steps) if step.branch}
    ways = [DocRule(id=f"L{line}", kind="branch", text=branch, line=line, to=branch) for branch, line in first.items()]
    seen: dict[int, int] = {}
    found = []
    for rule in [*calls, *levels, *hidden, *ways][:MOST]:
        seen[rule.line] = count = seen.get(rule.line, 0) + 1
        found.append(rule if count == 1 else replace(rule, id=f"{rule.id}-{count}"))
    return found
