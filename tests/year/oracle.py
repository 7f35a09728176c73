"""Who must be paged when, by the words of `runbook.md` alone: a plain walk through the minutes of an incident.

It knows nothing of how Tocsin computes that. What the document says is written down here once more, by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.year.plan import PEOPLE, Case, Deed, Year

RANK = {"P0": 0, "P1": 1, "P2": 2}
LEVELS = ("shift lead", "head of shops", "owner")
"""Whom "escalate" means where it names nobody, behind those of the ladder: the contacts, in their order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the document. ``role`` empty: it names nobody."""

    role: str
    minutes: int
    since: str
    severities: tuple[str, ...] = ("P0", "P1", "P2")


RULES = (
    Rule("on-call engineer", 0, "begin"),
    Rule("second baker", 10, "unanswered"),
    Rule("shift lead", 30, "begin", ("P0", "P1")),
    Rule("head of shops", 60, "begin", ("P0",)),
    Rule("", 0, "estimate"),
    Rule("", 0, "rise"),
    Rule("owner", 90, "outage"),
)


@dataclass(slots=True)
class Walk:
    """One incident, minute by minute."""

    year: Year
    now: int = 0
    pages: list[tuple[int, str]] = field(default_factory=list)
    severity: str = ""
    is_open: bool = True
    begin: int = 0
    answered: bool = False
    ever_told: bool = False
    outage: int | None = None
    estimate: int | None = None
    rises: list[int] = field(default_factory=list)
    held: int = 0
    done: set[int] = field(default_factory=set)
    paged: list[str] = field(default_factory=list)
    last_call: int = 0
    repeated: int = 0
    ended: bool = False
    alone: bool = False

    def page(self, *people: str) -> None:
        """Somebody is called now."""
        self.pages += [(self.now, person) for person in people]
        self.paged += [person for person in people if person not in self.paged]

    def who(self, role: str) -> str:
        """Who fills a role now; empty: nobody."""
        return self.year.roles_at(self.now).get(role, "")

    def counts(self, rule: Rule) -> bool:
        """Whether a line is about this incident as it is."""
        return self.severity in rule.severities and not (rule.since == "unanswered" and self.answered)

    def due(self, number: int) -> int | None:
        """The minute of a line that was not followed yet; None while it has none."""
        rule = RULES[number]
        if not self.counts(rule):
            return None
        if rule.since == "rise":
            return self.rises[-1] if self.rises else None
        if number in self.done:
            return None
        begins = {"begin": self.begin, "unanswered": self.begin, "outage": self.outage, "estimate": self.estimate}
        since = begins[rule.since]
        return None if since is None else since + rule.minutes

    def clock(self) -> None:
        """Everything that is due by now."""
        while self.is_open and self.step():
            pass

    def step(self) -> bool:
        """The next thing that is due, if one is."""
        waiting = sorted((due, number) for number in range(len(RULES)) if (due := self.due(number)) is not None)
        if waiting and max(waiting[0][0], self.held) <= self.now and not self.sooner(waiting[0][0]):
            self.follow([number for _, number in waiting])
            return True
        if waiting and not (self.alone and not self.answered):
            return False
        return not self.ended and self.repeat()

    def sooner(self, due: int) -> bool:
        """Whether everybody is called again before a line that is due by now, as nobody was reached otherwise."""
        again = max(self.last_call + 30, self.held)
        return self.alone and not self.answered and not self.ended and again < max(due, self.held)

    def follow(self, numbers: list[int]) -> None:
        """Call by the first line; where nobody fills it, by the next at once."""
        if not RULES[numbers[0]].role:
            self.to_next_level(numbers[0])
            return
        for number in numbers:
            if not RULES[number].role:
                continue
            self.done.add(number)
            self.called()
            person = self.who(RULES[number].role)
            if person:
                self.alone = False
                self.page(person)
                return
        self.nobody()

    def to_next_level(self, number: int) -> None:
        """Escalate to the first that the document names who was not called yet."""
        if RULES[number].since == "rise":
            self.rises.pop()
        else:
            self.done.add(number)
        self.called()
        ladder = [rule.role for rule in RULES[:4] if self.counts(rule)]
        person = next((who for role in (*ladder, *LEVELS) if (who := self.who(role)) and who not in self.paged), "")
        if person:
            self.alone = False
            self.page(person)

    def called(self) -> None:
        """A rung was climbed: what is repeated is counted from here, and an end is none any more."""
        self.last_call, self.repeated, self.ended = self.now, 0, False

    def repeat(self) -> bool:
        """The last line of the ladder that counts is called again each half hour, twice; then all hear of the end."""
        last = [rule for rule in RULES[:4] if self.counts(rule)][-1]
        if (self.answered and not last.minutes) or max(self.last_call + 30, self.held) > self.now:
            return False
        lonely = self.alone and not self.answered
        self.repeated += 1
        if self.repeated > (48 if lonely else 2):
            self.end()
            return True
        roles = [rule.role for rule in RULES[:4] if self.counts(rule)] if self.alone else [last.role]
        person = next((who for role in roles if (who := self.who(role))), "")
        self.last_call = self.now
        if person:
            self.alone = False
            self.page(person)
        else:
            self.nobody()
        return True

    def nobody(self) -> None:
        """Nobody fills any line that is left."""
        if self.answered or (self.paged and not self.alone):
            self.end()
        else:
            self.alone, self.last_call = True, self.now
            self.page(*PEOPLE)

    def end(self) -> None:
        """All who were called hear that the ladder has ended."""
        self.ended = True
        self.page(*list(self.paged))

    def do(self, deed: Deed) -> None:
        """What somebody does; what makes no sense as things stand is refused."""
        if self.is_open or deed.kind == "reopen":
            DEEDS[deed.kind](self, deed)


def _declare(walk: Walk, deed: Deed) -> None:
    walk.severity, walk.begin, walk.last_call = deed.value, walk.now, walk.now


def _acknowledge(walk: Walk, _: Deed) -> None:
    walk.answered = True


def _assess(walk: Walk, deed: Deed) -> None:
    rose = RANK[deed.value] < RANK[walk.severity]
    walk.severity = deed.value
    if rose:
        walk.rises.append(walk.now)
        walk.page(*list(walk.paged))


def _unavailable(walk: Walk, deed: Deed) -> None:
    walk.outage = walk.now - int(deed.value)


def _available(walk: Walk, _: Deed) -> None:
    walk.outage = None


def _estimate(walk: Walk, deed: Deed) -> None:
    walk.estimate = walk.now + 2 * int(deed.value)
    walk.done.discard(4)


def _hold(walk: Walk, deed: Deed) -> None:
    walk.held = walk.now + int(deed.value)


def _harmed(walk: Walk, _: Deed) -> None:
    person = walk.who("lawyer")
    if person:
        walk.page(person)
        walk.called()
        walk.alone = False


def _resolve(walk: Walk, _: Deed) -> None:
    walk.is_open, walk.outage = False, None


def _reopen(walk: Walk, _: Deed) -> None:
    """The clocks begin anew; whoever was called hears of it and must answer again."""
    walk.page(*list(walk.paged))
    walk.is_open, walk.answered, walk.begin, walk.last_call = True, False, walk.now, walk.now
    walk.done = {0} & walk.done if walk.paged else set()
    walk.estimate, walk.rises, walk.held, walk.repeated = None, [], 0, 0
    walk.ended = walk.alone = False


DEEDS: dict[str, Callable[[Walk, Deed], None]] = {
    "declare": _declare, "acknowledge": _acknowledge, "assess": _assess, "unavailable": _unavailable,
    "available": _available, "estimate": _estimate, "hold": _hold, "harmed": _harmed, "resolve": _resolve,
    "reopen": _reopen,
}  # fmt: skip


def pages(year: Year, case: Case) -> list[tuple[int, str]]:
    """Who is paged for an incident, at which minutes; what would be due while Tocsin is off comes right behind."""
    walk, deeds = Walk(year), {deed.at: deed for deed in case.deeds}
    last = max(deeds)
    for minute in range(min(deeds), last + 1):
        if year.is_off(minute):
            continue
        walk.now = minute
        if walk.severity:
            walk.clock()
        if minute in deeds:
            walk.do(deeds[minute])
            walk.clock()
    return sorted(walk.pages)
