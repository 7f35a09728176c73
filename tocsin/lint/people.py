"""Whom the document can reach, and the promises it makes about time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tocsin.core.runbook import Contact, Problem
from tocsin.ids import slug
from tocsin.lint.codes import problem
from tocsin.lint.subject import Check, Subject
from tocsin.reading.durations import Span, first_span
from tocsin.reading.fences import mask
from tocsin.reading.placeholders import find_placeholders

_SHOWN = 4
_LABEL = {
    "contact": "contact",
    "phone": "phone number",
    "email": "e-mail address",
    "chat": "chat handle",
    "name": "name",
}
_PAGER = re.compile(
    r"pager\s?duty|ops\s?genie|victor\s?ops|splunk on-?call|grafana on-?call|squadcast|incident\.io|rootly|zenduty"
    r"|xmatters|better\s?stack|all\s?quiet|ilert",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w./#])#[a-z][\w-]{2,}|(?<![\w./@])@[a-z][\w-]{2,}|\+\d[\d ()-]{7,}"
)
_ANYBODY = re.compile(
    r"\b(?:on-?call|engineer\w*|lead\w*|manager|team|c[teoi]o|ciso|vp|director|head|commander|sre|dba|admin\w*|owner"
    r"|support|officer|founder|architect|legal|security|management|developers?)\b",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(r"\b(?:legal|support|vendor|provider|security)\b", re.IGNORECASE)
_NO_ROLE = re.compile(
    r"^(?:all|any|next|another|other|every|affected)\b|stakeholders?\b|\b(?:users|customers)\b", re.IGNORECASE
)
_SHORT = {"eng": "engineering", "mgr": "manager", "ops": "operations", "admin": "administrator", "dev": "developer"}
_TOO_COMMON = frozenset({"the", "a", "an", "and", "or", "on", "call", "team", "of", "for", "to", "in", "our"})
_BAND = re.compile(r"^[\s|*_>-]*(?:\d{1,2}[.)]\s+)?[\s|*_]*(?=T?\+?\d)(?P<rest>.*)$")
_DRAWS_IN = re.compile(r"escalat|\bpage\b|\bnotif|\bcall\b|\bon-?call\b|eskal|escal[ao]", re.IGNORECASE)
_UNIT = r"(?:min(?:ute)?s?|hours?|hrs?|h|m|days?)\b"
_GAP = r"(?:[\[<{]{1,2}[\w .#-]{1,20}[\]>}]{1,2}|\bX{1,2}\b|_{2,})"
_PROMISE = re.compile(rf"\b(?:every|each)\s+(?P<gap>{_GAP})\s*{_UNIT}", re.IGNORECASE)
_LIMIT = re.compile(rf"\b(?:within|in)\s+(?:the next\s+)?(?P<gap>{_GAP})\s*{_UNIT}", re.IGNORECASE)
_TELLS = re.compile(r"\bupdate|\breport|\brespon|\brepl(?:y|ies)|\bnotif|\binform|\bcontact|keep you", re.IGNORECASE)


def unfilled_contacts(subject: Subject) -> Iterator[Problem]:
    """An address that is promised and not there; an error where it leaves the role without any."""
    contacts = subject.book.contacts
    reachable = {contact.role.casefold() for contact in contacts if _addresses(contact)}
    for contact in contacts:
        known = contact.role.casefold() in reachable or bool(_PAGER.search(subject.text(contact.line)))
        if contact.unfilled and not (known and _only_dashes(subject.text(contact.line))):
            missing = _list([_LABEL.get(name, name) for name in dict.fromkeys(contact.unfilled)])
            yield problem(
                "unfilled-contact", contact.line,
                f"The {missing} of {contact.role} {'are' if len(set(contact.unfilled)) > 1 else 'is'} not filled in"
                + ("." if known else ", so nobody can be reached there."),
                "Write it in the runbook, or bind the role to a person in tocsin.toml.",
                level="warning" if known else "error",
            )  # fmt: skip


def nobody_to_page(subject: Subject) -> Iterator[Problem]:
    """Roles to call and not one way to reach any of them in the whole document."""
    book = subject.book
    contacts = [each for each in book.contacts if each.unfilled or _addresses(each) or _ANYBODY.search(each.role)]
    rungs = [(rung.to, rung.line) for rung in book.escalations if rung.to and _is_role(rung.to)]
    named = [(contact.role, contact.line) for contact in contacts] + rungs
    if not named or any(_addresses(contact) for contact in contacts):
        return
    if any(_PAGER.search(line) for line in subject.lines):
        return  # the pager's own schedule knows whom to call
    if not contacts and all(_OUTSIDE.search(role) for role, _ in named):
        return  # counsel or a vendor, in passing: that is no ladder
    if not contacts and any(_ADDRESS.search(line) for line in _prose(subject)):
        return  # somebody is named in passing; that is no list, and more than nothing
    roles = list(dict.fromkeys(role for role, _ in named))
    bound = {slug(role) for role in subject.bindings.roles} if subject.bindings else set()
    if any(slug(role) in bound for role in roles):
        return  # the configuration says who that is; what it leaves open is told by itself
    shown = _list(roles if len(roles) <= _SHOWN else [*roles[:_SHOWN], f"{len(roles) - _SHOWN} more"])
    yield problem(
        "nobody-to-page", named[0][1],
        f"This runbook can page nobody: it names {shown}, and gives no address for any of them.",
        "Write a chat handle, e-mail address or phone number for each, or bind the roles in tocsin.toml.",
        level="error" if contacts else "warning",
    )  # fmt: skip


def unreachable_people(subject: Subject) -> Iterator[Problem]:
    """An escalation to a role that the document's own contact list leaves out."""
    book = subject.book
    listed = [contact.role for contact in book.contacts]
    if not any(_addresses(contact) for contact in book.contacts) and not any(
        _PAGER.search(subject.text(contact.line)) for contact in book.contacts
    ):
        return  # there is no list, or it is empty: what is to be said of that says `nobody_to_page`
    told: set[str] = set()
    for rung in book.escalations:
        name = slug(rung.to or "")
        if not rung.to or name in told or not _is_role(rung.to):
            continue
        told.add(name)
        if not _ADDRESS.search(subject.text(rung.line)) and not any(_same(rung.to, role) for role in listed):
            yield problem(
                "unreachable-person", rung.line,
                f"{_first_upper(rung.to)} is to be called here, and the contacts of this document do not list them.",
                "Add the role with an address to the contacts, or name here the role that stands there.",
            )  # fmt: skip


def overlapping_bands(subject: Subject) -> Iterator[Problem]:
    """A ladder of time bands of which each begins where the one above ends; one finding for the ladder."""
    for ladder in _ladders(subject):
        shared = [above.high for (_, above), (_, below) in pairwise(ladder) if above.high == below.low]
        if shared and any(_DRAWS_IN.search(subject.text(line)) for line, _ in ladder):
            minutes = _list([f"{value:g}" for value in shared])
            yield problem(
                "overlapping-bands", ladder[0][0],
                f"Minute{'s' if len(shared) > 1 else ''} {minutes} "
                f"stand{'' if len(shared) > 1 else 's'} in two bands. Tocsin takes a shared minute for the later band: "
                f"at {shared[0]:g} minutes the next one is called.",
                f"Write when each band begins (“after {shared[0]:g} minutes: …”).",
            )  # fmt: skip


def open_promises(subject: Subject) -> Iterator[Problem]:
    """A promised interval whose number nobody has filled in."""
    for number, line in enumerate(subject.lines, 1):
        if len(line) > 2000:
            continue
        found = _PROMISE.search(line) or (_LIMIT.search(line) if _TELLS.search(line) else None)
        if found and not found.group("gap").isdigit():
            yield problem(
                "open-promise", number,
                f"“{found.group().strip()}” promises an interval that is not filled in, so no clock can keep it.",
                "Write the number (“every 30 minutes”), for each severity where it differs.",
            )  # fmt: skip


def _addresses(contact: Contact) -> bool:
    return bool(contact.chat or contact.email or contact.phone)


def _is_role(name: str) -> bool:
    """Whether somebody in particular is meant, who could stand in a list of contacts."""
    return bool(_ANYBODY.search(name)) and not _NO_ROLE.search(name) and not _PAGER.search(name)


def _only_dashes(line: str) -> bool:
    """Whether what is empty in this row of a table is marked as "there is none": a dash, n/a."""
    asks = re.search(r"\b(?:tbd|tba|todo)\b|x{3,}|\?{2,}|_{3,}", line, re.IGNORECASE)
    return line.lstrip().startswith("|") and not asks and not find_placeholders(line)


def _prose(subject: Subject) -> Iterator[str]:
    fences = mask("\n".join(subject.lines)).fences
    inside = {number for fence in fences for number in range(fence.line, fence.end_line + 1)}
    yield from (line for number, line in enumerate(subject.lines, 1) if number not in inside)


def _same(wanted: str, listed: str) -> bool:
    """Whether two names can mean one role: the telling words of one all stand in the other."""
    here, there = set(_words(wanted)), set(_words(listed))
    on_call = all(re.search(r"on-?call", role, re.IGNORECASE) for role in (wanted, listed))
    return here <= there or there <= here or on_call


def _words(role: str) -> list[str]:
    words = [_SHORT.get(word, word) for word in slug(role).split("-")]
    return [word for word in words if word not in _TOO_COMMON] or ["on-call"]


def _ladders(subject: Subject) -> Iterator[list[tuple[int, Span]]]:
    """Runs of neighbouring lines that each begin with a span of time."""
    ladder: list[tuple[int, Span]] = []
    for number, line in enumerate(subject.lines, 1):
        span = _band(line)
        if span is not None and (not ladder or number - ladder[-1][0] <= 2):
            ladder.append((number, span))
        elif span is not None or (line.strip() and ladder and number - ladder[-1][0] >= 2):
            yield ladder
            ladder = [(number, span)] if span is not None else []
    yield ladder


def _band(line: str) -> Span | None:
    found = _BAND.match(line[:300])
    if found is None:
        return None
    span = first_span(found.group("rest"))
    return span if span is not None and span.start <= 2 and (span.high > span.low or span.open_end) else None


def _list(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


CHECKS: tuple[Check, ...] = (
    unfilled_contacts,
    nobody_to_page,
    unreachable_people,
    overlapping_bands,
    open_promises,
)
