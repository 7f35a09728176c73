"""What follows from single words of a command: known effects, traits, values that sound like secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from tocsin.core.run import Variable, Word
from tocsin.safety.finding import Finding, unknown
from tocsin.safety.lexer import text_of
from tocsin.safety.quoting import say
from tocsin.safety.specs import Effect, Spec, Trait


def mentioned(words: Sequence[Word]) -> frozenset[str]:
    """Every option that these words may give, clusters taken apart: enough for traits, not for a proof."""
    seen: set[str] = set()
    for text in map(text_of, words):
        seen.add(text.partition("=")[0])
        if text.startswith("-") and not text.startswith("--"):
            seen.update(f"-{letter}" for letter in text[1:])
    return frozenset(seen)


def traits_of(traits: Sequence[Trait], seen: frozenset[str]) -> tuple[str, ...]:
    """The names of those that hold where these options were given."""
    return tuple(trait.name for trait in traits if trait.holds(seen))


_REVEALING = re.compile(r"SECRET|TOKEN|PASS|KEY|CREDENTIAL|AUTH|DSN|DATABASE_URL|_URI$", re.IGNORECASE)


def reveals(word: Word) -> bool:
    """Whether a variable in this word sounds like a secret."""
    return any(isinstance(part, Variable) and _REVEALING.search(part.name) for part in word)


_SECRET_NAME = re.compile(
    r"(^|_)(SECRET|TOKEN|PASS|PASSWD|PASSWORD|PASSPHRASE|CREDENTIALS?|API_?KEY|KEY)$", re.IGNORECASE
)
_LOOKED_UP = frozenset({"url", "host", "endpoint", "endpoints", "host-address"})


def leaks(rule: str, word: Word) -> bool:
    """Whether a variable that sounds like a secret stands where a host's name does, and not where a password may."""
    if rule not in _LOOKED_UP:
        return False
    text = "".join(part if isinstance(part, str) else f"\0{part.name}\0" for part in word)
    host = re.sub(r"^([^=\0]*=)?([a-z]+://)?([^/@]*@)?", "", text)
    return any(_SECRET_NAME.search(name) for name in re.findall(r"\0(\w+)\0", host))


def named(name: str, finding: Finding) -> Finding:
    """A finding about the value of this option."""
    return finding if finding.word == "read" else replace(finding, why=f"`{name}`: {finding.why}")


def odd_option(spec: Spec, name: str, word: str) -> Finding:
    """An option that the spec doesn't have; ``word`` is the whole word, of which it may be one letter."""
    within = f" (in `{say(word)}`)" if word != name else ""
    why = f"`{say(name)}`{within} is not an option of `{spec.name}` that we know"
    return unknown(why, fix=f"leave `{say(name)}` out")


def effect_of(name: str, effect: Effect, rest: Sequence[Word]) -> Finding:
    """The finding about a program or subcommand whose effect is known; ``rest`` are the words behind it."""
    seen = mentioned(rest)
    traits = tuple(trait.name for trait in effect.traits if trait.holds(seen))
    ways = [way for trait in effect.traits if trait.name == "interactive" for way in sorted(trait.options)]
    quiet = "--no-edit" if "--no-edit" in ways else next((way for way in ways if way.startswith("--no-")), "")
    fix = f"write `{quiet}`, so that it waits for nobody" if quiet and "interactive" in traits else ""
    return Finding(effect.word, f"`{name}` {effect.why}", traits, fix=fix)
