"""Programs whose arguments are a little language of their own, so that a list of options can't describe them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tocsin.safety.finding import READ, Finding, change, unknown, worst
from tocsin.safety.lexer import VARIABLE
from tocsin.safety.rules import judge_value, say
from tocsin.safety.specs import words
from tocsin.safety.together import judge_names

# find ----------------------------------------------------------------------------------------------------------------

_FIND_ALONE = words("find-alone")
_FIND_VALUE = words("find-with-value")
_FIND_WRITES = words("find-writes")
_FIND_RUNS = words("find-runs")


def _find(args: Sequence[str]) -> Finding:
    at = 0
    while at < len(args):
        text = args[at]
        if text == "-delete":
            return change("`-delete` deletes the files that are found", "destructive")
        if text in _FIND_WRITES:
            return change(f"`{text}` writes a file", "local-write")
        if text in _FIND_RUNS:
            return _find_runs(text, args[at + 1] if at + 1 < len(args) else "")
        if text in _FIND_VALUE:
            at += 2
            if at > len(args):
                return unknown(f"`{text}` of `find` needs a value")
        elif text in _FIND_ALONE:
            at += 1
        elif text.startswith(("-", VARIABLE, "(", ")", "!")):
            return unknown(f"`{say(text)}` is not a test of `find` that we know")
        else:
            at += 1
    return READ


def _find_runs(text: str, program: str) -> Finding:
    if program in ("rm", "unlink", "shred", "rmdir", "mv", "chmod", "chown", "truncate", "kill"):
        return change(
            f"`{text} {program}` changes every file that is found",
            *(() if program.startswith("ch") else ("destructive",)),
        )
    return unknown(f"`{text}` starts another program with names that are not known yet")


# ps ------------------------------------------------------------------------------------------------------------------

_PS_VALUE = words("ps-with-value")
_PS_LONG = re.compile(r"--(sort|pid|ppid|user|format|cols|columns|width)=[\w,%+:\x00\x01-]+")
_PS_ALONE = words("ps-alone")
_PS_DASHED = re.compile(r"-[AaNdefFjlLMmTwxyHcV]+")
_PS_DASHED_VALUE = re.compile(r"-[AaefFjlLTwHc]*[oOpuCtU]")
_PS_BSD = re.compile(r"[aAfhHjklmrTvwxXLsSu]+[0-9]*|[0-9]+")


def _ps(args: Sequence[str]) -> Finding:
    at = 0
    while at < len(args):
        text = args[at]
        if text in _PS_VALUE or _PS_DASHED_VALUE.fullmatch(text):
            at += 2
            if at > len(args):
                return unknown(f"`{text}` of `ps` needs a value")
        elif text in _PS_ALONE or _PS_LONG.fullmatch(text) or _PS_DASHED.fullmatch(text) or _PS_BSD.fullmatch(text):
            at += 1
        elif re.fullmatch(r"[a-zA-Z]*e[a-zA-Z]*", text):
            return (
                Finding("read", traits=("secret",))
                if _PS_BSD.fullmatch(text.replace("e", "") or "a")
                else _not_ps(text)
            )
        else:
            return _not_ps(text)
    return READ


def _not_ps(text: str) -> Finding:
    return unknown(f"`{say(text)}` is not an argument of `ps` that we know")


# dig -----------------------------------------------------------------------------------------------------------------

_DIG_HOST = re.compile(r"@?(\x00|[A-Za-z0-9_\x01][A-Za-z0-9_.:\x01-]*\.?)|\.")
_DIG_PLUS = re.compile(r"\+([a-z]+)(=[0-9]{1,2})?")
_DIG_SHOWN = words("dig-shown")
_DIG_ALONE = words("dig-alone")
_DIG_VALUE = words("dig-with-value")


def _dig(args: Sequence[str]) -> Finding:
    at = 0
    while at < len(args):
        text = args[at]
        if text in _DIG_VALUE and at + 1 < len(args) and _DIG_HOST.fullmatch(args[at + 1]):
            at += 2
        elif text in _DIG_ALONE or _dig_shows(text) or (_DIG_HOST.fullmatch(text) and not text.startswith(VARIABLE)):
            at += 1
        else:
            return unknown(f"`{say(text)}` is not an argument of `dig` that we know")
    return judge_names(args)


def _dig_shows(text: str) -> bool:
    match = _DIG_PLUS.fullmatch(text)
    return match is not None and match[1].removeprefix("no") in _DIG_SHOWN


# test ----------------------------------------------------------------------------------------------------------------

_UNARY = words("test-unary")
_TEXTUAL = words("test-text")
_NUMERIC = words("test-numbers")
_INTEGER = re.compile(r"-?[0-9]+")


def _test(args: Sequence[str]) -> Finding:
    """``test -f x``, ``test a = b``, ``test 3 -gt 2``; numbers must be digits, for some shells evaluate them."""
    parts = [part for part in args if part != "!"]
    if len(parts) == 2 and parts[0] in _UNARY:
        return READ
    if len(parts) == 3 and parts[1] in _TEXTUAL and not parts[0].startswith(("-", "(")):
        return READ
    if len(parts) == 3 and parts[1] in _NUMERIC and _INTEGER.fullmatch(parts[0]) and _INTEGER.fullmatch(parts[2]):
        return READ
    return unknown("only simple tests (`-f FILE`, `A = B`, `1 -lt 2`) are proved")


def _bracket(args: Sequence[str]) -> Finding:
    return _test(args[:-1]) if args and args[-1] == "]" else unknown("`[` is never closed")


# ip ------------------------------------------------------------------------------------------------------------------

_IP_FLAGS = words("ip-options")
_IP_OBJECTS = words("ip-objects")
_IP_READS = words("ip-reads")
_IP_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:/_-]*")


def _ip(args: Sequence[str]) -> Finding:
    rest = list(args)
    while rest and rest[0] in _IP_FLAGS:
        rest.pop(0)
    if not rest or rest[0] not in _IP_OBJECTS:
        return unknown("only `ip addr`, `ip link`, `ip route`, `ip rule` and `ip neigh` are known")
    what = rest[1:]
    short = what[:1] == ["s"] and rest[0] not in ("l", "link")  # `ip link s` sets
    if not what or ((what[0] in _IP_READS or short) and all(_IP_WORD.fullmatch(word) for word in what[1:])):
        return READ
    if rest[0] in ("r", "route") and what[0] == "get" and len(what) == 2 and _IP_WORD.fullmatch(what[1]):
        return READ
    if what[0] == "s" or what[0] in ("set", "add", "del", "delete", "flush", "replace", "change", "append"):
        return change(f"`ip {rest[0]} {what[0]}` changes the network of the machine")
    return unknown(f"`{say(what[0])}` is not a word of `ip {rest[0]}` that we know")


# sysctl, aws and others ----------------------------------------------------------------------------------------------


def _sysctl(args: Sequence[str]) -> Finding:
    for text in args:
        if "=" in text or text in ("-w", "--write", "-p", "--load", "--system"):
            return change(f"`{say(text)}` sets a switch of the kernel")
        if not re.fullmatch(r"-[anNeb]+|--all|--values|[a-z][\w.]*", text):
            return unknown(f"`{say(text)}` is not an argument of `sysctl` that we know")
        if re.match(r"vm\.stat_refresh|fs\.binfmt_misc", text):
            return unknown(f"`{text}` acts on being read")
    return READ


_AWS_NAME = re.compile(r"--[a-z][a-z0-9-]*")
_AWS_REFUSED = (
    "--endpoint",
    "--cli",
    "--generate",
    "--no-verify",
    "--ca-b",
    "--no-sign",
    "--debug",
    "--outfile",
    "--with-dec",
    "--follow",
)


def _aws(args: Sequence[str]) -> Finding:
    """The parameters of an API call that only reads. The program completes abbreviations, so refusals are prefixes."""
    findings: list[Finding] = []
    for text in args:
        name, _, value = text.partition("=") if text.startswith("--") else ("", "", text)
        if name:
            if not _AWS_NAME.fullmatch(name) or any(
                name.startswith(bad) or bad.startswith(name) for bad in _AWS_REFUSED
            ):
                return unknown(f"`{say(name)}` is not an option of this call that we know")
        elif text.startswith("-"):
            return unknown(f"`{say(text)}` is not an option of this call that we know")
        elif text == "help":
            return unknown("`help` starts a pager")
        findings.append(judge_value("aws-value", value))
    return worst(findings)


def _intervals(args: Sequence[str]) -> Finding:
    """``vmstat``, ``vmstat 1 5``; with an interval and no count it never ends."""
    numbers = [text for text in args if re.fullmatch(r"[0-9]+", text)]
    odd = [text for text in args if not re.fullmatch(r"[0-9]+|ALL|-[A-DF-Za-dg-np-z]+", text)]
    if odd or len(numbers) > 2:
        return unknown(f"`{say((odd or numbers)[-1])}` is not an argument that we know")
    if len(numbers) == 2 and int(numbers[1]) > _MOST_TURNS:
        return unknown(f"`{numbers[1]}` turns take too long")
    return Finding("read", traits=("endless",)) if len(numbers) == 1 else READ


_SAR_ALONE = re.compile(r"-[AbBdFHhpqrRStuvVwWyz]+|--(human|pretty|dec=[0-2])|-[0-9]{1,2}|ALL")
_SAR_VALUE: dict[str, re.Pattern[str]] = {
    "-n": re.compile(r"[A-Z0-9]+(,[A-Z0-9]+)*"),
    "-P": re.compile(r"ALL|[0-9]+([,-][0-9]+)*"),
    "-m": re.compile(r"[A-Z]+(,[A-Z]+)*"),
    "-I": re.compile(r"SUM|ALL|XALL|[0-9]+(,[0-9]+)*"),
    "-s": re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?"),
    "-e": re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?"),
    "-i": re.compile(r"[0-9]{1,5}"),
}


def _sar(args: Sequence[str]) -> Finding:
    """``sar -u 1 3``, ``sar -q -f /var/log/sa/sa05 -s 02:00:00``: what was recorded, or a few turns of now."""
    numbers: list[str] = []
    findings = [READ]
    recorded, at = False, 0
    while at < len(args):
        text, value = args[at], args[at + 1] if at + 1 < len(args) else ""
        at += 1
        if text.startswith("-o"):
            return change("`-o` writes a file", "local-write")
        if text == "-f" and value and not value.startswith("-"):
            findings.append(judge_value("file", value))
        elif not (text in _SAR_VALUE and _SAR_VALUE[text].fullmatch(value)):
            if re.fullmatch(r"[0-9]+", text):
                numbers.append(text)
            elif not _SAR_ALONE.fullmatch(text):
                return unknown(f"`{say(text)}` is not an argument of `sar` that we know")
            recorded = recorded or bool(re.fullmatch(r"-[0-9]+", text))
            continue
        recorded = recorded or text in ("-f", "-s", "-e")
        at += 1
    return worst([*findings, READ if recorded and not numbers else _intervals(numbers)])


_MOST_TURNS = 1000
_MOST_NUMBERS = 100_000


def _seq(args: Sequence[str]) -> Finding:
    """``seq 5``, ``seq 1 2 9``: whole numbers, upwards, and not too many."""
    if 1 <= len(args) <= 3 and all(re.fullmatch(r"-?[0-9]{1,9}", text) for text in args):
        first, step = (int(args[0]) if len(args) > 1 else 1), (int(args[1]) if len(args) == 3 else 1)
        if step and abs(int(args[-1]) - first) // abs(step) <= _MOST_NUMBERS:
            return READ
    return unknown("only `seq` with a few whole numbers is proved")


def _tar(args: Sequence[str]) -> Finding:
    """``tar tzf FILE``: lists; everything else of tar packs, unpacks or starts programs."""
    if any(VARIABLE in word for word in args):
        return unknown(
            "a variable may name an archive of another machine (`HOST:FILE`), which `tar` starts a shell for"
        )
    if len(args) >= 2 and re.fullmatch(r"-?t[zjJav]*f", args[0]) and not any(word.startswith("-") for word in args[1:]):
        found = judge_value("file", args[1])
        if found.word == "read" and ":" not in args[1]:
            return found
    if args and re.match(r"-?[a-zA-Z]*[xcru]|--(extract|create|append|update|delete|get)", args[0]):
        return change("`tar` packs or unpacks files", "local-write")
    return unknown("only `tar tzf FILE` is proved")


def _kill(args: Sequence[str]) -> Finding:
    """``kill -0 1234`` asks whether a process runs; every other signal does something."""
    if args[:1] == ["-l"] and len(args) == 1:
        return READ
    if args[:1] == ["-0"] and len(args) > 1 and all(re.fullmatch(r"[1-9][0-9]{0,9}|\x00", each) for each in args[1:]):
        return READ
    return change("`kill` sends a signal to processes")


def _service(args: Sequence[str]) -> Finding:
    if args[1:2] and args[1] in ("start", "stop", "restart", "reload", "force-reload"):
        return change(f"`{args[1]}` changes the service")
    return unknown("`service` runs a script of the machine; write `systemctl status NAME`")


def _python(args: Sequence[str]) -> Finding:
    if list(args) in (["--version"], ["-V"]):
        return READ
    if list(args[:2]) == ["-m", "json.tool"]:
        return unknown("`python -m` loads modules of the folder that it is started in; write `jq .`")
    return unknown("`python` runs a program")


WHOLE: dict[str, Callable[[Sequence[str]], Finding]] = {
    "find": _find,
    "ps": _ps,
    "dig": _dig,
    "test": _test,
    "bracket": _bracket,
    "ip": _ip,
    "sysctl": _sysctl,
    "aws": _aws,
    "intervals": _intervals,
    "sar": _sar,
    "kill": _kill,
    "service": _service,
    "seq": _seq,
    "tar": _tar,
    "python": _python,
}
