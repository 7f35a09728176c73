"""Moves that assess an incident: answers to the document's questions, rules that they fit, users, the beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core import docrules, facts, privacy, timing
from tocsin.core.assessstate import Answer
from tocsin.core.docrules import DocRule
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.core.moves import Facts, reach
from tocsin.core.oncall import Directory
from tocsin.core.questions import Question, Users, choice_in, users_in, yes_or_no
from tocsin.core.runbook import Runbook
from tocsin.errors import Invalid, Refused

LONGEST_ANSWER = 2_000
LONGEST_PAST = timedelta(days=30)
MOST_ANSWERS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with its last answer. ``rules``: what a "yes" to it speaks of in the document."""

    id: str
    text: str
    group: str
    kind: str
    line: int
    answer: Answer | None = None
    rules: tuple[DocRule, ...] = ()

    @property
    def choice(self) -> str:
        """What was chosen of yes, no and "not known"; empty where nobody answered, or only in other words."""
        return choice_in(self.answer.answer)[0] if self.answer else ""

    @property
    def words(self) -> str:
        """What was said behind the choice; of an answer in words all of it."""
        said = self.answer.answer if self.answer else ""
        return choice_in(said)[1] if self.kind == "yes or no" else said

    @property
    def shown(self) -> str:
        """The answer as a form gives it back where nobody changed it."""
        return ", ".join(filter(None, (self.choice if self.kind == "yes or no" else "", self.words)))


def asked(incident: Incident, runbook: Runbook) -> tuple[Asked, ...]:
    """The document's questions in their order."""
    return tuple(
        Asked(
            id=each.id, text=each.text, group=each.group, kind=each.kind, line=each.line,
            answer=incident.assessment.answers.get(each.id),
            rules=docrules.touched(runbook, incident, each.text) if each.kind == "yes or no" else (),
        )
        for each in runbook.questions
    )  # fmt: skip


def answer(incident: Incident, runbook: Runbook, answers: Mapping[str, str]) -> Facts:
    """Record answers, by the questions' ids, their lines or words that only one has; empty ones are left out.

    A number of users is counted where the question asks for it and the answer begins with one.
    """
    _must_be_open(incident)
    said = {find(runbook, name): text.strip() for name, text in answers.items() if text.strip()}
    if not said:
        raise Invalid("Nothing is answered.", "Answer at least one question.")
    if len(said) > MOST_ANSWERS:
        raise Invalid(f"At most {MOST_ANSWERS} questions are answered at once.")
    made: Facts = []
    for question, text in said.items():
        if len(text) > LONGEST_ANSWER:
            raise Invalid(f"An answer has {len(text):,} characters; at most {LONGEST_ANSWER:,} are kept.")
        before = incident.assessment.answers.get(question.id)
        if before is not None and _same(question, before.answer, text):
            continue
        yes = yes_or_no(text) if question.kind == "yes or no" else None
        made.append(
            facts.QuestionAnswered(question=question.id, text=question.text, answer=text, yes=yes, line=question.line)
        )
        users = users_in(text) if question.kind == "users" else None
        made += count_affected(incident, users, question.text) if users else []
    if not made:
        raise Refused("These answers stand there already.")
    return [*made, *reach(incident, "assess", f"{len(made)} of its questions answered")]


def _same(question: Question, before: str, text: str) -> bool:
    """Whether an answer says what stands there; a form may spell its yes otherwise."""
    return before == text or (question.kind == "yes or no" and choice_in(before) == choice_in(text))


def find(runbook: Runbook, name: str) -> Question:
    """A question by its id, by its line (``57``, ``L57``), or by words that only it has. Raises `Invalid`."""
    words, number = " ".join(name.casefold().split()), name.strip().upper().removeprefix("L")
    exact = [each for each in runbook.questions if each.id == name or (number.isdigit() and each.line == int(number))]
    fitting = exact or [each for each in runbook.questions if words and words in each.text.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    known = "; ".join(f"L{each.line} {each.text}" for each in runbook.questions) or "none"
    raise Invalid(f"{name[:80]!r} names {len(fitting)} questions of the runbook.", f"Its questions: {known[:1500]}")


def count_affected(incident: Incident, users: Users, why: str) -> Facts:
    """Say how many users are affected, of how many, or which share."""
    _must_be_open(incident)
    if users.count is None and users.share is None:
        raise Invalid("This needs a number of users, or a share in per cent.")
    if users.count is not None and users.of is not None and users.count > users.of:
        raise Invalid(f"{users.count:g} of {users.of:g} can't be affected.")
    if users.share is not None and not 0 <= users.share <= 100:
        raise Invalid("A share is between 0 and 100 per cent.")
    return [facts.AffectedCounted(count=users.count, of=users.of, share=users.share, why=why.strip()[:LONGEST_ANSWER])]


def set_beginning(incident: Incident, at: datetime, why: str, now: datetime) -> Facts:
    """Say when the trouble began; changes near it are shown with their distance to that moment."""
    if not now - LONGEST_PAST <= at <= now:
        raise Invalid("It began at most 30 days ago and not in the future.", "Write for example 2026-03-05T13:20.")
    if incident.assessment.began_at == at:
        raise Refused(f"{incident.id} says so already.")
    return [facts.BeginningSet(at=at, why=why.strip()[:LONGEST_ANSWER])]


def rule_named(incident: Incident, runbook: Runbook, name: str) -> DocRule:
    """A rule that the answers speak of: by its id, or by its line where that names one. Raises `Invalid`."""
    known = docrules.proposed(runbook, incident)
    wanted = name.strip().upper().removeprefix("L")
    found = [each for each in known if each.id.upper() == name.strip().upper()] or [
        each for each in known if wanted.isdigit() and each.line == int(wanted)
    ]
    if len(found) == 1:
        return found[0]
    if any(done.upper() == name.strip().upper() for done in incident.assessment.followed):
        raise Refused(f"{name} was carried out already.")
    shown = "; ".join(f"{each.id} {each.says()}" for each in known) or "none: no rule of the document fits the answers"
    raise Invalid(f"{name[:40]!r} is no rule that the answers speak of.", f"Rules: {shown[:1500]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A person's word that a rule is to be carried out; ``to``: whom to call, where the document names nobody."""

    by: Actor
    now: datetime
    directory: Directory
    why: str = ""
    to: str = ""


def follow(incident: Incident, rule: DocRule, word: Word) -> Facts:
    """Carry a rule of the document out: somebody is called, the severity rises, or only some people see it.

    Whom nobody is bound to stands on the timeline, and the ladder goes on; the answers are kept all the same.
    """
    _must_be_open(incident)
    because = word.why.strip()[:LONGEST_ANSWER] or _because(incident, rule)
    done = facts.RuleFollowed(rule=rule.id, kind=rule.kind, text=rule.text, line=rule.line, because=because)
    match rule.kind:
        case "severity":
            reason = f"{because}; line {rule.line} says “{rule.text}”"
            change = facts.SeverityChanged(before=incident.severity, after=rule.to, why=reason)
            return [done, change, *reach(incident, "assess", f"severity {rule.to}")]
        case "visibility":
            people = tuple(dict.fromkeys((*incident.roles.values(), *incident.paged, incident.owner, word.by.name)))
            reason = f"{because}; line {rule.line}"
            return [done, *privacy.make_private(incident, [each for each in people if each], reason)]
        case "branch":
            return [done, facts.BranchChosen(branch=rule.to, why=because, line=rule.line)]
        case _:
            return [done, *_call(incident, rule, word, because)]


def _call(incident: Incident, rule: DocRule, word: Word, because: str) -> Facts:
    """The rung is climbed, as by the clock, where nobody fills it."""
    rung, wanted = rule.rung or 0, rule.to or word.to.strip()
    if wanted and word.directory.filled(wanted, word.now).person is None:
        why = f"{because}; line {rule.line} wants {wanted}, and nobody is bound to it"
        return [facts.Escalated(to=wanted, why=why, rung=rung, line=rule.line, condition=rule.text)]
    return timing.climb(incident, word.directory, rung, word.to, because, word.now)


def _because(incident: Incident, rule: DocRule) -> str:
    """The answers that speak of what the rule speaks of."""
    speaks, _ = docrules.subjects_of(rule.text)
    kinds = {name.split()[0] for name in speaks}
    told = [
        f"{each.text} {each.answer} (line {each.line})"
        for each in incident.assessment.answers.values()
        if each.yes and {name.split()[0] for name in docrules.subjects_of(f"{each.text} {each.answer}")[0]} & kinds
    ]
    return "; ".join(told)[:LONGEST_ANSWER] or "the answers say so"


def followable(incident: Incident, runbook: Runbook) -> Sequence[DocRule]:
    """The rules that can be carried out now."""
    return docrules.proposed(runbook, incident) if incident.open else ()


def _must_be_open(incident: Incident) -> None:
    if not incident.open:
        raise Refused(f"{incident.id} is resolved.", "Reopen it first.")
