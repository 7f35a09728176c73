"""Commands that print secrets, switch a protection off, or may act on another target than the one meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.core.runbook import Level, Problem, Step
from tocsin.lint.codes import problem
from tocsin.lint.pipelines import brief, command_of, fence_at
from tocsin.lint.subject import Check, Subject

_NAMED = (
    r"KEY|SECRET|TOKEN|PASS|CRED|AUTH|JWT|DSN|URL|URI|CONN|DATABASE|POSTGRES|MYSQL|MONGO|REDIS|AWS|STRIPE|SUPABASE|SMTP"
    r"|DB_?|API"
)
_REVEALING = r"SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|PRIVATE_?KEY|CREDENTIALS?|DATABASE_URL"
_CREDENTIALS = r"Authorization:|\s-u\s|--user\s|[?&](?:token|key|secret)=|apikey:"
_SETTINGS_FILE = r"(?:\S*/)?\.env(?:\.(?!example|sample|template)\w+)*(?=\s|$|[|;&])"
_SECRETS = (
    (rf"\b(?:cat|less|more|head|tail|bat)\s+(?:-\S+\s+)*{_SETTINGS_FILE}", "the settings file with its secrets"),
    (rf"\bgrep\s+(?:-\S+\s+)*\S+\s+{_SETTINGS_FILE}", "lines of the settings file with their secrets"),
    (r"(?:^|[;&|]\s*|--\s+)(?:printenv|env)\s*(?=$|[|;&])", "the environment with its secrets"),
    (rf"(?:^|[;&|]\s*|--\s+)printenv\s+\w*(?:{_NAMED})\w*\s*$", "a secret of the environment"),
    (
        r"\bkubectl\b[^|;&]*\bget\s+secrets?\s[^|;&]*(?:-o|--output)[= ]?\s*['\"]?(?:yaml|json|jsonpath|go-template)",
        "the secret",
    ),
    (
        rf"\becho\s+(?:-\w+\s+)?[\"']?(?:[\w -]*[:=]\s*)?\$\{{?\w*(?:{_REVEALING})\w*\}}?[\"']?\s*(?=$|[|;&])",
        "the secret",
    ),
    (r"\baws\b.*\bsecretsmanager\s+get-secret-value\b", "the secret"),
    (r"\baws\b.*\bssm\s+get-parameters?\b.*--with-decryption", "the secret"),
    (r"\bgcloud\s+secrets\s+versions\s+access\b", "the secret"),
    (r"\baz\s+keyvault\s+secret\s+show\b|\bvault\s+kv\s+get\b", "the secret"),
    (r"\bdocker\s+inspect\b.*\.Config\.Env", "the container's environment with its secrets"),
    (r"\bconvex\s+env\s+(?:list|get)\b|\bheroku\s+config(?![:\w])", "the settings with their secrets"),
    (r"(?i:\bconfig\s+get\s+requirepass\b)", "the password"),
)
_PRINTS = tuple((re.compile(pattern), what) for pattern, what in _SECRETS)
_HIDES = re.compile(
    r"\bgrep\s+(?:-\w+\s+)*(?:-[a-zA-Z]*[cq][a-zA-Z]*|--count|--quiet)\s"
    r"|\|\s*(?:wc\b|cut\s+-d\s*['\"]?=['\"]?\s+-f\s*1\b|sha\d*sum|shasum|md5sum|openssl\s+(?:x509|dgst)"
    r"|awk\s+-F\s*['\"]?=|sed\s+['\"]?s/=|jq\s+['\"]?(?:\.data\s*\|\s*)?keys)|>\s*/dev/null|tls\\*\.crt|\.metadata\."
)
_PICKED = re.compile(r"\bgrep\s+(?:-\S+\s+)*[\"']?([^\"'|;&\s]+)")
_COLUMNS = re.compile(r"\bselect\b(?P<columns>.*?)\bfrom\b", re.IGNORECASE | re.DOTALL)
_SECRET_COLUMN = re.compile(
    r"(?<![\w'])(?:\w*(?:password|passwd|secret|api_?key|private_key)\w*?(?:_hash)?|(?:access_|refresh_|auth_|session_|reset_)?token)"
    r"(?![\w'])(?<!_at)(?<!_id)(?<!_name)(?<!_count)",
    re.IGNORECASE,
)
_ASKED_ABOUT = re.compile(
    r"(?:count|length|char_length|octet_length|left|substring|md5)\s*\([^()]*\)|\w+\s+is\s+(?:not\s+)?null",
    re.IGNORECASE,
)
_DOORS = (
    (
        r"--no-verify-jwt\b",
        "`--no-verify-jwt` publishes the functions without any check of who calls them",
        "Leave the option out; a function that must be public gets it by name, in its own configuration.",
    ),
    (
        r"\bchmod\s+(?:-\w+\s+)*(?:0?777|a[+=]rwx|o[+=]rwx|ugo[+=]rwx)\b",
        "`chmod 777` lets every user of the machine change these files",
        "Give the owner and the group that need them: `chown`, then `chmod 750`.",
    ),
    (
        rf"\bcurl\b(?=[^|;]*\s(?:-[a-zA-Z]*k[a-zA-Z]*|--insecure)(?:\s|$))(?=[^|;]*(?:{_CREDENTIALS}))(?![^|;]*//(?:localhost|127\.))",
        "`curl -k` sends the credentials to whoever answers, without looking at the certificate",
        "Leave `-k` out; name the authority with `--cacert` where it is your own.",
    ),
    (
        r"\bNODE_TLS_REJECT_UNAUTHORIZED=['\"]?0\b",
        "`NODE_TLS_REJECT_UNAUTHORIZED=0` accepts every certificate",
        "Name the authority in `NODE_EXTRA_CA_CERTS` instead.",
    ),
    (
        r"http\.sslVerify[= ]+['\"]?false\b|\bGIT_SSL_NO_VERIFY=",
        "this makes git accept every certificate",
        "Name the authority with `http.sslCAInfo` instead.",
    ),
    (
        r"--insecure-skip-tls-verify\b(?!=false)",
        "this accepts every certificate of the cluster",
        "Give the cluster's certificate with `--certificate-authority`.",
    ),
    (
        r"\bsetenforce\s+(?:0|permissive)\b",
        "`setenforce 0` switches SELinux off for the whole machine",
        "Write the rule that is missing (`ausearch`, `audit2allow`).",
    ),
    (
        r"\bufw\s+disable\b|\bsystemctl\s+(?:stop|disable)\s+(?:--now\s+)?firewalld\b",
        "this switches the firewall off",
        "Open the one port that is needed, and say when it is closed again.",
    ),
    (
        r"\bdisable\s+row\s+level\s+security\b",
        "this lets every client of the database read and write all rows of the table",
        "Mend the policy instead, or say what keeps the clients out meanwhile.",
    ),
    (
        r"--allow-unauthenticated\b",
        "`--allow-unauthenticated` lets everybody call the service",
        "Leave the option out and grant the callers the invoker role.",
    ),
    (
        r"\bprotected-mode\s+no\b",
        "`protected-mode no` lets everybody on the network use the database",
        "Bind an address and set a password instead.",
    ),
    (
        r"--acl[= ]public-read",
        "this lets everybody read what is stored",
        "Give a signed address to whoever needs it.",
    ),
)
_OPENS = tuple((re.compile(pattern, re.IGNORECASE), what, hint) for pattern, what, hint in _DOORS)


def shows_secret(subject: Subject) -> Iterator[Problem]:
    """A command whose output holds a secret."""
    for step in subject.book.steps():
        told = _reveals(step)
        if told:
            yield problem(
                "shows-secret",
                step.line,
                f"{brief(step.command or '')} prints {told}, into the scrollback and into whatever keeps the output.",
                'Ask whether it is set, not what it is: `[ -n "$NAME" ]`, or the names only: `cut -d= -f1`.',
            )


def _reveals(step: Step) -> str | None:
    command = command_of(step)
    if step.kind == "sql" or (step.kind == "shell" and re.search(r"\bpsql\b", command)):
        columns = _COLUMNS.search(command)
        asked = _ASKED_ABOUT.sub("", columns.group("columns")) if columns else ""
        return "a column of secrets" if _SECRET_COLUMN.search(asked) else None
    if step.kind != "shell" or _HIDES.search(command):
        return None
    for pattern, what in _PRINTS:
        found = pattern.search(command)
        if found is None or command[: found.start()].count("$(") > command[: found.start()].count(")"):
            continue
        picked = _PICKED.search(command) if "environment" in what or "settings file" in what else None
        if picked is None or re.search(_NAMED, picked.group(1), re.IGNORECASE):
            return what
    return None


def opens_door(subject: Subject) -> Iterator[Problem]:
    """A command that switches a protection off; where it is the look at a certificate, that is a warning."""
    for step in subject.book.steps():
        command = command_of(step)
        for pattern, what, hint in _OPENS if command else ():
            if pattern.search(command):
                level: Level | None = "warning" if "certificate" in what else None
                yield problem("opens-door", step.line, f"{what[0].upper()}{what[1:]}.", hint, level=level)
                break


def wrong_target(subject: Subject) -> Iterator[Problem]:
    """A command that acts on a default target which need not be the one that burns; one finding for each fence."""
    seen: set[int] = set()
    for step in subject.book.steps():
        if "wrong-target" not in step.traits or not step.command:
            continue
        fence = fence_at(subject, step.line)
        place = fence.line if fence else -step.line
        if place in seen:
            continue
        seen.add(place)
        yield problem(
            "wrong-target",
            step.line,
            f"{brief(step.command)} names no target{_why(step)}: it may look at or change another place than the one "
            "that burns.",
            "Name the target in the command, for example with `--prod`, so that it can be checked before it runs.",
        )


def _why(step: Step) -> str:
    told = re.search(r"on the \w+ (?:deployment|one)|of the development one", step.why)
    return " and acts on the development deployment" if told else ""


CHECKS: tuple[Check, ...] = (shows_secret, opens_door, wrong_target)
