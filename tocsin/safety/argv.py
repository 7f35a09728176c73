"""The finding about one program with its arguments, by its spec: every word must be known, or nothing is proved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tocsin.core.run import Word
from tocsin.safety import checks
from tocsin.safety.effects import effect_of, leaks, mentioned, named, odd_option, traits_of
from tocsin.safety.finding import READ, Finding, change, unknown, worst
from tocsin.safety.lexer import VARIABLE, show, text_of
from tocsin.safety.operands import judge_operands
from tocsin.safety.parts import Parts, judge_with_parts
from tocsin.safety.paths import mounting
from tocsin.safety.rules import say
from tocsin.safety.second import disagreement
from tocsin.safety.shell import parse
from tocsin.safety.specs import Effect, Need, Option, Spec, library
from tocsin.safety.team import NOBODY, Team
from tocsin.safety.together import TOGETHER, Given, spelled

_NUMBER = re.compile(r"-[0-9]+")
_INSTALLED = re.compile(r"^/(usr/)?s?bin/(?=[^/]+$)")
_DEEPEST = 8
_LIMITS: tuple[list[str], ...] = ([], ["-n"], ["-a"], ["-c"], ["-f"], ["-s"], ["-Sn"], ["-Hn"])
_SHELLS = frozenset({"bash", "sh"})


def judge_argv(
    words: Sequence[Word], *, team: Team = NOBODY, elsewhere: bool = False, depth: int = 0, first: int = 0
) -> Finding:
    """What the program with these arguments does. ``elsewhere``: in a container or as another user.

    ``first`` is the place of the program among the words of its command.
    """
    if depth > _DEEPEST:
        return unknown(f"more than {_DEEPEST} commands stand inside each other")
    walk = _Walk(words, team, elsewhere, depth, first)
    finding = walk.judge()
    return replace(finding, parts=walk.parts.closed(finding))


class _Walk:
    """One pass over the arguments, from left to right, descending into subcommands."""

    def __init__(self, words: Sequence[Word], team: Team, elsewhere: bool, depth: int, first: int) -> None:
        self.words = tuple(words)
        self.team = team
        self.depth = depth
        self.first = first
        self.parts = Parts(first)
        self.elsewhere = elsewhere
        self.at = 1
        self.argv: list[Word] = [self.words[0]]
        self.operands: list[Word] = []
        self.places: list[int] = []
        self.pins: tuple[tuple[str, str], ...] = ()
        self.findings: list[Finding] = []
        self.given: list[str] = []
        self.values: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.joint = ""
        self.seen: frozenset[str] = frozenset()

    def judge(self) -> Finding:
        """The finding about the whole command."""
        name = text_of(self.words[0])
        self.parts.note(0, "program", "")
        if VARIABLE in name:
            why = f"the program itself is a variable (`{show(self.words[0])}`)"
            return unknown(why, fix="write the program's name")
        special = self._own(name)
        if special is not None:
            return special
        name = name if self.elsewhere else _INSTALLED.sub("", name)
        if "/" in name:
            why = f"`{say(name)}` is a program of its own; its name doesn't tell what it does"
            return unknown(why, fix=f"describe it in tocsin.toml: `tocsin classify --pin {say(name)}`")
        alone = text_of(self.words[1]) if len(self.words) == 2 else ""
        helps = alone == "--help" and name in library().helps
        if alone and (helps or alone in library().versions.get(name, ())):
            printed = "prints a help text" if helps else "prints a version"
            self.parts.say(0, "known for this option alone")
            self.parts.note(1, "option", printed)
            return Finding("read", f"`{name} {alone}` {printed}", argv=self.words)
        found = library().root.subcommand(name)
        if found is None:
            fix = "describe it in tocsin.toml, if it is your own: `[commands.NAME]`"
            return unknown(f"`{say(name)}` is not a command that we know", fix=fix)
        if isinstance(found, Effect):
            return effect_of(name, found, self.words[1:])
        finding = self.run(found)
        if self.elsewhere and not found.anywhere and finding.word != "change":
            return unknown(f"`{name}` would run outside our environment, and may run more there")
        return finding

    def _own(self, name: str) -> Finding | None:
        """What the team says of its own commands, and a shell that is given one of them or a text to run elsewhere."""
        if name == "ulimit" and not self.elsewhere and [text_of(word) for word in self.words[1:]] in _LIMITS:
            self.parts.say(0, "known for this option alone; a shell of its own is asked")
            said = " ".join(map(text_of, self.words))
            return Finding("read", f"`{said}` prints limits", argv=(("sh",), ("-c",), (said,)))
        if self.elsewhere:
            given = name == "sh" and len(self.words) == 3 and self.words[1] == ("-c",)
            return self._text_elsewhere() if given else None
        own = self.team.find(name)
        if own:
            return self._vouched(own)
        if name not in _SHELLS or len(self.words) < 2:
            return None
        path = text_of(self.words[1])
        script = self.team.find(path if "/" in path else f"./{path}")
        return self._by_shell(script) if script and self.team.commands[script].sha256 else None

    def _by_shell(self, script: str) -> Finding:
        """``bash scripts/queue.sh``: the script is pinned, so it is the same whoever starts it."""
        self.parts.say(0, "starts the script that follows, which is pinned")
        self.parts.note(1, "script", "")
        self.argv, self.at = list(self.words[:2]), 2
        self.parts.program = 1
        return self._vouched(script, at=1)

    def _text_elsewhere(self) -> Finding:
        """``docker exec c sh -c 'TEXT'``: the shell there gets the text as it stands, and none of our help."""
        text = text_of(self.words[2])
        script = parse(text)
        commands = [each for chain in script.chains for each in chain.commands]
        computed = any(VARIABLE in text_of(word) for each in commands for word in each.words) or VARIABLE in text
        odd = script.trouble or script.writes or script.repeats or computed or not commands or script.bashisms
        doubt = "`sh -c` gives a text to a shell there that is not proved" if odd else disagreement(text, script)
        found = [judge_argv(each.words, elsewhere=True, depth=self.depth + 1) for each in commands]
        self.parts.say(0, "a shell, which there gets the text that follows")
        self.parts.note(1, "option", "takes the text that follows")
        for each, finding in zip(commands, found, strict=True):
            parts = (replace(part, at=self.first + 2, text=show(each.words[part.at])) for part in finding.parts)
            self.parts.add(parts)
            if finding.word == "read" and (finding.argv != each.words or finding.fed):
                doubt = doubt or f"`{show(each.words[0])}` behind `sh -c` can't be kept from its configuration"
        finding = worst([*found, unknown(doubt, fix="start the program without `sh -c`")] if doubt else found)
        why = "; ".join(dict.fromkeys(each.why for each in found)) if finding.word == "read" else finding.why
        return replace(finding, why=why, argv=self.words)

    def _vouched(self, name: str, *, at: int = 0) -> Finding:
        """A team's own command: its word counts, and is shown as such."""
        own = self.team.commands[name]
        if name in self.team.broken:
            return unknown(self.team.broken[name], fix=f"pin it again: `tocsin classify --pin {say(name)}`")
        finding = self.run(own.spec)
        self.parts.say(at, own.said)
        return replace(finding, pins=((name, own.sha256),)) if own.sha256 else finding

    def run(self, spec: Spec) -> Finding:
        """The finding about everything from here on; stops at the first word that decides."""
        finding = self._run(spec)
        if finding.word == "read":
            return finding
        sure = self._surely(spec) if finding.word == "unknown" else None
        finding = sure or finding
        traits = (*traits_of(spec.traits, self.seen), *worst(self.findings).traits, *finding.traits)
        return replace(finding, traits=tuple(dict.fromkeys(traits)), argv=())

    def _surely(self, spec: Spec) -> Finding | None:
        """A change that is certain although something else is unknown: ``curl -d … --odd`` sends data all the same."""
        given = mentioned(self.words)
        for need in spec.needs:
            if need.word == "change" and need.given & given and not need.options & given:
                return change(f"`{spec.name}` {need.why}")
        return None

    def _run(self, spec: Spec) -> Finding:
        self.argv += [(word,) for word in spec.guard]
        self.operands, self.places = [], []
        self.parts.say(self.at - 1, spec.reads or "known by its subcommands")
        if spec.check:
            return self._checked(spec)
        literal = spec.style == "raw"
        while self.at < len(self.words):
            text = text_of(self.words[self.at])
            if not literal and text == "--":
                if spec.command == "after --":
                    return self._nested(spec, self.at + 1)
                literal = True
                self.parts.note(self.at, "operator", "ends the options")
                self._keep(1)
                continue
            dashed = not literal and text.startswith("-") and text != "-"
            decided = self._dashed(spec, text) if dashed else self._operand(spec, text)
            if decided is not None:
                return decided
            literal = literal or (spec.style.endswith("first") and not spec.command and not dashed)
        return self._finish(spec)

    def _checked(self, spec: Spec) -> Finding:
        """Arguments that are judged together by a function of `checks`."""
        rest = [text_of(word) for word in self.words[self.at :]]
        finding = worst([checks.WHOLE[spec.check](rest), *map(mounting, rest)])
        blamed = next((place for place, text in enumerate(rest) if f"`{say(text)}`" in finding.why), 0)
        for place in range(len(rest) if finding.word == "read" else blamed + 1):
            self.parts.note(self.at + place, "argument", f"one that `{spec.name}` reads with")
        return self._end(spec, finding, self.words[self.at :])

    def _dashed(self, spec: Spec, text: str) -> Finding | None:
        self.parts.note(self.at, "option", "only shapes that")
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
        self.parts.note(self.at, "operand", "reached, and not looked at yet")
        self.operands.append(self.words[self.at])
        self.places.append(self.at)
        self._keep(1)
        return None

    def _finish(self, spec: Spec) -> Finding:
        if spec.alone and not self.operands:
            why = f"`{spec.name}` alone {spec.alone.why}"
            return Finding(spec.alone.word, why, traits_of(spec.alone.traits, self.seen))
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
        needed = worst([self._needed(spec), self._together(spec)])
        if needed.word != "read":
            return needed
        if not spec.reads:
            return unknown(f"`{spec.name}` alone says nothing about what it does")
        traits = (*traits_of(spec.traits, self.seen), *worst(self.findings).traits)
        why = self._why(spec)
        return Finding("read", why, tuple(dict.fromkeys(traits)), tuple(self.argv), fed=spec.fed)

    def _why(self, spec: Spec) -> str:
        options = ", ".join(f"`{say(name)}`" for name in dict.fromkeys(self.given))
        shaped = f" ({options} only {'shape' if ',' in options else 'shapes'} that)" if options else ""
        return ", ".join(dict.fromkeys([f"`{spec.name}` {spec.reads}{shaped}", *self.notes]))

    def _operands(self, spec: Spec) -> Finding:
        return judge_operands(spec, self.operands, self.places, self.seen, self.parts)

    def _needed(self, spec: Spec) -> Finding:
        for need in spec.needs:
            if need.options & self.seen or (need.given and not need.given & self.seen):
                continue
            return self._missing(spec, need)
        return READ

    def _together(self, spec: Spec) -> Finding:
        judge = TOGETHER.get(spec.together or self.joint)
        operands = tuple(spelled(text_of(word), word) for word in self.operands)
        return judge(Given(self.values, operands)) if judge else READ

    def _missing(self, spec: Spec, need: Need) -> Finding:
        names = sorted(need.options, key=lambda name: (len(name), name))
        why = f"`{spec.name}` without {' or '.join(f'`{name}`' for name in names)} {need.why}"
        self.parts.blame(self.parts.program, why)
        fix = f"write `{names[0]}`" if need.word == "unknown" else ""
        return Finding(need.word, why, traits_of(need.traits, self.seen), fix=fix)

    # Subcommands and commands in commands --------------------------------------------------------------------------

    def _descend(self, spec: Spec, text: str) -> Finding | None:
        found = spec.subcommand(text)
        if found is None and spec.operands:
            return None
        self.parts.note(self.at, "subcommand", "")
        if found is None:
            return unknown(f"`{spec.name} {say(text)}` is not a command that we know")
        traits = traits_of(spec.traits, self.seen)
        if isinstance(found, Effect):
            known = effect_of(f"{spec.name} {text}", found, self.words[self.at + 1 :])
            return replace(known, traits=(*traits, *known.traits))
        self.joint = spec.together or self.joint
        self._keep(1)
        self.parts.program = self.at - 1
        finding = self.run(found)
        if found.here and self.elsewhere and finding.word == "read":
            finding = unknown(
                f"`{found.name}` would run outside our environment, and may run more there", *finding.traits
            )
        return replace(finding, traits=tuple(dict.fromkeys((*traits, *finding.traits))))

    def _nested(self, spec: Spec, start: int) -> Finding:
        checked = self._operands(spec)
        if checked.word != "read":
            return checked
        if start >= len(self.words):
            return unknown(f"no command stands after `{spec.name}`")
        if start > self.at:
            self.parts.note(self.at, "operator", "ends the options")
        outside = self.elsewhere or spec.outside
        inner = judge_argv(
            self.words[start:], team=self.team, elsewhere=outside, depth=self.depth + 1, first=self.first + start
        )
        self.parts.add(inner.parts)
        if spec.never and inner.word == "read":
            return unknown(f"`{spec.name}` {spec.never}", *inner.traits)
        self.argv += self.words[self.at : start]
        traits = (*traits_of(spec.traits, self.seen), *worst([*self.findings, inner]).traits)
        argv = inner.argv if spec.unwrap else (*self.argv, *inner.argv)
        why = f"`{spec.name}` {spec.reads}: {inner.why}" if inner.word == "read" else inner.why
        return replace(inner, why=why, traits=tuple(dict.fromkeys(traits)), argv=argv)

    # Options -------------------------------------------------------------------------------------------------------

    def _option(self, spec: Spec, text: str) -> Finding:
        exact = spec.options.get(text)
        if exact is not None:
            return self._take(spec, text, exact, None)
        if text.startswith("--"):
            name, equals, value = text.partition("=")
            option = spec.options.get(name)
            if option is None or not equals:
                return odd_option(spec, text, text)
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
                return odd_option(spec, name, text)
            if option.takes == "nothing":
                self.values.append((name, ""))
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
            self.values.append((name, ""))
            return self._give(name, option)
        value_stands_alone = value is None and option.takes == "value"
        if value is None and option.takes == "value":
            if self.at + 1 >= len(self.words):
                return unknown(f"`{say(name)}` of `{spec.name}` needs a value")
            value = text_of(self.words[self.at + 1])
            self._keep(1)
        self._keep(1)
        finding = self._give(name, option)
        if finding.word != "read" or value is None:
            return finding
        self.values.append((name, spelled(value, self.words[self.at - 1])))
        leak = leaks(spec, option.rule, self.words[self.at - 1])
        if leak:
            return unknown(f"`{say(name)}` {leak}")
        judged = named(name, judge_with_parts(option.rule, value))
        self.parts.value(self.at - 1, name, option.rule, separate=value_stands_alone, finding=judged)
        if judged.why:
            self.given.pop()
            self.notes.append(judged.why)
        return worst([finding, judged])

    def _give(self, name: str, option: Option) -> Finding:
        self.seen |= {name}
        self.given.append(name)
        if option.word == "read":
            return Finding("read", traits=option.traits)
        why, fix = f"`{say(name)}` {option.why}", f"leave `{say(name)}` out"
        return Finding(option.word, why, option.traits, fix=fix)
