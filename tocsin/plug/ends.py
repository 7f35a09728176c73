"""What an exit code means: an answer, a fault, or that a signal ended the program."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.plug.neutral import name_of, program_at

SHELL = "the command"
_ANSWERS: Mapping[str, str] = {
    **dict.fromkeys(("grep", "egrep", "fgrep", "zgrep", "rg", "pgrep", "pidof"), "found nothing"),
    **dict.fromkeys(("diff", "cmp", "zdiff"), "found differences"),
    **dict.fromkeys(("test", "["), "says no"),
}
"""Programs whose exit code 1 is an answer, not a fault."""
_BROKEN_PIPE = frozenset({-signal.SIGPIPE, 128 + signal.SIGPIPE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a pipeline ended: its exit code as a shell tells it, and whether that is a failure."""

    code: int | None
    failed: bool
    note: str = ""


def name_in(argv: Sequence[str]) -> str:
    """The program that decides about the exit code, with git's verb where git's exit code 1 may be an answer."""
    name = name_of(argv[min(program_at(argv), len(argv) - 1)])
    if name == "git" and "grep" in argv:
        return "grep"
    return "diff" if name == "git" and "diff" in argv and {"--exit-code", "--quiet"} & set(argv) else name


def judge(names: Sequence[str], codes: Sequence[int | None]) -> Ended:
    """The last program decides, as in a shell; what failed before it is noted, and makes "found nothing" a failure."""
    if codes == [0]:
        return Ended(code=0, failed=False)
    earlier = [
        f"`{name}` {_say_end(code)}" for name, code in zip(names[:-1], codes[:-1], strict=True)
        if code and code not in _BROKEN_PIPE
    ]  # fmt: skip
    name, code = names[-1], codes[-1]
    shell_code = 128 - code if code is not None and code < 0 else code
    if code == 0:
        return Ended(code=0, failed=False, note=", ".join(earlier))
    if code == 1 and name in _ANSWERS and not earlier:
        return Ended(code=1, failed=False, note=f"{name} {_ANSWERS[name]} (exit 1)")
    own = f"`{name}` {_say_end(code)}" if name != SHELL else f"{name} {_say_end(code)}"
    return Ended(code=shell_code, failed=True, note=", ".join([*earlier, own]))


def _say_end(code: int | None) -> str:
    if code is None:
        return "did not end"
    if code >= 0:
        return f"ended with exit {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"
