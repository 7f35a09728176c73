"""Checks whose exit code tells the opposite of what matters: ``grep ERROR`` fails when all is well, ``curl`` never."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tocsin.core.runbook import Problem, Step
from tocsin.lint.codes import problem
from tocsin.lint.pipelines import brief, chains, words
from tocsin.lint.subject import Check, Subject
from tocsin.safety.shell import Chain

_GREPS = frozenset({"grep", "egrep", "zgrep", "fgrep"})
_TROUBLE = re.compile(
    r"(?<![\w-])(?:errors?|err|fail\w*|exceptions?|fatal|panic\w*|critical|warn(?:ing)?s?|timed? ?-?outs?|timeout"
    r"|refused|denied|oom\w*|out of memory|killed|deadlocks?|unhealthy|crash\w*|traceback|unauthorized|segfault"
    r"|evicted|expired|unavailable|too many \w+|rate.?limit\w*|exceeded|[45]\d\d|5xx|4xx|5\.\.|4\.\.)(?![\w-])",
    re.IGNORECASE,
)
_GREP_VALUES = frozenset(
    {"-A", "-B", "-C", "-m", "-f", "--include", "--exclude", "--after-context", "--before-context"}
)
_SHOWS_STATUS = frozenset({"f", "w", "i", "I", "v", "D"})
_SHOWS_STATUS_LONG = (
    "--fail", "--fail-with-body", "--write-out", "--include", "--head", "--verbose", "--dump-header", "--data",
    "--request", "--form", "--json", "--upload-file",
)  # fmt: skip
_CURL_VALUES = frozenset("AbcCdDeEFHKmoPQrtTuUwxXyYz")
_HEALTHY = re.compile(r"health|ready|readiness|live(?:ness|z)?$|alive|/ping|/status|/up$", re.IGNORECASE)
_ASKED = re.compile(
    r"\b(?:health\w*|alive|reachable|respond\w*|available|availability|is up|(?<![.\w])status)\b", re.IGNORECASE
)
_STATUS_PAGE = re.compile(r"^(?:https?://)?[\w.-]*\bstatus\.|statuspage\.io|/status\.json", re.IGNORECASE)


def grep_for_trouble(subject: Subject) -> Iterator[Problem]:
    """A check that ends with a search for errors: finding none is exit code 1. Each command once."""
    for step in _looking(subject):
        if "endless" in step.traits:
            continue
        for chain, after in _last(step):
            given = words(chain.commands[-1])
            pattern = _pattern(given[1:]) if given[0] in _GREPS and not after else None
            if pattern and _TROUBLE.search(pattern):
                yield problem(
                    "misleading-exit",
                    step.line,
                    f"`grep` exits 1 when it finds nothing, so this check fails when there is no “{pattern}” at all.",
                    "Put `|| true` behind it, or count with `| wc -l` and say which number is expected.",
                )
                break


def _looking(subject: Subject) -> Iterator[Step]:
    """The steps that look at something; of those with the same command only the first, which stands for all."""
    first: dict[str, Step] = {}
    for step in sorted(subject.book.steps(), key=lambda step: step.line):
        looks = step.verdict == "read" or (step.verdict == "unknown" and step.stage in ("diagnosis", "verification"))
        if step.kind == "shell" and looks:
            first.setdefault(step.command or "", step)
    return iter(first.values())


def _last(step: Step) -> Iterator[tuple[Chain, bool]]:
    """Each pipeline, and whether another one catches its failure."""
    found = chains(step)
    for place, chain in enumerate(found):
        yield chain, place + 1 < len(found) and found[place + 1].after == "failure"


def _pattern(given: Sequence[str]) -> str | None:
    """What grep looks for; None where its exit code is asked for on purpose or turned round."""
    rest, found = list(given), ""
    while rest:
        word = rest.pop(0)
        if word == "--":
            continue
        if not word.startswith("-"):
            found = found or word
        elif word in ("-e", "--regexp") and rest:
            found = found or rest.pop(0)
        elif word in _GREP_VALUES and rest:
            rest.pop(0)
        elif word in ("--quiet", "--silent", "--invert-match", "--files-without-match") or (
            not word.startswith("--") and set(word[1:]) & set("qvL")
        ):
            return None
    return found.replace("\\|", "|") or None


def careless_curl(subject: Subject) -> Iterator[Problem]:
    """``curl`` as a health check: an answer of 503 is exit code 0 unless ``--fail`` is given. Each command once."""
    for step in _looking(subject):
        for chain, _ in _last(step):
            given = words(chain.commands[-1])
            if given[0] == "curl" and len(chain.commands) == 1 and _asks_health(step, given[1:]):
                yield problem(
                    "misleading-exit",
                    step.line,
                    f"{brief(step.command or '')} exits 0 whatever the server answers, also on a 503.",
                    "Write `curl -fsS …`, which fails on every status of 400 and above.",
                )
                break


def _asks_health(step: Step, given: Sequence[str]) -> bool:
    if any(_tells(word) for word in given if word.startswith("-")):
        return False
    url = next((word for word in given if re.match(r"https?://|localhost|[\w.-]+\.\w+[:/]", word)), "")
    url = url or next((word for word in given if "/" in word and not word.startswith("-")), "")
    if not url or _STATUS_PAGE.search(url):
        return False
    path = re.sub(r"^(?:https?://)?[^/]*", "", url).partition("?")[0].rstrip("/")
    if re.search(r"/query|/metrics|\.json$", path):
        return False
    said = step.title.rsplit(": ", 1)[-1]
    return bool(_HEALTHY.search(path)) or (said != step.command and bool(_ASKED.search(said)))


def _tells(option: str) -> bool:
    """Whether an option makes curl fail on, or print, the status; or sends something, which is no health check."""
    if option.startswith("--"):
        return option.partition("=")[0] in _SHOWS_STATUS_LONG
    for letter in option[1:]:
        if letter in _SHOWS_STATUS or letter in "XdFT":
            return True
        if letter in _CURL_VALUES:
            return False
    return False


CHECKS: tuple[Check, ...] = (grep_for_trouble, careless_curl)
