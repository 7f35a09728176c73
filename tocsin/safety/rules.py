"""What a value of an option or an operand must look like. Simple rules are regular expressions in ``specs/rules.toml``;
the rules here look closer, because a wrong value of theirs would write, send or run something."""

from __future__ import annotations

import re
from collections.abc import Callable

from tocsin.safety.addresses import judge_address, judge_data
from tocsin.safety.awk import judge_awk
from tocsin.safety.finding import READ, Finding, change, unknown
from tocsin.safety.headers import judge_header, judge_header_value, judge_range
from tocsin.safety.lexer import GAP, VARIABLE
from tocsin.safety.paths import judge_file, judge_local_file, mounting
from tocsin.safety.quoting import fill, say
from tocsin.safety.scripts import judge_jq, judge_sed
from tocsin.safety.specs import library
from tocsin.safety.sqlscan import Dialect

__all__ = ["judge_value", "say"]
_SAMPLES = ("1", "x")
_CONTROL = re.compile(r"[\x02-\x1f\x7f]")
_MANY_LINES = frozenset({"sql", "mysql", "sqlite", "jq", "awk", "shown", "pattern", "template", "aws-value"})
"""Rules of values that go into no protocol, and may be written on several lines."""
_NO_PATHS = frozenset(
    {
        "sql",
        "mysql",
        "sqlite",
        "jq",
        "awk",
        "sed",
        "shown",
        "text",
        "credential",
        "template",
        "revealing-template",
        "url",
        "query",
    }
    | {
        "header",
        "header-value",
        "byte-ranges",
        "sent",
        "curl-format",
        "git-format",
        "git-text",
        "print-format",
        "redis-word",
        "kube-raw",
        "kube-output",
    }
    | {"aws-value", "method", "yq", "host-address", "redis-address", "dsn", "signature"}
)
"""Rules of values that no program takes for a path."""


def judge_value(rule: str, text: str) -> Finding:
    """Whether this value is one that the rule allows; ``a|b`` is a list of the only values allowed."""
    if rule not in _MANY_LINES and _CONTROL.search(text):
        return unknown(f"`{say(text)}` holds a line break or another control character, and may end what it stands in")
    if "|" in rule:
        return READ if text in rule.split("|") or text == GAP else unknown(f"`{say(text)}` is not one of {rule}")
    if rule not in _NO_PATHS and (found := mounting(text)).word != "read":
        return found
    special = _CODED.get(rule)
    if special is not None:
        return special(text)
    pattern, what = library().rules[rule]
    if any(pattern.fullmatch(fill(text, sample)) for sample in _SAMPLES):
        return READ
    return unknown(f"`{say(text)}` is not {what}")


# Files ---------------------------------------------------------------------------------------------------------------


def _pattern(text: str) -> Finding:
    """What grep looks for; where ``-e`` gives that already, the same place names a file."""
    found = judge_file(text)
    return found if found.word != "read" else READ


def _path(_text: str) -> Finding:
    """What is only listed or measured, never opened."""
    return READ


def _sink(text: str) -> Finding:
    if text in ("/dev/null", "-"):
        return READ
    return change(f"it writes the file `{say(text)}`", "local-write")


def _shown(_text: str) -> Finding:
    return READ


def _revealing(text: str) -> Finding:
    """A Go template over everything that is known about a container: it only prints, but it may print secrets."""
    secret = re.search(r"env|config\b|secret|json \.\s*\}|^json$|password|token", text, re.IGNORECASE)
    return Finding("read", traits=("secret",)) if secret else READ


# SQL -----------------------------------------------------------------------------------------------------------------


def _sql(text: str) -> Finding:
    if text.lstrip().startswith("\\"):
        return (
            READ if _META.fullmatch(text) else unknown("a backslash command of psql may write files and start programs")
        )
    return _judged(text, "postgres")


_META = re.compile(
    r"[ \t]*\\((l|d[A-Za-z]{0,3}|z|s[fv])[S+]{0,2}([ \t]+([\w.*]+|\"[\w .-]+\"))?|conninfo|errverbose|a|t|H"
    r"|pset[ \t]+pager[ \t]+off"
    r"|x([ \t]+(on|off|auto))?|timing([ \t]+(on|off))?)[ \t]*"
)


def _judged(text: str, dialect: Dialect) -> Finding:
    # sqlglot costs a tenth of a second to import, so only a command that holds SQL pays for it.
    from tocsin.safety.sql import judge_sql

    if VARIABLE not in text:
        return judge_sql(text.replace(GAP, "x1"), dialect)
    inside = judge_sql(text.replace(VARIABLE, "x1").replace(GAP, "x1"), dialect)
    return inside if inside.word == "change" else unknown("a variable stands inside the SQL, and it may hold any SQL")


_MYSQL_CLIENT = re.compile(
    r"(?:^|\n|;)\s*(source|system|tee|notee|pager|nopager|edit|connect|delimiter|use|prompt|charset|resetconnection"
    r"|print|help)\b",
    re.IGNORECASE,
)


def _mysql(text: str) -> Finding:
    """SQL for the client of MySQL, which takes commands of its own at the beginning of a line."""
    found = _MYSQL_CLIENT.search(text)
    if found:
        return unknown(f"`{found.group(1)}` is a command of the client `mysql`, and may write files or start programs")
    return _judged(re.sub(r"\\[Gg]\s*;?\s*$", "", text), "mysql")


_DOT = re.compile(r"\.(tables|schema|indexes|indices|databases|dbinfo|help|show)([ \t]+[\w%]+)?[ \t]*")


def _sqlite(text: str) -> Finding:
    if text.lstrip().startswith("."):
        return READ if _DOT.fullmatch(text) else unknown(f"`{say(text)}` may write files or start programs")
    return _judged(text, "sqlite")


# Requests and servers ------------------------------------------------------------------------------------------------


def _method(text: str) -> Finding:
    if text in ("GET", "HEAD", "OPTIONS"):
        return READ
    if text.upper() in ("POST", "PUT", "PATCH", "DELETE"):
        return change(
            f"`{text}` asks the server to change something", *(("destructive",) if text.upper() == "DELETE" else ())
        )
    return unknown(f"`{say(text)}` is not a method that only reads")


def _sent(text: str) -> Finding:
    """A text that goes over the network to whoever answers: no variable, for its value may be a secret."""
    return unknown("the value of a variable would be sent to the server") if VARIABLE in text else READ


def _capture_filter(text: str) -> Finding:
    """A filter of tcpdump's; names of hosts in it are looked up, so no variable may be a part of one."""
    if VARIABLE in text:
        return unknown("a variable stands inside the filter, and names of hosts in it are looked up")
    return (
        READ
        if re.fullmatch(r"[\w:.=<>!()&| /\[\]+\1-]+", text, re.ASCII)
        else unknown(f"`{say(text)}` is not a filter")
    )


_HOST = re.compile(r"[A-Za-z0-9_/\x01][A-Za-z0-9_.:/\x01-]*")


def _host(text: str) -> Finding:
    if text == VARIABLE:
        return READ
    if VARIABLE in text:
        return unknown("a variable is a part of the host's name, so it is sent to whoever answers for that name")
    return READ if _HOST.fullmatch(text) else unknown(f"`{say(text)}` is not a host")


def _endpoint(text: str) -> Finding:
    """``HOST:PORT``; a variable may be the whole host or port, never a label of the host's name."""
    host, colon, port = text.rpartition(":")
    fits = re.fullmatch(r"\x00|[A-Za-z0-9\x01][\w.\x01-]*|\[[0-9a-fA-F:]+\]", host) and re.fullmatch(r"[\w\0\1]+", port)
    if text in (VARIABLE, GAP) or (colon and fits):
        return READ
    if VARIABLE in host:
        return _host(host)
    return unknown(f"`{say(text)}` is not HOST:PORT")


def _node(text: str) -> Finding:
    """``NAME@HOST``, as Erlang calls its nodes; a variable may be the whole host."""
    name, at, host = text.partition("@")
    return _host(host) if at and re.fullmatch(r"\w+", name, re.ASCII) else unknown(f"`{say(text)}` is not NAME@HOST")


_ENDPOINT = re.compile(r"([a-z]+://)?([\w.\1-]+|\0|\[[0-9a-fA-F:]+\])(:[\w\0\1]+)?/?", re.ASCII)


def _endpoints(text: str) -> Finding:
    """Servers with commas between them; a variable may be one of them, or all, never a label of a name."""
    pieces = text.split(",")
    if all(_ENDPOINT.fullmatch(piece) for piece in pieces):
        return READ
    if VARIABLE in text:
        return unknown("a variable is a part of the host's name, so it is sent to whoever answers for that name")
    return unknown(f"`{say(text)}` is not a list of servers such as HOST:PORT")


_GITHUB = re.compile(r"https://github\.com/[\w./-]+|#?[0-9]+|[A-Za-z0-9_][\w./-]*", re.ASCII)


def _github(text: str) -> Finding:
    """A number, a branch, a tag or an address of github.com; gh asks the host of any other address with its token."""
    if _GITHUB.fullmatch(text.replace(GAP, "x")):
        return READ
    return unknown(f"`{say(text)}` may lead to another host than github.com", fix="give the number alone")


def _repository(text: str) -> Finding:
    if re.fullmatch(r"(https://github\.com/)?[\w.-]+/[\w.-]+|[A-Za-z0-9_][\w.-]*", text.replace(GAP, "x"), re.ASCII):
        return READ
    return unknown(f"`{say(text)}` may lead to another host than github.com", fix="write OWNER/REPOSITORY")


_PAUSE = re.compile(r"(?=.*[1-9])(\d+(?:\.\d+)?)(ms|s|m|h)?(?:(\d+)(s|m))?")
_SECONDS = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_PAUSE = 3600


def _pause(text: str) -> Finding:
    match = _PAUSE.fullmatch(fill(text, "1"))
    if match is None:
        return unknown(f"`{say(text)}` is not a time that ends (at least something, at most an hour)")
    seconds = float(match[1]) * _SECONDS[match[2]] + float(match[3] or 0) * _SECONDS[match[4]]
    return READ if seconds <= _LONGEST_PAUSE else unknown(f"`{say(text)}` is longer than an hour")


def _curl_format(text: str) -> Finding:
    if text.startswith("@"):
        return unknown(f"`{say(text)}` takes the format from a file")
    if "%output" in text.lower() or VARIABLE in text or GAP in text:
        return (
            change("`%output` in the format writes a file", "local-write")
            if "%output" in text.lower()
            else unknown("a variable stands inside the format")
        )
    return READ


_NAMED_FORMATS = frozenset({"oneline", "short", "medium", "full", "fuller", "reference", "email", "raw"})


def _git_format(text: str) -> Finding:
    if re.search(r"%[^A-Za-z%]*G|signature", text):
        return unknown("`%G` in the format starts the program that checks signatures")
    if VARIABLE in text or GAP in text:
        return unknown("a variable stands inside the format")
    if "%" not in text and text not in _NAMED_FORMATS and not text.startswith(("format:", "tformat:")):
        return unknown(f"`{say(text)}` may be a format that the repository names, and that may start programs")
    return READ


# Databases and clusters ----------------------------------------------------------------------------------------------

_DSN = re.compile(
    r"postgres(ql)?://([^/@?#\s]*@)?(\x00|[\w.\x01-]+|\[[0-9a-fA-F:]+\])?(:[\d\x00\x01]+)?(/[\w.\x01-]*)?"
    r"(\?(sslmode|connect_timeout|application_name|target_session_attrs)=[\w.-]+"
    r"(&(sslmode|connect_timeout|application_name|target_session_attrs)=[\w.-]+)*)?"
)
_DATABASE = re.compile(r"[A-Za-z0-9_\x01][A-Za-z0-9_.\x01-]*")
_CONNINFO = re.compile(
    r"(host|port|dbname|user|connect_timeout|sslmode|application_name|target_session_attrs|password)=(\x00|[\w.\x01-]+)"
)
_SECRET_RESOURCE = re.compile(r"secret|credential|vault|token|password", re.IGNORECASE)
_RESOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.,:/-]*")


def _dsn(text: str) -> Finding:
    if text in (VARIABLE, GAP) or _DATABASE.fullmatch(text):
        return READ
    if _DSN.fullmatch(text):
        return Finding("read", traits=("secret",)) if re.search(r"://[^/@\0\1]*:[^/@\0\1]+@", text) else READ
    pairs = text.split(" ")
    if all(_CONNINFO.fullmatch(pair) for pair in pairs):
        return Finding("read", traits=("secret",)) if re.search(r"\bpassword=[^\0]", text) else READ
    return unknown(f"`{say(text)}` is not a database name, one variable alone or a plain postgres:// address")


def _redis_word(text: str) -> Finding:
    if VARIABLE in text:
        return unknown("the value of a variable would be sent to the database")
    return READ if text else unknown("an empty word")


def _resource(text: str) -> Finding:
    if _SECRET_RESOURCE.search(text):
        return unknown(f"`{say(text)}` shows secrets", "secret")
    if VARIABLE in text.partition("/")[0]:
        return unknown("a variable stands for the kind of resource, and it may be a secret")
    if not _RESOURCE.fullmatch(fill(text, "x")):
        return unknown(f"`{say(text)}` is not the name of a resource")
    return READ


def _resource_name(text: str) -> Finding:
    """What stands behind a kind, where a variable is only a name (`together` looks at that kind)."""
    return READ if text == VARIABLE else _resource(text)


def _kube_output(text: str) -> Finding:
    kind, _, rest = text.partition("=")
    if kind in ("json", "yaml", "wide", "name") and not rest:
        return READ
    if kind in ("jsonpath", "custom-columns", "go-template", "jsonpath-as-json") and rest:
        return READ
    return unknown(f"`{say(text)}` is not a form of output that we know")


def _aws_value(text: str) -> Finding:
    if re.search(r"(^|=)\s*(file|fileb|https?)://", text, re.IGNORECASE) or text.startswith(VARIABLE):
        return unknown(f"`{say(text)}` may load a file or an address")
    return READ


_CODED: dict[str, Callable[[str], Finding]] = {
    "file": judge_file,
    "local-file": judge_local_file,
    "pattern": _pattern,
    "sink": _sink,
    "shown": _shown,
    "revealing-template": _revealing,
    "awk": judge_awk,
    "sed": judge_sed,
    "jq": judge_jq,
    "sql": _sql,
    "mysql": _mysql,
    "sqlite": _sqlite,
    "path": _path,
    "host": _host,
    "capture-filter": _capture_filter,
    "endpoint": _endpoint,
    "endpoints": _endpoints,
    "node": _node,
    "github": _github,
    "github-repository": _repository,
    "sent": _sent,
    "pause": _pause,
    "redis-word": _redis_word,
    "url": judge_address,
    "method": _method,
    "header": judge_header,
    "header-value": judge_header_value,
    "byte-ranges": judge_range,
    "query": judge_data,
    "curl-format": _curl_format,
    "git-format": _git_format,
    "dsn": _dsn,
    "resource": _resource,
    "resource-name": _resource_name,
    "kube-output": _kube_output,
    "aws-value": _aws_value,
}
