"""How a command that may change something is allowed: ``[approvals]``, and the rules that say when it is otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import get_args

from tocsin.core.oncall import Directory
from tocsin.core.policy import ApprovalPolicy, ApprovalRule, fits_any, nearest
from tocsin.core.runbook import StepStage
from tocsin.errors import Invalid
from tocsin.ids import slug
from tocsin.safety.finding import TRAITS
from tocsin.settings import shapes
from tocsin.settings.spans import SHORTEST_SPAN, span

MOST_APPROVERS = 100
APPROVING_ROLES = ("approver", "admin")
_HEAD = re.compile(r"^[ \t]*\[\[[ \t]*approvals[ \t]*\.[ \t]*rules[ \t]*\]\]", re.MULTILINE)
_VERDICTS = ("change", "unknown")
_CONDITIONS = ("severity", "verdict", "trait", "target", "scenario", "step", "stage")


def policy(raw: shapes.Approvals, where: str, text: str = "") -> ApprovalPolicy:
    """The policy that ``[approvals]`` writes; ``text`` is the file's own, for the lines of its rules."""
    file = where.replace("\\", "/").rpartition("/")[2]
    lines = _lines(text, len(raw.rules))
    return ApprovalPolicy(
        people=raw.people,
        self_approve=raw.self_approve,
        expires=span(raw.expires, f"{where}: [approvals] expires", SHORTEST_SPAN),
        roles=tuple(raw.roles),
        rules=tuple(
            _rule(rule, f"{where}: rule {number} of [[approvals.rules]]", f"{file} {line}rule {number}")
            for number, (rule, line) in enumerate(zip(raw.rules, lines, strict=True), 1)
        ),
        why=f"{file} [approvals]" if "approvals" in text else "",
    )


def check(policy: ApprovalPolicy, directory: Directory, targets: Sequence[str], where: str) -> None:
    """Raise `Invalid` for a number of people that can't be, for roles that nobody has, for targets that are none."""
    if not 1 <= policy.people <= MOST_APPROVERS:
        said = f"An approval needs at least one person, and at most {MOST_APPROVERS}."
        raise Invalid(said, where=f"{where}: [approvals] people")
    _roles(policy.roles, directory, f"{where}: [approvals] roles")
    for number, rule in enumerate(policy.rules, 1):
        place = f"{where}: rule {number} of [[approvals.rules]]"
        if rule.people is not None and not 0 <= rule.people <= MOST_APPROVERS:
            raise Invalid(f"An approval needs between 0 and {MOST_APPROVERS} people.", where=f"{place} people")
        _roles(rule.roles or (), directory, f"{place} roles")
        strange = next((name for name in rule.target if not any(fnmatchcase(each, name) for each in targets)), None)
        if strange is not None:
            raise Invalid(f"{strange!r} is no target.", f"There are: {', '.join(targets)}.", where=f"{place} target")


def _rule(raw: shapes.ApprovalRuleTable, where: str, place: str) -> ApprovalRule:
    given = {key: _several(getattr(raw, key)) for key in _CONDITIONS}
    for key, known in (("verdict", _VERDICTS), ("stage", get_args(StepStage)), ("trait", sorted(TRAITS))):
        strange = next((word for word in given[key] if not fits_any(word, known)), None)
        if strange is not None:
            raise Invalid(f"{strange!r} is not a {key}.", nearest(strange, known), where=f"{where} {key}")
    return ApprovalRule(
        **given,
        people=raw.people,
        self_approve=raw.self_approve,
        expires=span(raw.expires, f"{where} expires", SHORTEST_SPAN) if raw.expires else None,
        roles=None if raw.roles is None else tuple(raw.roles),
        place=place,
    )


def check_severities(policy: ApprovalPolicy, known: Sequence[str]) -> None:
    """Raise `Invalid` for a rule about a severity that is none of these: it would silently never count."""
    for rule in policy.rules:
        strange = next((word for word in rule.severity if not fits_any(word, known)), None)
        if strange is not None:
            said = f"{strange!r} is not a severity of any runbook, so the rule would never count."
            raise Invalid(said, nearest(strange, known), where=f"{rule.place} of [[approvals.rules]] severity")


def _several(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _roles(roles: tuple[str, ...], directory: Directory, where: str) -> None:
    for role in roles:
        known = role in APPROVING_ROLES or slug(role) in directory.people or slug(role) in directory.roles
        if not known:
            hint = f"Use {', '.join(APPROVING_ROLES)}, or a name under [people] or [roles]."
            raise Invalid(f"{role!r} is nobody who could approve.", hint, where=where)


def _lines(text: str, many: int) -> list[str]:
    """Where each rule stands: its line, where the file writes every rule as a table of its own."""
    found = [text.count("\n", 0, head.start()) + 1 for head in _HEAD.finditer(text)]
    return [f"line {line}, " for line in found] if len(found) == many else [""] * many
