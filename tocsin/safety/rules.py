"""What a value of an option or an operand must look like. Simple rules are regular expressions in ``specs/rules.toml``;
the rules here look closer, because a wrong value of theirs would write, send or run something."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from tocsin.safety.finding import READ, Finding, change, unknown
from tocsin.safety.lexer import GAP, VARIABLE
from tocsin.safety.specs import library, words

_SAMPLES = ("1", "x")


def judge_value(rule: str, text: str) -> Finding:
    """Whether this value is one that the rule allows; ``a|b`` is a list of the only values allowed."""
    if "|" in rule:
        return READ if text in rule.split("|") or text == GAP else unknown(f"`{say(text)}` is not one of {rule}")
    special = _CODED.get(rule)
    if special is not None:
        return special(text)
    pattern, what = library().rules[rule]
    if any(pattern.fullmatch(_fill(text, sample)) for sample in _SAMPLES):
        return READ
    return unknown(f"`{say(text)}` is not {what}")


def say(text: str) -> str:
    """A value as it is quoted in a sentence: short, and on one line."""
    plain = " ".join(text.replace(VARIABLE, "$…").replace(GAP, "<…>").split())
    return plain if len(plain) <= 60 else f"{plain[:57]}…"


def _fill(text: str, sample: str) -> str:
    return text.replace(VARIABLE, sample).replace(GAP, sample)


# Files ---------------------------------------------------------------------------------------------------------------

_SECRET_FILE = re.compile(
    r"(^|/)\.env($|[./_-])|\.env$|(^|[/._-])(secrets?|credentials?|passwords?|passwd|tokens?|private)($|[/._-])"
    r"|(^|/)(shadow|gshadow|sudoers|\.?netrc|\.pgpass|\.npmrc|\.pypirc|\.git-credentials|\.my\.cnf|kubeconfig|id_[a-z0-9]+)$"
    r"|(^|/)\.(ssh|aws|kube|gnupg|docker)/|\.(pem|key|p12|pfx|jks|kdbx|asc)$|/environ$|(^|/)\.\w+_history$",
    re.IGNORECASE,
)
_PROC = re.compile(
    r"/proc/(cpuinfo|diskstats|interrupts|loadavg|meminfo|mounts|slabinfo|stat|swaps|uptime|version|vmstat|net/\w+|sys/[\w/.-]+"
    r"|pressure/\w+|(\d+|x|self)/(cgroup|cmdline|environ|io|limits|maps|mountinfo|net/\w+|sched|smaps|stat|statm|status))"
)


def _file(text: str) -> Finding:
    path = re.sub(r"/(\./|/)*", "/", text)
    parts = path.split("/")
    if path in ("-", "/dev/null", "/dev/stdin"):
        return READ
    climbing = ".." in parts
    special = {"dev", "sys", "proc"} & set(parts if climbing else parts[1:2] if path.startswith("/") else ())
    if special and not (_PROC.fullmatch(_fill(path, "x")) and not climbing):
        return unknown(f"`{say(text)}` belongs to a device or the kernel; reading it may act")
    return Finding("read", traits=("secret",)) if _SECRET_FILE.search(path) else READ


def _pattern(text: str) -> Finding:
    """What grep looks for; where ``-e`` gives that already, the same place names a file."""
    found = _file(text)
    return found if found.word != "read" else READ


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


# Programs in other languages -----------------------------------------------------------------------------------------

_AWK = re.compile(r"\s*(NR\s*(==|!=|<|<=|>|>=)\s*\d+\s*)?\{\s*print(\s+(\$(\d+|NF)|\"[\w :=,%./-]*\"|,|\s)*)?\}\s*")
_SED = re.compile(r"(\d+|\$)(,(\d+|\$))?p")
_SECRET_JQ = re.compile(r"\$ENV|\benv\b|\$__prog_args")


def _awk(text: str) -> Finding:
    if _AWK.fullmatch(text):
        return READ
    return unknown(
        f"awk programs can start commands and write files; only `{{print $1, $2}}` is proved, not `{say(text)}`"
    )


def _sed(text: str) -> Finding:
    if _SED.fullmatch(text):
        return READ
    return unknown(f"sed scripts can write files and start commands; only `-n '5,10p'` is proved, not `{say(text)}`")


def _jq(text: str) -> Finding:
    if VARIABLE in text or GAP in text:
        return unknown("a variable stands inside a jq program")
    if re.search(r"\b(import|include|input_filename|input_line_number|get_search_list)\b", text):
        return unknown("this jq program reads other programs")
    return Finding("read", traits=("secret",)) if _SECRET_JQ.search(text) else READ


def _sql(text: str) -> Finding:
    if text.lstrip().startswith("\\"):
        return (
            READ if _META.fullmatch(text) else unknown("a backslash command of psql may write files and start programs")
        )
    # sqlglot costs a tenth of a second to import, so only a command that holds SQL pays for it.
    from tocsin.safety.sql import judge_sql

    if VARIABLE not in text:
        return judge_sql(text.replace(GAP, "x1"))
    inside = judge_sql(text.replace(VARIABLE, "x1").replace(GAP, "x1"))
    return inside if inside.word == "change" else unknown("a variable stands inside the SQL, and it may hold any SQL")


_META = re.compile(r"[ \t]*\\(l|conninfo|d[adDfgilmnopstuTvwxy]?)[S+]{0,2}([ \t]+[\w.*]+)?[ \t]*")


# Addresses -----------------------------------------------------------------------------------------------------------

_URL = re.compile(r"https?://[^\s{}\[\]\\]+", re.IGNORECASE)
_LITERAL_HOST = re.compile(r"https?://(\[[0-9a-fA-F:]+\])(:\d+)?(/[^\s{}\[\]\\]*)?")
_BARE_HOST = re.compile(
    r"(?!(?:ftp|dict|ldap|imap|smtp|pop3|gopher|file|telnet|tftp|rtsp|mqtt|smb)\b)[a-z0-9][a-z0-9.-]*(:[\dx]+)?(/[^\s{}\[\]\\]*)?",
    re.IGNORECASE,
)
_ACTIONS = words("url-actions")
_STEERING = words("url-steering-keys")
_PINGED = re.compile(
    r"hc-ping|cronitor|healthchecks\.io|deadmanssnitch|nosnch|hooks\.|betteruptime|/functions/v\d+/\w", re.IGNORECASE
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def _url(text: str) -> Finding:
    if text.startswith(VARIABLE):
        return unknown("a variable stands where the address begins, so it may name a file or any protocol")
    if re.match(r"file:", text, re.IGNORECASE):
        return unknown(f"`{say(text)}` reads a file of this machine")
    filled = text.replace(VARIABLE, "x").replace(GAP, "x")
    if not (_URL.fullmatch(filled) or _LITERAL_HOST.fullmatch(filled) or _BARE_HOST.fullmatch(filled)):
        return unknown(f"`{say(text)}` is not a plain http or https address")
    acting = _acts(filled)
    if acting:
        return unknown(f"the address names an action (`{acting}`), and a server may act on a mere GET")
    revealing = re.search(
        r"//[^/@]*:[^/@]*@|meta-data|secret|token|password|credential|api[_-]?key", text, re.IGNORECASE
    )
    return Finding("read", traits=("secret",)) if revealing else READ


def _acts(url: str) -> str:
    """The word of an address that names an action: in its path, as a key that steers, or as the value of a key."""
    pinged = _PINGED.search(url)
    if pinged:
        return pinged.group()
    path, _, query = unquote(url.partition("://")[2] or url).partition("/")[2].partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    words = [word for word in _WORDS.findall(path) if word.lower() in _ACTIONS]
    words += [key for key, _, _ in pairs if key.lower().strip("_") in _ACTIONS | _STEERING]
    words += [value for _, _, value in pairs if value.lower() in _ACTIONS]
    return next(iter(words), "build" if path.rstrip("/").endswith("/build") else "")


def _method(text: str) -> Finding:
    if text in ("GET", "HEAD", "OPTIONS"):
        return READ
    if text.upper() in ("POST", "PUT", "PATCH", "DELETE"):
        return change(
            f"`{text}` asks the server to change something", *(("destructive",) if text.upper() == "DELETE" else ())
        )
    return unknown(f"`{say(text)}` is not a method that only reads")


_HEADERS = words("http-headers")


def _header(text: str) -> Finding:
    name = text.partition(":")[0].strip().lower()
    if name in _HEADERS and "\n" not in text:
        return READ
    return unknown(f"the header `{say(text)}` is not one that we know; some headers change what a request does")


def _query(text: str) -> Finding:
    """Data that `curl -G` puts into the address; ``@file`` and ``name@file`` would send a file."""
    name, equals, _ = text.partition("=")
    if not equals or not re.fullmatch(r"[\w.\[\]-]*", name) or name.lower() in _ACTIONS:
        return unknown(f"`{say(text)}` is not a plain `name=value`")
    return READ


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


def _git_format(text: str) -> Finding:
    if "%G" in text:
        return unknown("`%G` in the format starts the program that checks signatures")
    if VARIABLE in text or GAP in text:
        return unknown("a variable stands inside the format")
    return READ


# Databases and clusters ----------------------------------------------------------------------------------------------

_DSN = re.compile(
    r"postgres(ql)?://[^\s?\\]*(\?(sslmode|connect_timeout|application_name|target_session_attrs)=[\w.-]+"
    r"(&(sslmode|connect_timeout|application_name|target_session_attrs)=[\w.-]+)*)?"
)
_DATABASE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SECRET_RESOURCE = re.compile(r"secret|credential|vault|token|password", re.IGNORECASE)
_RESOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.,:/-]*")


def _dsn(text: str) -> Finding:
    filled = _fill(text, "x")
    if text in (VARIABLE, GAP) or _DATABASE.fullmatch(filled):
        return READ
    if _DSN.fullmatch(filled):
        return Finding("read", traits=("secret",)) if re.search(r"://[^/@\0\1]*:[^/@\0\1]+@", text) else READ
    return unknown(f"`{say(text)}` is not a database name or a plain postgres:// address")


def _resource(text: str) -> Finding:
    if _SECRET_RESOURCE.search(text):
        return unknown(f"`{say(text)}` shows secrets", "secret")
    if VARIABLE in text.partition("/")[0]:
        return unknown("a variable stands for the kind of resource, and it may be a secret")
    if not _RESOURCE.fullmatch(_fill(text, "x")):
        return unknown(f"`{say(text)}` is not the name of a resource")
    return READ


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
    "file": _file,
    "pattern": _pattern,
    "sink": _sink,
    "shown": _shown,
    "revealing-template": _revealing,
    "awk": _awk,
    "sed": _sed,
    "jq": _jq,
    "sql": _sql,
    "url": _url,
    "method": _method,
    "header": _header,
    "query": _query,
    "curl-format": _curl_format,
    "git-format": _git_format,
    "dsn": _dsn,
    "resource": _resource,
    "kube-output": _kube_output,
    "aws-value": _aws_value,
}
