"""Values that are harmless one by one and not together: the value of a variable, and the stranger to whom it is sent.

A variable may say who is asked, who asks, and by which credential. Where the text itself names the server, no other
value may be a variable, for it may be a secret of the environment; the name of a user or of a database may be one
where the variable is called so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.core.run import Variable, Word
from tocsin.safety.finding import READ, Finding, unknown
from tocsin.safety.lexer import VARIABLE
from tocsin.safety.quoting import say

_NEAR = re.compile(
    r"localhost|[\w-]+|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|\[?::1\]?"
    r"|[\w.-]+\.(local|internal|localhost|svc|lan|intranet|consul)\.?|.*[\0\1].*",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_HERE = re.compile(r"localhost\.?|127\.[\d.]+|\[?::1\]?|/.*|.*[\0\1].*", re.IGNORECASE | re.ASCII | re.DOTALL)
_PLAINLY = re.compile(r"user|name|login|role|db|database", re.IGNORECASE)
_DOUBTFUL = re.compile(r"secret|token|pass|key|cred|auth|dsn|ur[il]|conn|cert|priv|session|cookie", re.IGNORECASE)
_DSN = re.compile(
    r"[a-z]+://(?:(?P<user>[^/@:]*)(?::[^/@]*)?@)?(?P<host>[^/?:]*|\[[^]]*\])(?::[^/?]*)?(?:/(?P<base>[^?]*))?(?:\?.*)?",
    re.DOTALL,
)
_FORWARDED = re.compile(r"\s*(authorization|cookie)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """What a command was given: options with their values in order, and operands; variables `spelled`."""

    options: Sequence[tuple[str, str]]
    operands: Sequence[str]

    def values(self, *names: str) -> list[str]:
        """The values of these options."""
        return [value for name, value in self.options if name in names]


def spelled(value: str, word: Word) -> str:
    """A value, which ends as this word does, with each variable as its name between two `VARIABLE`."""
    names = [part.name for part in word if isinstance(part, Variable)]
    pieces = value.split(VARIABLE)
    if len(pieces) - 1 > len(names):
        return value
    own = names[len(names) - len(pieces) + 1 :]
    return pieces[0] + "".join(
        f"{VARIABLE}{name}{VARIABLE}{piece}" for name, piece in zip(own, pieces[1:], strict=True)
    )


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


def _named(server: str) -> bool:
    """Whether the text itself names another machine."""
    return any(not _HERE.fullmatch(_host(each)) for each in server.split(",") if each)


def _broker(given: Given) -> Finding:
    asked = given.values("--topic", "--group", "--entity-name", "--topic-list", "--broker-list")
    far = next(filter(_named, given.values("--bootstrap-server", "--zookeeper")), "")
    if far and any(VARIABLE in each for each in asked):
        return unknown(f"the value of a variable would be sent to `{say(far)}`", fix="write the value itself")
    return READ


def _connection(given: Given) -> Finding:
    """Clients of databases. Their first words to a server hold the user and the database, in clear."""
    servers = given.values("-h", "--host")
    said = given.values("-U", "--username", "-u", "--user", "-D", "--database")
    for each in (*given.values("-d", "--dbname"), *given.operands):
        dsn = _DSN.fullmatch(each)
        pairs = dict(pair.partition("=")[::2] for pair in each.split(" ")) if "=" in each else {}
        if dsn:
            servers.append(dsn["host"])
            said += [dsn["user"] or "", dsn["base"] or ""]
        elif pairs:
            servers.append(pairs.get("host", ""))
            said += [pairs.get("user", ""), pairs.get("dbname", "")]
        else:
            said.append(each)
    far = next(filter(_named, servers), "")
    doubtful = [name for each in said for name in re.findall(r"\0(\w+)\0", each) if not _plain(name)]
    if far and doubtful:
        why = f"the value of `${doubtful[0]}` would be sent to `{say(far)}`, and its name doesn't tell what it is"
        return unknown(why, fix="write the value itself, or call the variable `DB_USER` or `DB_NAME`")
    return READ


def _plain(name: str) -> bool:
    """Whether a variable is called as the name of a user or of a database is."""
    return _PLAINLY.search(name) is not None and _DOUBTFUL.search(name) is None


def _bucket(given: Given) -> Finding:
    """The owner of a bucket sees what is asked for in it."""
    odd = any(re.match(r"s3://[^/\0]+/.*\0", each, re.DOTALL) for each in given.operands)
    return unknown("the value of a variable would be sent to the owner of the bucket") if odd else READ


def _alerts(given: Given) -> Finding:
    return _apart(given.operands, given.values("--alertmanager.url"))


def _measured(given: Given) -> Finding:
    asked = [*given.operands[1:], *given.values("--time", "--start", "--end", "--step")]
    return _apart(asked, given.operands[:1])


def _redirected(given: Given) -> Finding:
    """curl hands its own headers on to wherever a server redirects it, but for two."""
    known = [*given.values("-H", "--header", "-u", "--user", "--oauth2-bearer"), *given.operands]
    moved = [each for each in given.values("--resolve") if strange(each.split(":")[-1])]
    if moved and any(VARIABLE in each for each in known):
        return unknown(f"the value of a variable would be sent to `{say(moved[0])}`", fix="leave `--resolve` out")
    follows = any(name in ("-L", "--location") for name, _ in given.options)
    own = [each for each in given.values("-H", "--header") if VARIABLE in each and not _FORWARDED.match(each)]
    if follows and own:
        why = f"with `-L` curl hands the header `{say(own[0])}` on to wherever the server sends it"
        return unknown(why, fix="leave `-L` out")
    return READ


def _literal(given: Given) -> Finding:
    """What a stranger is asked for stands in the text as a whole."""
    odd = any(VARIABLE in each for each in given.operands)
    return unknown("the value of a variable would be sent", fix="write the value itself") if odd else READ


def _resources(given: Given) -> Finding:
    """A kind by itself says what every name behind it is; behind ``KIND/NAME`` each may be of a kind of its own."""
    first, *names = given.operands or ("",)
    if "/" in first and any(VARIABLE in each.partition("/")[0] for each in names):
        return unknown("a variable stands for the kind of resource, and it may be a secret")
    return READ


TOGETHER: dict[str, Callable[[Given], Finding]] = {
    "names": _names,
    "certificate": _certificate,
    "broker": _broker,
    "alerts": _alerts,
    "measured": _measured,
    "redirected": _redirected,
    "connection": _connection,
    "bucket": _bucket,
    "literal": _literal,
    "resources": _resources,
}


def judge_names(words: Sequence[str]) -> Finding:
    """The words of ``dig``: ``@server`` may be a stranger, and every other word may be the name that is asked for."""
    servers = [word[1:] for word in words if word.startswith("@")]
    return _apart([word for word in words if not word.startswith("@")], servers)
