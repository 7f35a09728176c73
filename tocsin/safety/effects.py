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
    r"(^|_)(SECRET|TOKEN|PASS|PASSWD|PASSWORD|PASSPHRASE|CREDENTIALS?|API_?KEY|KEY|DSN|CONNECTION_STRING"
    r"|(DATABASE|DB|PG|POSTGRES|POSTGRESQL|MYSQL|REDIS|MONGO|MONGODB|AMQP|RABBITMQ)_UR[IL])$",
    re.IGNORECASE,
)
_NEVER_SENT = re.compile(
    r"(^|_)(DSN|CONNECTION_STRING|(DATABASE|DB|PG|POSTGRES|POSTGRESQL|MYSQL|REDIS|MONGO|MONGODB|AMQP|RABBITMQ)_UR[IL])$"
    r"|^AWS_SECRET_ACCESS_KEY$",
    re.IGNORECASE,
)
"""Names of what is no credential of a web server: an address that holds a password, a key that only signs."""
_LOOKED_UP = frozenset({"url", "host", "endpoint", "endpoints", "host-address"})


_KEPT = frozenset({"credential", "header", "file", "local-file", "absolute-file", "path"})
"""Rules of values in which a secret has its place (a header is looked at by its name), or that stay on the machine."""


def leaks(spec: Spec, rule: str, word: Word) -> str:
    """What a variable that sounds like a secret would give away in this place; empty where it may stand there."""
    text = "".join(part if isinstance(part, str) else f"\0{part.name}\0" for part in word)
    if rule in _LOOKED_UP:
        host = re.sub(r"^([^=\0]*=)?([a-z]+://)?([^/@]*@)?", "", text)
        if secret_in(host):
            return "would look up what sounds like a secret, as the name of a host"
    elif rule in ("credential", "header") and any(_NEVER_SENT.search(name) for name in re.findall(r"\0(\w+)\0", text)):
        return "would send what gives access to something else, such as a database with its password"
    elif rule not in _KEPT and secret_in(text) and any(trait.name == "network" for trait in spec.traits):
        return "would send what sounds like a secret, and not as a credential"
    return ""


def secret_in(text: str) -> bool:
    """Whether a variable in this text (its name between two `VARIABLE`) sounds like a secret."""
    return any(_SECRET_NAME.search(name) for name in re.findall(r"\0(\w+)\0", text))


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
