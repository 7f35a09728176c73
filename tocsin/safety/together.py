"""Values that are harmless one by one and not together: the value of a variable, and the stranger to whom it is sent.

A variable may say who is asked and who asks. Where the text itself names a server that may be anybody's, no other value
may be a variable: it may be a secret of the environment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.safety.finding import READ, Finding, unknown
from tocsin.safety.lexer import VARIABLE
from tocsin.safety.quoting import say

_NEAR = re.compile(
    r"localhost|[\w-]+|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|\[?::1\]?"
    r"|[\w.-]+\.(local|internal|localhost|svc|lan|intranet|consul)\.?|.*[\0\1].*",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_FORWARDED = re.compile(r"\s*(authorization|cookie)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """What a command was given: options with their values in order, and operands."""

    options: Sequence[tuple[str, str]]
    operands: Sequence[str]

    def values(self, *names: str) -> list[str]:
        """The values of these options."""
        return [value for name, value in self.options if name in names]


def strange(server: str) -> bool:
    """Whether a server that the text names may be anybody's: a public address, or a name with dots."""
    return any(not _NEAR.fullmatch(_host(each)) for each in server.split(",") if each)


def _host(address: str) -> str:
    bare = re.sub(r"^[a-z]+://", "", address, flags=re.IGNORECASE).partition("/")[0].rpartition("@")[2]
    return re.sub(r":[\w\0\1]*$", "", bare) if bare.count(":") == 1 or bare.startswith("[") else bare


def _apart(said: Sequence[str], servers: Sequence[str]) -> Finding:
    far = next((server for server in servers if strange(server)), "")
    if far and any(VARIABLE in each for each in said):
        return unknown(f"the value of a variable would be sent to `{say(far)}`", fix="write the value itself")
    return READ


def _names(given: Given) -> Finding:
    return _apart([*given.operands[:1], *given.values("-type", "-query", "-t")], given.operands[1:])


def _certificate(given: Given) -> Finding:
    return _apart(given.values("-servername", "-alpn"), given.values("-connect"))


def _broker(given: Given) -> Finding:
    return _apart(given.values("--topic", "--group"), given.values("--bootstrap-server", "--zookeeper"))


def _alerts(given: Given) -> Finding:
    return _apart(given.operands, given.values("--alertmanager.url"))


def _measured(given: Given) -> Finding:
    asked = [*given.operands[1:], *given.values("--time", "--start", "--end", "--step")]
    return _apart(asked, given.operands[:1])


def _redirected(given: Given) -> Finding:
    """curl hands its own headers on to wherever a server redirects it, but for two."""
    follows = any(name in ("-L", "--location") for name, _ in given.options)
    own = [each for each in given.values("-H", "--header") if VARIABLE in each and not _FORWARDED.match(each)]
    if follows and own:
        why = f"with `-L` curl hands the header `{say(own[0])}` on to wherever the server sends it"
        return unknown(why, fix="leave `-L` out")
    return READ


TOGETHER: dict[str, Callable[[Given], Finding]] = {
    "names": _names,
    "certificate": _certificate,
    "broker": _broker,
    "alerts": _alerts,
    "measured": _measured,
    "redirected": _redirected,
}


def judge_names(words: Sequence[str]) -> Finding:
    """The words of ``dig``: ``@server`` may be a stranger, and every other word may be the name that is asked for."""
    servers = [word[1:] for word in words if word.startswith("@")]
    return _apart([word for word in words if not word.startswith("@")], servers)
