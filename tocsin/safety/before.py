"""The value that a command is about to change: which command reads it, and which one sets it back.

The pairs are data, ``specs/before.toml``. A reading counts only where its own verdict is ``read``, or where the data
says that people may be asked about it together with the change.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from tocsin.core.rendering import Gap, render
from tocsin.core.shellplaces import scan
from tocsin.errors import Refused
from tocsin.safety.verdict import classify

LONGEST = 200
_NAME = re.compile(r"\{([a-z]+)\}")
_PLAIN = r"[A-Za-z0-9_./:@+-]+"
_OLD = Gap(text="<old>", read_as="text")
_SETTING = re.compile(r"[A-Za-z0-9._:-]{1,16}")
_MAYBE_SECRET = re.compile(
    r"key|secret|token|pass|pwd|cred|auth|cookie|salt|dsn|ur[il]|cert|private|hook|conn|seed|sign", re.IGNORECASE
)
_RULE = re.compile(r"^[\s|+-]*-[\s|+-]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How to learn the value before a change: the command that reads it, and the way back for each value or for any.

    ``proved``: the reading is proved to read; if not, it runs only where people said yes to its ``announcement``.
    """

    kind: str
    read: str
    take: str
    backs: Mapping[str, str]
    proved: bool = True

    @property
    def announcement(self) -> str:
        """What the question about the change says of a reading that is not proved."""
        return f"Right before it, `{self.read}` runs too, so that what it replaces can be set back."

    def value_in(self, output: str) -> str | None:
        """The value in what the reading printed; None where it is not one plain line."""
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        if self.take == "cell":
            rule = next((index for index, line in enumerate(lines) if index and _RULE.match(line)), None)
            lines = lines[rule + 1 : rule + 2] if rule is not None else []
        elif self.take == "last line":
            lines = lines[-1:] if len(lines) == 2 else []
        value = lines[0].strip("| ") if len(lines) == 1 else ""
        if self.take == "setting" and not _SETTING.fullmatch(value):
            return None
        return value if 0 < len(value) <= LONGEST else None

    def set_back(self, value: str) -> str | None:
        """The command that sets this value again; None where there is none, or the value can't stand in it."""
        template = self.backs.get(value) or self.backs.get("")
        if template is None:
            return None
        try:
            return render(template, self.kind, [_OLD], {"<old>": value}, {})
        except Refused:
            return None


def before(kind: str, command: str) -> Before | None:
    """What can be known before this command changes something; None where no proved reading shows it."""
    words = _words(kind, command)
    for pair in _pairs():
        found = _match(pair, words) if words and pair.get("kind", "shell") == kind else None
        if found is None:
            continue
        values, kept = found
        read = _put(pair["read"], values, kept)
        word = classify(kind, read).word
        asked = bool(pair.get("asked")) and word == "unknown" and not _MAYBE_SECRET.search(values.get("name", ""))
        if word != "read" and not asked:
            return None
        backs = pair["back"] if isinstance(pair["back"], dict) else {"": pair["back"]}
        ways = {value: _put(text, values, kept) for value, text in backs.items()}
        return Before(kind=kind, read=read, take=pair.get("take", "all"), backs=ways, proved=word == "read")
    return None


@cache
def _pairs() -> tuple[Mapping[str, Any], ...]:
    text = files("tocsin.safety").joinpath("specs", "before.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["before"])


def _words(kind: str, command: str) -> list[str]:
    """The words of one plain command; none where it is more than that."""
    if kind == "sql":
        return command.strip().rstrip(";").lower().replace("=", " = ").split()
    if re.search(r"[$`\\;|&<>(){}*?~#\n]", command.strip()):
        return []
    tokens = scan(command.strip())
    return [token.text for token in tokens] if all(token.kind == "word" for token in tokens) else []


def _match(pair: Mapping[str, Any], words: Sequence[str]) -> tuple[dict[str, str], list[str]] | None:
    """The parts of a command that the pattern names, and the options that only say where; None where it is another."""
    pattern = pair["change"].split()
    options = [each for each in pattern if each.startswith("--")]
    wanted = [each for each in pattern if not each.startswith("--")]
    values: dict[str, str] = {}
    kept: list[str] = []
    left: list[str] = []
    given = iter(words)
    for word in given:
        name = word.partition("=")[0]
        option = next((each for each in options if each.partition("=")[0] == name and name.startswith("--")), None)
        if option is not None:
            whole = word if "=" in word else f"{word}={next(given, '')}"
            if not _take(option, whole, values):
                return None
        elif word in pair.get("flags", ()):
            kept.append(word)
        elif name in pair.get("keep", ()):
            kept += [word] if "=" in word else [word, next(given, "")]
        else:
            left.append(word)
    fits = len(left) == len(wanted) and all(_take(*both, values) for both in zip(wanted, left, strict=True))
    tame = all(re.fullmatch(_PLAIN + "|[A-Za-z0-9-]+=" + _PLAIN, word) for word in kept)
    named = set(_NAME.findall(pair["change"]))
    return (values, kept) if fits and tame and named == set(values) else None


def _take(pattern: str, word: str, values: dict[str, str]) -> bool:
    parts = _NAME.split(pattern)
    made = "".join(
        f"(?P<{part}>{'.+' if part == 'value' else _PLAIN})" if index % 2 else re.escape(part)
        for index, part in enumerate(parts)
    )
    match = re.fullmatch(made, word)
    if match is None or any(value.startswith("-") and name != "value" for name, value in match.groupdict().items()):
        return False
    values.update(match.groupdict())
    return True


def _put(text: str, values: Mapping[str, str], kept: Sequence[str]) -> str:
    filled = _NAME.sub(lambda match: values.get(match[1], match.group()), text)
    return " ".join([filled, *kept])
