"""The verdict on a command: ``read`` is proved from its text alone; what is not proved is ``change`` or ``unknown``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tocsin.core.run import Pipeline, Process, Verdict
from tocsin.safety.argv import judge_argv
from tocsin.safety.finding import Finding, change, unknown, worst
from tocsin.safety.lexer import GAP, hidden, text_of
from tocsin.safety.rules import judge_value, say
from tocsin.safety.shell import Chain, Script, parse
from tocsin.safety.shield import cover
from tocsin.safety.specs import library, words

_UNPROVEN = "It is not proved to only read, because "
_CHANGES = "It changes something: "


def classify(kind: str, command: str, *, placeholders: Sequence[str] = ()) -> Verdict:
    """The verdict on one step's command. Never raises: what can't be judged is ``unknown``, with the reason.

    Only a ``read`` of kind ``shell`` whose placeholders are all filled has a ``plan``: argument lists to start without
    a shell, in `pinned_environment`.
    """
    try:
        return _classify(kind, command, placeholders)
    except Exception as error:  # noqa: BLE001 - a fault of ours must never run a command nor stop a runbook from being read
        return Verdict(word="unknown", why=f"{_UNPROVEN}the check itself failed ({type(error).__name__}).")


def pinned_environment() -> Mapping[str, str]:
    """The variables under which the proof holds; whoever starts a plan sets them over a clean environment."""
    return library().environment


def _classify(kind: str, command: str, placeholders: Sequence[str]) -> Verdict:
    if kind == "set":
        return Verdict(word="change", why=f"{_CHANGES}a setting gets another value.")
    if kind not in ("shell", "sql"):
        return Verdict(
            word="unknown", why=f"{_UNPROVEN}a step of kind `{say(str(kind))}` has no command that we can read."
        )
    obstacle = hidden(command)
    if obstacle:
        return Verdict(word="unknown", why=f"{_UNPROVEN}{obstacle}.")
    covered, doubt = cover(command, placeholders)
    gap = ("unbound",) if GAP in covered else ()
    if kind == "sql":
        finding, plan = _sql(covered), None
    else:
        finding, plan = _shell(covered)
        if doubt and finding.word == "read":
            finding = Finding("unknown", doubt, finding.traits)
    traits = tuple(dict.fromkeys((*finding.traits, *gap)))
    return Verdict(
        word=finding.word,
        traits=traits,
        why=_sentence(finding),
        plan=plan if finding.word == "read" and not gap else None,
    )


def _sentence(finding: Finding) -> str:
    start = {"read": "Every word is known: ", "change": _CHANGES, "unknown": _UNPROVEN}[finding.word]
    return f"{start}{finding.why.replace(GAP, '<…>')}."


def _sql(text: str) -> Finding:
    if text.lstrip().startswith("\\"):
        return unknown("a backslash command belongs to psql, not to SQL")
    return judge_value("sql", text)


def _shell(text: str, *, watched: bool = False) -> tuple[Finding, tuple[Pipeline, ...] | None]:
    script = parse(text)
    if script.trouble or script.writes:
        return _troubled(script), None
    if not script.chains:
        return unknown("there is no command here"), None
    repeated = None if watched else _watched(script)
    if repeated is not None:
        return repeated
    findings: list[Finding] = []
    plan: list[Pipeline] = []
    for chain in script.chains:
        found = [judge_argv(each.words) for each in chain.commands]
        findings += found
        plan.append(_pipeline(chain, found))
    finding = worst(findings)
    if finding.word != "read":
        return finding, None
    return Finding("read", "; ".join(dict.fromkeys(each.why for each in findings)), finding.traits), tuple(plan)


def _pipeline(chain: Chain, found: Sequence[Finding]) -> Pipeline:
    processes = tuple(
        Process(argv=finding.argv, stdout=each.stdout, stderr=each.stderr)
        for each, finding in zip(chain.commands, found, strict=True)
    )
    return Pipeline(processes=processes, after=chain.after)


def _troubled(script: Script) -> Finding:
    """A text that is not wholly understood, or that writes a file: unknown, or a change where a known part is one."""
    findings = [judge_argv(each.words) for chain in script.chains for each in chain.commands]
    finding = worst([*findings, unknown(script.trouble)] if script.trouble else findings)
    if script.writes and finding.word != "change":
        return change(f"`>` writes the file `{say(script.writes[0])}`", "local-write", *finding.traits)
    if script.writes:
        return Finding("change", finding.why, (*finding.traits, "local-write"))
    if finding.word == "unknown":
        return Finding("unknown", script.trouble, finding.traits)
    return finding


# watch ---------------------------------------------------------------------------------------------------------------

_WATCH_ALONE = words("watch-alone")


def _watched(script: Script) -> tuple[Finding, tuple[Pipeline, ...] | None] | None:
    """``watch CMD``: the command is shell text once more. It is run once, for nobody looks at a screen here."""
    given = script.chains[0].commands[0].words
    if text_of(given[0]) != "watch" or len(script.chains) > 1 or len(script.chains[0].commands) > 1:
        return None
    texts = [text_of(word) for word in given[1:]]
    while texts and texts[0].startswith("-"):
        option = texts.pop(0)
        if option in ("-n", "--interval") and texts and judge_value("number", texts[0]).word == "read":
            texts.pop(0)
        elif option not in _WATCH_ALONE and not option.startswith(("-n", "--interval=")):
            return unknown(f"`{say(option)}` is not an option of `watch` that we know", "endless"), None
    if not texts or any(not isinstance(part, str) for word in given for part in word):
        return unknown("`watch` gives a text to a shell that is not known here", "endless"), None
    finding, plan = _shell(" ".join(texts), watched=True)
    why = f"`watch` repeats a command, here it is run once: {finding.why}" if finding.word == "read" else finding.why
    return Finding(finding.word, why, tuple(dict.fromkeys((*finding.traits, "endless")))), plan
