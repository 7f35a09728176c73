"""The finding about one program with its arguments, by its spec: every word must be known, or nothing is proved."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tocsin.core.run import Variable, Word
from tocsin.safety import checks
from tocsin.safety.finding import READ, Finding, change, unknown, worst
from tocsin.safety.lexer import VARIABLE, show, text_of
from tocsin.safety.rules import judge_value, say
from tocsin.safety.specs import Effect, Option, Spec, Trait, library

_NUMBER = re.compile(r"-[0-9]+")
_DEEPEST = 8


def judge_argv(words: Sequence[Word], *, elsewhere: bool = False, depth: int = 0) -> Finding:
    """What the program with these arguments does. ``elsewhere``: in a container or as another user."""
    if depth > _DEEPEST:
        return unknown(f"more than {_DEEPEST} commands stand inside each other")
    name = text_of(words[0])
    if VARIABLE in name:
        return unknown(f"the program itself is a variable (`{show(words[0])}`)")
    if "/" in name:
        return unknown(f"`{say(name)}` is a program of its own; its name doesn't tell what it does")
    if name in library().versions and [text_of(word) for word in words[1:]] == ["--version"]:
        return Finding("read", f"`{name} --version` prints a version", argv=tuple(words))
    found = library().root.subcommand(name)
    if found is None:
        return unknown(f"`{say(name)}` is not a command that we know")
    if isinstance(found, Effect):
        return _effect(name, found, words[1:])
    if elsewhere and not found.anywhere:
        inner = _Walk(words, elsewhere, depth).run(found)
        return (
            inner
            if inner.word == "change"
            else unknown(f"`{name}` would run outside our environment, and may run more there")
        )
    return _Walk(words, elsewhere, depth).run(found)


def _effect(name: str, effect: Effect, rest: Sequence[Word]) -> Finding:
    seen = _mentioned(rest)
    traits = tuple(trait.name for trait in effect.traits if trait.holds(seen))
    return Finding(effect.word, f"`{name}` {effect.why}", traits)


def _mentioned(words: Sequence[Word]) -> frozenset[str]:
    """Every option that these words may give, clusters taken apart: enough for traits, not for a proof."""
    seen: set[str] = set()
    for text in map(text_of, words):
        seen.add(text.partition("=")[0])
        if text.startswith("-") and not text.startswith("--"):
            seen.update(f"-{letter}" for letter in text[1:])
    return frozenset(seen)


def _traits(traits: Sequence[Trait], seen: frozenset[str]) -> tuple[str, ...]:
    return tuple(trait.name for trait in traits if trait.holds(seen))


class _Walk:
    """One pass over the arguments, from left to right, descending into subcommands."""

    def __init__(self, words: Sequence[Word], elsewhere: bool, depth: int) -> None:
        self.words = tuple(words)
        self.depth = depth
        self.elsewhere = elsewhere
        self.at = 1
        self.argv: list[Word] = [self.words[0]]
        self.operands: list[Word] = []
        self.findings: list[Finding] = []
        self.given: list[str] = []
        self.notes: list[str] = []
        self.seen: frozenset[str] = frozenset()

    def run(self, spec: Spec) -> Finding:
        """The finding about everything from here on; stops at the first word that decides."""
        finding = self._run(spec)
        if finding.word == "read":
            return finding
        sure = self._surely(spec) if finding.word == "unknown" else None
        finding = sure or finding
        traits = (*_traits(spec.traits, self.seen), *worst(self.findings).traits, *finding.traits)
        return Finding(finding.word, finding.why, tuple(dict.fromkeys(traits)))

    def _surely(self, spec: Spec) -> Finding | None:
        """A change that is certain although something else is unknown: ``curl -d … --odd`` sends data all the same."""
        mentioned = _mentioned(self.words)
        for need in spec.needs:
            if need.word == "change" and need.given & mentioned and not need.options & mentioned:
                return change(f"`{spec.name}` {need.why}")
        return None

    def _run(self, spec: Spec) -> Finding:
        self.argv += [(word,) for word in spec.guard]
        self.operands = []
        if spec.check:
            rest = self.words[self.at :]
            return self._end(spec, checks.WHOLE[spec.check]([text_of(word) for word in rest]), rest)
        literal = spec.style == "raw"
        while self.at < len(self.words):
            text = text_of(self.words[self.at])
            if not literal and text == "--":
                if spec.command == "after --":
                    return self._nested(spec, self.at + 1)
                literal = True
                self._keep(1)
                continue
            dashed = not literal and text.startswith("-") and text != "-"
            decided = self._dashed(spec, text) if dashed else self._operand(spec, text)
            if decided is not None:
                return decided
            literal = literal or (spec.style.endswith("first") and not spec.command and not dashed)
        return self._finish(spec)

    def _dashed(self, spec: Spec, text: str) -> Finding | None:
        if spec.numbers and _NUMBER.fullmatch(text):
            self.given.append(text)
            self._keep(1)
            return None
        finding = self._option(spec, text)
        self.findings.append(finding)
        return None if finding.word == "read" else finding

    def _operand(self, spec: Spec, text: str) -> Finding | None:
        if spec.commands or spec.effects:
            descended = self._descend(spec, text)
            if descended is not None:
                return descended
        elif spec.command == "rest" and len(self.operands) == sum(operand.most for operand in spec.operands):
            return self._nested(spec, self.at)
        self.operands.append(self.words[self.at])
        self._keep(1)
        return None

    def _finish(self, spec: Spec) -> Finding:
        if spec.alone and not self.operands:
            why = f"`{spec.name}` alone {spec.alone.why}"
            return Finding(spec.alone.word, why, _traits(spec.alone.traits, self.seen))
        if spec.command:
            return unknown(f"no command stands after `{spec.name}`")
        return self._end(spec, self._operands(spec), ())

    def _keep(self, count: int) -> None:
        self.argv += self.words[self.at : self.at + count]
        self.at += count

    def _end(self, spec: Spec, finding: Finding, rest: Sequence[Word]) -> Finding:
        self.argv += rest
        if finding.word != "read":
            return finding
        self.findings.append(finding)
        needed = self._needed(spec)
        if needed.word != "read":
            return needed
        if not spec.reads:
            return unknown(f"`{spec.name}` alone says nothing about what it does")
        traits = (*_traits(spec.traits, self.seen), *worst(self.findings).traits)
        return Finding("read", self._why(spec), tuple(dict.fromkeys(traits)), tuple(self.argv))

    def _why(self, spec: Spec) -> str:
        options = ", ".join(f"`{say(name)}`" for name in dict.fromkeys(self.given))
        shaped = f" ({options} only {'shape' if ',' in options else 'shapes'} that)" if options else ""
        return ", ".join(dict.fromkeys([f"`{spec.name}` {spec.reads}{shaped}", *self.notes]))

    def _needed(self, spec: Spec) -> Finding:
        for need in spec.needs:
            if need.options & self.seen or (need.given and not need.given & self.seen):
                continue
            options = " or ".join(f"`{name}`" for name in sorted(need.options, key=lambda name: (len(name), name)))
            return Finding(need.word, f"`{spec.name}` without {options} {need.why}", _traits(need.traits, self.seen))
        return READ

    # Subcommands and commands in commands --------------------------------------------------------------------------

    def _descend(self, spec: Spec, text: str) -> Finding | None:
        found = spec.subcommand(text)
        if found is None:
            return None if spec.operands else unknown(f"`{spec.name} {say(text)}` is not a command that we know")
        traits = _traits(spec.traits, self.seen)
        if isinstance(found, Effect):
            effect = _effect(f"{spec.name} {text}", found, self.words[self.at + 1 :])
            return Finding(effect.word, effect.why, (*traits, *effect.traits))
        self._keep(1)
        finding = self.run(found)
        return Finding(finding.word, finding.why, tuple(dict.fromkeys((*traits, *finding.traits))), finding.argv)

    def _nested(self, spec: Spec, start: int) -> Finding:
        checked = self._operands(spec)
        if checked.word != "read":
            return checked
        if start >= len(self.words):
            return unknown(f"no command stands after `{spec.name}`")
        inner = judge_argv(self.words[start:], elsewhere=self.elsewhere or spec.outside, depth=self.depth + 1)
        if spec.never and inner.word == "read":
            return unknown(f"`{spec.name}` {spec.never}", *inner.traits)
        self.argv += self.words[self.at : start]
        traits = (*_traits(spec.traits, self.seen), *worst([*self.findings, inner]).traits)
        argv = inner.argv if spec.unwrap else (*self.argv, *inner.argv)
        why = f"`{spec.name}` {spec.reads}: {inner.why}" if inner.word == "read" else inner.why
        return Finding(inner.word, why, tuple(dict.fromkeys(traits)), argv)

    # Options -------------------------------------------------------------------------------------------------------

    def _option(self, spec: Spec, text: str) -> Finding:
        exact = spec.options.get(text)
        if exact is not None:
            return self._take(spec, text, exact, None)
        if text.startswith("--"):
            name, equals, value = text.partition("=")
            option = spec.options.get(name)
            if option is None or not equals:
                return unknown(f"`{say(text)}` is not an option of `{spec.name}` that we know")
            return self._take(spec, name, option, value)
        name, equals, value = text.partition("=")
        if equals and len(name) > 2 and name in spec.options:
            return self._take(spec, name, spec.options[name], value)
        return self._cluster(spec, text)

    def _cluster(self, spec: Spec, text: str) -> Finding:
        """``-tlnp``, ``-n5``, ``-tc 'SELECT 1'``: one letter after the other; one that takes a value takes the rest."""
        findings: list[Finding] = []
        for place, letter in enumerate(text[1:], start=1):
            name, rest = f"-{letter}", text[place + 1 :]
            option = spec.options.get(name)
            if option is None:
                return unknown(f"`{say(name)}` (in `{say(text)}`) is not an option of `{spec.name}` that we know")
            if option.takes == "nothing":
                findings.append(self._give(name, option))
                continue
            if spec.style.startswith("go"):
                rest = rest.removeprefix("=")
            finding = self._take(spec, name, option, rest or None)
            return worst([*findings, finding])
        self._keep(1)
        return worst(findings)

    def _take(self, spec: Spec, name: str, option: Option, value: str | None) -> Finding:
        """One option with its value, from the same word (``value``) or from the next."""
        if option.takes == "nothing":
            if value is not None and not (value == "true" and spec.style.startswith("go")):
                return unknown(f"`{say(name)}` of `{spec.name}` takes no value")
            self._keep(1)
            return self._give(name, option)
        if value is None and option.takes == "value":
            if self.at + 1 >= len(self.words):
                return unknown(f"`{say(name)}` of `{spec.name}` needs a value")
            value = text_of(self.words[self.at + 1])
            self._keep(1)
        self._keep(1)
        finding = self._give(name, option)
        if finding.word != "read" or value is None:
            return finding
        judged = _named(name, judge_value(option.rule, value))
        if judged.why:
            self.given.pop()
            self.notes.append(judged.why)
        return worst([finding, judged])

    def _give(self, name: str, option: Option) -> Finding:
        self.seen |= {name}
        self.given.append(name)
        if option.word == "read":
            return Finding("read", traits=option.traits)
        why = f"`{say(name)}` {option.why}"
        return change(why, *option.traits) if option.word == "change" else unknown(why, *option.traits)

    # Operands ------------------------------------------------------------------------------------------------------

    def _operands(self, spec: Spec) -> Finding:
        if self.operands and spec.operands_if and not spec.operands_if & self.seen:
            return unknown(
                f"`{spec.name}` with a name and without `{min(spec.operands_if, key=len)}` may make or change something"
            )
        waiting = list(self.operands)
        findings: list[Finding] = []
        for operand in spec.operands:
            taken = waiting[: operand.most]
            if len(taken) < operand.least and not (operand.rule == "url" and "--url" in self.seen):
                return unknown(f"`{spec.name}` needs more than is given here")
            waiting = waiting[len(taken) :]
            for word in taken:
                text = text_of(word)
                if text.startswith(VARIABLE) and not spec.variables:
                    return unknown(f"`{show(word)}` may turn out to be an option of `{spec.name}`")
                findings.append(judge_value(operand.rule, text))
                findings += [Finding("read", traits=("secret",))] if operand.rule == "shown" and _reveals(word) else []
                if worst(findings).word != "read":
                    return worst(findings)
        if waiting:
            return unknown(
                f"`{say(text_of(waiting[0]))}` is one word more than `{spec.name}` takes where it only reads"
            )
        return worst(findings)


_REVEALING = re.compile(r"SECRET|TOKEN|PASS|KEY|CREDENTIAL|AUTH|DSN|DATABASE_URL|_URI$", re.IGNORECASE)


def _reveals(word: Word) -> bool:
    """Whether a variable in this word sounds like a secret."""
    return any(isinstance(part, Variable) and _REVEALING.search(part.name) for part in word)


def _named(name: str, finding: Finding) -> Finding:
    if finding.word == "read":
        return finding
    return Finding(finding.word, f"`{name}`: {finding.why}", finding.traits)
