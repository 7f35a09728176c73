"""The verdict on a command: ``read`` is proved from its text alone; what is not proved is ``change`` or ``unknown``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tocsin.core.run import Pipeline, Process, Verdict, Word
from tocsin.safety.argv import judge_argv
from tocsin.safety.finding import Finding, Part, change, unknown, worst
from tocsin.safety.lexer import GAP, hidden, text_of
from tocsin.safety.parts import judge_with_parts
from tocsin.safety.proof import Proved, prove_sql
from tocsin.safety.request import judge_request
from tocsin.safety.rules import judge_value, say
from tocsin.safety.second import disagreement
from tocsin.safety.shell import Chain, Command, Script, parse
from tocsin.safety.shield import Covered, cover
from tocsin.safety.specs import library, words
from tocsin.safety.team import NOBODY, Team

Plan = tuple[Pipeline, ...] | None
_EMPTY_LINES = ((("echo",),), (("echo",), ("",)), (("echo",), ("Q",)), (("true",),))
_UNPROVEN = "It is not proved to only read, because "
_CHANGES = "It changes something: "


def classify(kind: str, command: str, *, placeholders: Sequence[str] = (), team: Team = NOBODY) -> Verdict:
    """The verdict on one step's command. Never raises: what can't be judged is ``unknown``, with the reason.

    Only a ``read`` of kind ``shell`` whose placeholders are all filled has a ``plan``: argument lists to start without
    a shell, in `pinned_environment`, after its ``pins`` were checked. ``team`` is its word on its own commands.
    """
    try:
        return _classify(kind, command, placeholders, team)
    except Exception as error:  # noqa: BLE001 - a fault of ours must never run a command nor stop a runbook from being read
        return Verdict(word="unknown", why=f"{_UNPROVEN}the check itself failed ({type(error).__name__}).")


def pinned_environment() -> Mapping[str, str]:
    """The variables under which the proof holds; whoever starts a plan sets them over a clean environment."""
    return library().environment


def _classify(kind: str, command: str, placeholders: Sequence[str], team: Team) -> Verdict:
    if kind == "set":
        return Verdict(word="change", why=f"{_CHANGES}a setting gets another value.")
    if kind not in ("shell", "sql", "http"):
        return Verdict(
            word="unknown", why=f"{_UNPROVEN}a step of kind `{say(str(kind))}` has no command that we can read."
        )
    obstacle = hidden(command)
    if obstacle:
        return Verdict(word="unknown", why=f"{_UNPROVEN}{obstacle}.")
    covered = cover(command, placeholders)
    if kind == "http":
        return _request(covered, command)
    proved = Proved(command, covered)
    finding, plan = (_sql(covered.text), None) if kind == "sql" else _whole(covered, team, proved)
    gap = ("unbound",) if GAP in covered.text else ()
    proof = prove_sql(proved, finding) if kind == "sql" else proved.all()
    return Verdict(
        word=finding.word,
        traits=tuple(dict.fromkeys((*finding.traits, *gap))),
        why=_sentence(finding),
        plan=plan if finding.word == "read" and not gap else None,
        proof=proof,
        pins=finding.pins if finding.word == "read" else (),
    )


def _whole(covered: Covered, team: Team, proved: Proved) -> tuple[Finding, Plan]:
    """The finding about a text of the shell, after a second reader has agreed with what we read."""
    finding, plan = _shell(covered.text, team, proved)
    if finding.word != "read":
        return finding, plan
    doubt = covered.doubt or disagreement(covered.text, parse(covered.text))
    if doubt:
        proved.spoil(doubt)
        return Finding("unknown", doubt, finding.traits), None
    return finding, plan


def _request(covered: Covered, command: str) -> Verdict:
    finding, proof = judge_request(covered, command)
    gap = ("unbound",) if GAP in covered.text else ()
    return Verdict(word=finding.word, traits=(*finding.traits, *gap), why=_sentence(finding), proof=proof)


def _sentence(finding: Finding) -> str:
    start = {"read": "Every word is known: ", "change": _CHANGES, "unknown": _UNPROVEN}[finding.word]
    return f"{start}{finding.why.replace(GAP, '<…>')}."


def _sql(text: str) -> Finding:
    if text.lstrip().startswith("\\"):
        return unknown("a backslash command belongs to psql, not to SQL")
    return judge_with_parts("sql", text)


def _shell(text: str, team: Team, proved: Proved, *, watched: bool = False) -> tuple[Finding, Plan]:
    script = parse(text)
    if script.trouble or script.writes:
        return _troubled(script, team, proved), None
    if not script.chains:
        return unknown("there is no command here"), None
    repeated = None if watched else _watched(script, team, proved)
    if repeated is not None:
        return repeated
    findings: list[Finding] = []
    plan: list[Pipeline] = []
    for chain in script.chains:
        found = [_fed(_judge(each, team), chain.commands[:behind]) for behind, each in enumerate(chain.commands)]
        proved.take(chain.commands, found)
        findings += found
        plan.append(_pipeline(chain, found))
    proved.operators(script)
    finding = worst(findings)
    if finding.word != "read":
        return finding, None
    why = "; ".join(dict.fromkeys(each.why for each in findings))
    if not script.repeats:
        return replace(finding, why=why), tuple(plan)
    traits = tuple(dict.fromkeys((*finding.traits, "endless")))
    return replace(finding, why=f"the loop never ends, here it is run once: {why}", traits=traits), tuple(plan)


def _judge(command: Command, team: Team) -> Finding:
    """The finding about one command. Words of ours (`Command.spans`) are psql's; no other program may get them."""
    finding = judge_argv(command.words, team=team)
    made = 0 < len(command.spans) < len(command.words)
    programs = [command.words[part.at] for part in finding.parts if part.role == "program" and not part.text]
    if made and ("psql",) not in programs:
        why = "lines are fed to a program that may not be psql"
        return Finding("unknown", why, finding.traits, parts=(Part(0, "program", why, "unknown"),))
    return finding


def _fed(finding: Finding, before: Sequence[Command]) -> Finding:
    """Some programs must not read what a pipe hands them; an empty line only ends them."""
    empty = len(before) == 1 and before[0].words in _EMPTY_LINES
    if not before or empty or not finding.fed or finding.word != "read":
        return finding
    blamed = replace(finding.parts[0], known=finding.fed, word="unknown", fix="let it stand first, without a pipe")
    return Finding("unknown", finding.fed, finding.traits, parts=(blamed,))


def _pipeline(chain: Chain, found: Sequence[Finding]) -> Pipeline:
    processes = tuple(
        Process(argv=(*_shaped(each), *finding.argv), stdout=each.stdout, stderr=each.stderr)
        for each, finding in zip(chain.commands, found, strict=True)
    )
    return Pipeline(processes=processes, after=chain.after)


def _shaped(command: Command) -> tuple[Word, ...]:
    """``LC_ALL=C sort f`` is started as ``env LC_ALL=C sort f``."""
    return (("env",), *((each,) for each in command.sets)) if command.sets else ()


def _troubled(script: Script, team: Team, proved: Proved) -> Finding:
    """A text that is not wholly understood, or that writes a file: unknown, or a change where a known part is one."""
    commands = [each for chain in script.chains for each in chain.commands]
    findings = [judge_argv(each.words, team=team) for each in commands]
    proved.take(commands, findings)
    proved.operators(script)
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


def _watched(script: Script, team: Team, proved: Proved) -> tuple[Finding, Plan] | None:
    """``watch CMD``: the command is shell text once more. It is run once, for nobody looks at a screen here.

    ``bash -c TEXT`` is the text.
    """
    given = script.chains[0].commands[0].words
    if script.chains[0].commands[0].sets:
        return None
    if text_of(given[0]) in ("bash", "sh") and len(given) == 3 and given[1] == ("-c",):
        return _spoken(script, team, proved)
    if text_of(given[0]) != "watch" or len(script.chains) > 1 or len(script.chains[0].commands) > 1:
        return None
    command = script.chains[0].commands[0]
    proved.watched(command)
    texts = [text_of(word) for word in given[1:]]
    while texts and texts[0].startswith("-"):
        option = texts.pop(0)
        if option in ("-n", "--interval") and texts and judge_value("number", texts[0]).word == "read":
            texts.pop(0)
        elif option not in _WATCH_ALONE and not option.startswith(("-n", "--interval=")):
            return unknown(f"`{say(option)}` is not an option of `watch` that we know", "endless"), None
    if not texts or any(not isinstance(part, str) for word in given for part in word):
        return unknown("`watch` gives a text to a shell that is not known here", "endless"), None
    inner = " ".join(texts)
    finding, plan = _shell(inner, team, proved.inside(), watched=True)
    doubt = _elsewhere(inner, posix=True) if finding.word == "read" else ""
    if doubt:
        proved.doubted(command, doubt)
        return unknown(doubt, "endless"), None
    why = f"`watch` repeats a command, here it is run once: {finding.why}" if finding.word == "read" else finding.why
    return replace(finding, why=why, traits=tuple(dict.fromkeys((*finding.traits, "endless")))), plan


def _spoken(script: Script, team: Team, proved: Proved) -> tuple[Finding, Plan] | None:
    """``bash -c TEXT`` alone: what the text says is started, without that shell."""
    command = script.chains[0].commands[0]
    text = command.words[2]
    alone = len(script.chains) == len(script.chains[0].commands) == 1 and command.stdout == command.stderr == "keep"
    if not alone or any(not isinstance(part, str) for part in text):
        return None
    proved.spoken(command)
    inner = text_of(text)
    finding, plan = _shell(inner, team, proved.inside(), watched=True)
    doubt = _elsewhere(inner, posix=text_of(command.words[0]) == "sh") if finding.word == "read" else ""
    if doubt:
        proved.doubted(command, doubt)
        return Finding("unknown", doubt, finding.traits), None
    return finding, plan


def _elsewhere(text: str, *, posix: bool) -> str:
    """What another shell, or another reader, makes of a text otherwise than we do; empty where they agree."""
    script = parse(text)
    if script.repeats:
        return "the shell inside would run a loop that never ends"
    if posix and script.bashisms:
        return f"`{script.bashisms}` is bash's own; `sh` takes it for something else, a background job perhaps"
    if script.bare:
        return (
            f"the shell inside makes as many words of `${script.bare[0]}` as its value holds; put it in double quotes"
        )
    return disagreement(text, script)
