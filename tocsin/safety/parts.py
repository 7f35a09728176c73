"""The proof of one command while it is being made: what was found about each of its words, in the order of the text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tocsin.safety.finding import Finding, Part
from tocsin.safety.rules import judge_value
from tocsin.safety.specs import library

_SQL = frozenset({"sql", "mysql", "sqlite"})
_CODED = {
    "file": "a file that is read",
    "pattern": "a text to look for, or a file that is read",
    "sql": "SQL; what it holds follows",
    "mysql": "SQL of MySQL; what it holds follows",
    "sqlite": "SQL of SQLite; what it holds follows",
    "url": "an address that is only looked at",
    "dsn": "the name or address of a database",
    "jq": "a program of jq, which only computes",
    "awk": "a program of awk that only prints",
    "sed": "a script of sed that only prints",
    "method": "a method that only reads",
    "header": "a header that changes nothing",
    "resource": "a kind of resource without secrets",
    "shown": "a text that is printed",
}


class Parts:
    """Collects the parts of one command; places count its own words, ``first`` is where those begin."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.program = 0
        self._found: dict[int, Part] = {}
        self._inner: list[Part] = []
        self._last = 0

    def note(self, place: int, role: str, known: str) -> None:
        """This word was reached, and is what decides unless another one follows."""
        self._found[place] = Part(self.first + place, role, known)
        self._last = place

    def say(self, place: int, known: str) -> None:
        """What is known about a word that was noted before."""
        if place in self._found:
            self._found[place] = replace(self._found[place], known=known)

    def blame(self, place: int, why: str) -> None:
        """This word decides, although others were looked at after it."""
        self._last = place
        self.say(place, why)

    def operand(self, place: int, rule: str) -> None:
        """An operand, which must be what its rule says."""
        self.note(place, "operand", _what(rule))

    def value(self, place: int, option: str, rule: str, *, separate: bool, finding: Finding) -> None:
        """The value of an option, in a word of its own or in the option's."""
        if separate:
            self.note(place, f"value of {option}", _what(rule))
        elif finding.word == "read":
            self.say(place, f"only shapes that; its value is {_what(rule)}")
        self.add(replace(part, at=self.first + place) for part in finding.parts)

    def add(self, parts: Iterable[Part]) -> None:
        """The parts of what stands inside."""
        self._inner += parts

    def closed(self, finding: Finding) -> tuple[Part, ...]:
        """All parts in the order of the text; the last one that was reached bears a finding that is not a read."""
        if finding.word != "read" and not any(part.word != "read" for part in self._inner):
            blamed = self._found[self._last]
            why = finding.why
            self._found[self._last] = replace(blamed, known=why, word=finding.word, fix=finding.fix)
        return tuple(sorted((*self._found.values(), *self._inner), key=lambda part: part.at))


def judge_with_parts(rule: str, text: str) -> Finding:
    """The finding about a value; of SQL with what it consists of."""
    finding = judge_value(rule, text)
    if rule not in _SQL:
        return finding
    # The parser of SQL costs a tenth of a second to import; here it is loaded already.
    from tocsin.safety.sqlproof import with_parts

    return with_parts(finding, rule, text)


def _what(rule: str) -> str:
    if "|" in rule:
        return f"one of {rule.replace('|', ', ')}"
    known = library().rules.get(rule)
    return _CODED.get(rule) or (known[1] if known else "a value that was looked at")
