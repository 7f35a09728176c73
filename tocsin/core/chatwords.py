"""The commands of a chat: ``ack INC-12``, ``escalate INC-12 to team lead because I am lost``; one grammar for all.

Pure: words become an order, whose move and fields are those of the catalogue. Nothing is guessed: what is not
understood is answered with how it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tocsin.errors import Invalid
from tocsin.times import parse_duration

LONGEST = 4_000
NEXT = "escalate_next"
"""To call whom the document names next."""
_REF = re.compile(r"(?:#?inc-)(\d{1,9})", re.IGNORECASE)
_WHY = re.compile(r"\s+because\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants: a move of the catalogue, `NEXT`, or ``declare``, ``status``, ``roles``, ``steps``, ``help``.

    ``ref`` empty: the incident that the channel is about. ``fields`` are the move's; ``code`` is the beginning of an
    approval's seal, ``place`` the number of a step, each as it was shown.
    """

    verb: str
    ref: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    code: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class _Verb:
    usage: str
    says: str
    make: Callable[[str], Order]


def parse(text: str, severities: Sequence[str] = ()) -> Order:
    """What was ordered; ``severities`` are those that ``declare`` knows. Raises `Invalid` with how it is written."""
    words = " ".join(text.replace("\0", " ").split())
    if len(words) > LONGEST:
        raise Invalid(f"The command has {len(words)} characters; at most {LONGEST} are read.")
    verb, _, rest = words.partition(" ")
    name = _OTHER_NAMES.get(verb.casefold(), verb.casefold())
    if not name:
        return Order(verb="help")
    if name == "declare":
        return _declare(rest, severities)
    known = _VERBS.get(name)
    if known is None:
        raise Invalid(f"There is no command {verb[:40]!r}.", f"Commands: {', '.join(('declare', *_VERBS))}.")
    try:
        return known.make(rest)
    except ValueError as error:
        said = str(error)
        raise Invalid(said or f"That is not how {name} is written.", f"Write: {known.usage}") from None


def usage() -> tuple[tuple[str, str], ...]:
    """Every command, as it is written and what it does."""
    declare = ("declare [P1] what is wrong [because …]", "Begin an incident; with “drill” before the words, a drill.")
    return (declare, *((verb.usage, verb.says) for verb in _VERBS.values()))


def _declare(rest: str, severities: Sequence[str]) -> Order:
    words, why = _because(rest)
    drill = words.casefold().startswith("drill ")
    words = words[6:].strip() if drill else words
    first, _, others = words.partition(" ")
    level = next((name for name in severities if name.casefold() == first.casefold()), "")
    title = others.strip() if level else words
    if not title:
        if rest:
            raise Invalid("Nothing says what is wrong.", "Write: declare P1 what is wrong")
        return Order(verb="declare")
    return Order(verb="declare", fields={"title": title, "severity": level, "why": why, "drill": drill})


def _ref(rest: str) -> tuple[str, str]:
    """An incident's name at the beginning, and what stands behind it."""
    first, _, others = rest.partition(" ")
    found = _REF.fullmatch(first.strip(":,"))
    return (f"INC-{int(found[1])}", others.strip()) if found else ("", rest.strip())


def _because(rest: str) -> tuple[str, str]:
    parts = _WHY.split(f"{rest} ", maxsplit=1)
    return parts[0].strip(), parts[1].strip() if len(parts) > 1 else ""


def _words(verb: str, name: str, *, needed: bool = True) -> Callable[[str], Order]:
    """A move that takes words as one field."""

    def make(rest: str) -> Order:
        ref, words = _ref(rest)
        if name == "why":
            words = re.sub(r"^because\s+", "", words, flags=re.IGNORECASE)
        if needed and not words:
            raise ValueError
        return Order(verb=verb, ref=ref, fields={name: words})

    return make


def _bare(verb: str) -> Callable[[str], Order]:
    def make(rest: str) -> Order:
        ref, more = _ref(rest)
        if more:
            raise ValueError
        return Order(verb=verb, ref=ref)

    return make


def _escalate(rest: str) -> Order:
    ref, more = _ref(rest)
    to, why = _because(f" {re.sub(r'^to ', '', more, flags=re.IGNORECASE)}")
    if not to:
        return Order(verb=NEXT, ref=ref, fields={"why": why})
    if not why:
        raise ValueError
    return Order(verb="escalate", ref=ref, fields={"to": to.removeprefix("@"), "why": why})


def _hand_over(rest: str) -> Order:
    ref, more = _ref(re.sub(r"^over\b\s*", "", rest, flags=re.IGNORECASE))
    what, why = _because(more)
    role, found, to = f" {what}".partition(" to ")
    if not found or not to.strip():
        raise ValueError
    fields = {"to": to.strip().removeprefix("@"), "why": why, **({"role": role.strip()} if role.strip() else {})}
    return Order(verb="hand_over", ref=ref, fields=fields)


def _accept(rest: str) -> Order:
    ref, role = _ref(rest)
    return Order(verb="accept", ref=ref, fields={"role": role} if role else {})


def _decline(rest: str) -> Order:
    ref, more = _ref(rest)
    role, why = _because(f" {more}")
    return Order(verb="decline", ref=ref, fields={"why": why, **({"role": role} if role else {})})


def _add(rest: str) -> Order:
    ref, more = _ref(rest)
    people, why = _because(more)
    if not people or not why:
        raise ValueError
    return Order(verb="add_people", ref=ref, fields={"people": people.replace("@", ""), "why": why})


def _assign(rest: str) -> Order:
    ref, more = _ref(rest)
    person, found, role = more.partition(" as ")
    if not found or not person.strip() or not role.strip():
        raise ValueError
    return Order(verb="assign", ref=ref, fields={"person": person.strip().removeprefix("@"), "role": role.strip()})


def _severity(rest: str) -> Order:
    ref, more = _ref(rest)
    level, why = _because(more)
    if not level or not why:
        raise ValueError
    return Order(verb="assess", ref=ref, fields={"severity": level, "why": why})


def _hold(rest: str) -> Order:
    ref, more = _ref(rest)
    span, why = _because(re.sub(r"^for\s+", "", more, flags=re.IGNORECASE))
    if not span or not why:
        raise ValueError
    return Order(verb="hold", ref=ref, fields={"minutes": parse_duration(span) / timedelta(minutes=1), "why": why})


def _update(rest: str) -> Order:
    ref, more = _ref(rest)
    audience, found, text = more.partition(":")
    if not found or not text.strip() or len(audience.split()) > 3:
        raise ValueError
    return Order(
        verb="post_update", ref=ref, fields={"audience": audience.strip() or "stakeholders", "text": text.strip()}
    )


def _run(rest: str) -> Order:
    ref, more = _ref(rest)
    if not re.fullmatch(r"\d{1,4}", more):
        raise ValueError
    return Order(verb="request_step", ref=ref, place=int(more))


def _answer(verb: str) -> Callable[[str], Order]:
    def make(rest: str) -> Order:
        ref, more = _ref(rest)
        code, why = _because(more)
        if not re.fullmatch(r"[0-9a-f]{8,64}", code.casefold()):
            raise ValueError
        return Order(verb=verb, ref=ref, code=code.casefold(), fields={"why": why})

    return make


def _answered(rest: str) -> Order:
    ref, more = _ref(rest)
    question, found, text = more.partition(":")
    if not found or not question.strip() or not text.strip():
        raise ValueError
    return Order(verb="answer_questions", ref=ref, fields={"answers": {question.strip(): text.strip()}})


def _rule(rest: str) -> Order:
    ref, more = _ref(rest)
    line, why = _because(more)
    if not re.fullmatch(r"L?\d{1,6}(?:-\d+)?", line, re.IGNORECASE):
        raise ValueError
    return Order(verb="follow_rule", ref=ref, fields={"rule": line, "why": why})


def _box(verb: str) -> Callable[[str], Order]:
    def make(rest: str) -> Order:
        ref, more = _ref(rest)
        box, why = _because(more)
        if not box:
            raise ValueError
        return Order(verb=verb, ref=ref, fields={"box": box, "why": why})

    return make


def _close(rest: str) -> Order:
    ref, more = _ref(rest)
    if more and not more.casefold().startswith("because "):
        raise ValueError
    return Order(verb="close", ref=ref, fields={"why": more[len("because ") :].strip()})


_VERBS: Mapping[str, _Verb] = {
    "ack": _Verb("ack [INC-12]", "Take the incident.", _bare("acknowledge")),
    "escalate": _Verb(
        "escalate [INC-12] [to team lead because …]", "Call somebody in now; unless told, the next one.", _escalate
    ),
    "add": _Verb("add [INC-12] ana, ben because …", "Call several people in.", _add),
    "hand": _Verb(
        "hand over [INC-12] [commander] to ana [because …]", "Offer the incident, or a role of it.", _hand_over
    ),
    "accept": _Verb("accept [INC-12]", "Take what was offered to you.", _accept),
    "decline": _Verb("decline [INC-12] [because …]", "Say no to it, or take your offer back.", _decline),
    "take": _Verb("take [INC-12] scribe", "Take a role that nobody has.", _words("take_role", "role")),
    "note": _Verb("note [INC-12] words", "Write words on the timeline.", _words("note", "text")),
    "status": _Verb("status [INC-12]", "Say how it is; in a common channel, of all.", _bare("status")),
    "roles": _Verb("roles [INC-12]", "Say who has which role.", _bare("roles")),
    "assign": _Verb("assign [INC-12] ana as commander", "Give a role to a person.", _assign),
    "severity": _Verb("severity [INC-12] P1 because …", "Change the severity.", _severity),
    "hold": _Verb("hold [INC-12] 20m because …", "Let the escalation wait.", _hold),
    "update": _Verb("update [INC-12] customers: words", "Record what people outside were told.", _update),
    "send": _Verb(
        "send [INC-12] status update", "Send a message of the runbook's templates.", _words("send_message", "message")
    ),
    "steps": _Verb("steps [INC-12]", "List the steps of its scenario with their numbers.", _bare("steps")),
    "run": _Verb("run [INC-12] 3", "Run a step: at once if it is proved to read, else after an approval.", _run),
    "approve": _Verb("approve [INC-12] 3f9a2c1b", "Allow the command shown with this code.", _answer("approve")),
    "deny": _Verb("deny [INC-12] 3f9a2c1b [because …]", "Say no to it.", _answer("deny")),
    "mitigate": _Verb("mitigate [INC-12] how", "Say that the impact is over.", _words("mitigate", "how")),
    "resolve": _Verb(
        "resolve [INC-12] [summary]", "End it, once it has recovered.", _words("resolve", "summary", needed=False)
    ),
    "reopen": _Verb("reopen [INC-12] because …", "It was not over.", _words("reopen", "why")),
    "boxes": _Verb("boxes [INC-12]", "List the boxes of its checklists that are open.", _bare("boxes")),
    "tick": _Verb("tick [INC-12] words of a box", "Tick it; a line's number will do, too.", _box("tick")),
    "untick": _Verb("untick [INC-12] words of a box", "Take the tick away again.", _box("untick")),
    "questions": _Verb("questions [INC-12]", "List what the document asks, and what it says then.", _bare("questions")),
    "answer": _Verb("answer [INC-12] data at risk: yes, names", "Answer a question of the document.", _answered),
    "rule": _Verb("rule [INC-12] 365 [because …]", "Carry out what the document says on that line.", _rule),
    "users": _Verb(
        "users [INC-12] 340 of 12,000", "Say how many users are affected.", _words("count_affected", "users")
    ),
    "began": _Verb("began [INC-12] 13:20", "Say when the trouble began.", _words("set_beginning", "at")),
    "close": _Verb("close [INC-12] [because …]", "Close it: nothing is left, or the reason why.", _close),
    "help": _Verb("help", "This list.", lambda _: Order(verb="help")),
}
_OTHER_NAMES = {
    "acknowledge": "ack", "assess": "severity", "sev": "severity", "?": "help", "call": "escalate", "silence": "hold",
    "handover": "hand", "offer": "hand",
}  # fmt: skip
