"""What the outlook shows that would hurt: rungs that reach nobody, and people who stand alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.core.oncall import Person
from tocsin.core.outlook import Call, Cause, Condition, Outlook
from tocsin.core.readiness import Finding, listed
from tocsin.core.schedules import shown_at
from tocsin.ids import slug
from tocsin.times import say_duration

_CODES: Mapping[Cause, str] = {
    "unbound": "unbound-role", "gap": "gap", "unknown": "unknown-person", "unreachable": "unreachable",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Window:
    begins: datetime
    ends: datetime
    severity: str
    calls: tuple[Call, ...]
    call: Call


@dataclass(frozen=True, slots=True)
class _Told:
    """How windows are told: in which zone, and how long the whole outlook is."""

    zone: str
    whole: timedelta

    def spans(self, windows: Sequence[_Window]) -> list[tuple[datetime, datetime]]:
        """The windows in order, joined; none where it is always so."""
        found: list[tuple[datetime, datetime]] = []
        for begins, ends in sorted((each.begins, each.ends) for each in windows):
            if found and begins <= found[-1][1]:
                found[-1] = found[-1][0], max(found[-1][1], ends)
            else:
                found.append((begins, ends))
        return [] if found[0][1] - found[0][0] >= self.whole else found

    def finding(self, finding: Finding, windows: Sequence[_Window], stem: str) -> Finding:
        """The finding with its severities and times, and a message that says both."""
        spans = self.spans(windows)
        begins, ends = spans[0] if spans else (None, None)
        return Finding(
            level=finding.level, code=finding.code, message=f"{stem}{self._when(spans)}.", hint=finding.hint,
            source=finding.source, line=finding.line, severities=_severities(windows), begins=begins, ends=ends,
            times=max(1, len(spans)), person=windows[0].call.person,
        )  # fmt: skip

    def _when(self, spans: Sequence[tuple[datetime, datetime]]) -> str:
        if not spans:
            return ""
        begins, ends = spans[0]
        more = "" if len(spans) == 1 else f", and {len(spans) - 1} {'time' if len(spans) == 2 else 'times'} more"
        return f", from {self._at(begins)} until {self._at(ends)} {self.zone} ({say_duration(ends - begins)}){more}"

    def _at(self, moment: datetime) -> str:
        shown = shown_at(moment, self.zone)
        return f"{shown:%a} {shown.day} {shown:%b %H:%M}"


def uncovered(found: Sequence[Outlook], zone: str, people: Mapping[str, Person]) -> Iterator[Finding]:
    """Everything of it, hours in which no rung reaches anybody before single rungs, those before single points."""
    if not people:
        message = "Nobody stands under [people]: no page goes out."
        hint = "Write [people.NAME] with notify, and bind [roles]."
        yield Finding(level="error", code="nobody", message=message, hint=hint)
        return
    silent: dict[str, list[_Window]] = {}
    holes: dict[tuple[str, int, str, Cause, str], list[_Window]] = {}
    alone: dict[tuple[str, str, int], list[_Window]] = {}
    for source, window, state in _windows(found):
        if state == "nobody":
            silent.setdefault(source, []).append(window)
        elif state == "alone":
            key = (source, window.call.person, min(len(window.calls), 2))
            alone.setdefault(key, []).append(window)
        for call in window.calls:
            if call.cause and call.cause != "nobody left":
                who = call.schedule if call.cause == "gap" else call.person
                each = _Window(window.begins, window.ends, window.severity, window.calls, call)
                holes.setdefault((source, call.line, call.to, call.cause, who), []).append(each)
    told = _Told(
        zone, max((one.spans[-1].ends - one.spans[0].begins for one in found if one.spans), default=timedelta(0))
    )
    yield from (_silent(source, windows, told, people) for source, windows in silent.items())
    yield from (_hole(source, windows, told) for (source, *_), windows in holes.items())
    yield from (_alone(source, windows, told) for (source, *_), windows in alone.items())
    yield from _conditions(found, {(source, to) for source, _, to, _, _ in holes})


def _windows(found: Sequence[Outlook]) -> Iterator[tuple[str, _Window, str]]:
    nobody = Call(to="", after_seconds=0.0, line=0)
    for outlook in found:
        for span in outlook.spans:
            first = next((call for call in span.calls if call.person and not call.cause), nobody)
            yield outlook.source, _Window(span.begins, span.ends, outlook.severity, span.calls, first), span.state


def _silent(source: str, windows: Sequence[_Window], told: _Told, people: Mapping[str, Person]) -> Finding:
    stem = f"No rung of {_of(windows)} reaches anybody"
    if not any(call.person for each in windows for call in each.calls):
        everybody = listed([person.name for person in people.values()])
        stem += f"; everybody under [people] would be called instead, which is {everybody}"
    first = Finding(
        level="error", code="nobody-called", message="", source=source,
        line=min((call.line for call in windows[0].calls if call.line), default=0),
        hint="Bind the roles under [roles], and give each person a way to be reached.",
    )  # fmt: skip
    return told.finding(first, windows, stem)


def _hole(source: str, windows: Sequence[_Window], told: _Told) -> Finding:
    call = windows[0].call
    when = f"after {say_duration(timedelta(seconds=call.after_seconds))}" if call.after_seconds else "at once"
    calls = (
        f"{_of(windows)} {'call' if len(_severities(windows)) > 1 else 'calls'} “{call.to}” {when}{_line(call.line)}"
    )
    trouble = f"{call.name} can't be reached: {call.trouble}" if call.cause == "unreachable" else call.trouble
    first = Finding(
        level="error", code=_CODES[call.cause], message="", source=source, line=call.line,
        hint=_mend(call.cause, call.to, call.person, call.schedule),
    )  # fmt: skip
    return told.finding(first, windows, f"{calls}, and {trouble}")


def _alone(source: str, windows: Sequence[_Window], told: _Told) -> Finding:
    call, rungs = windows[0].call, len(windows[0].calls)
    which = f"by all {rungs} rungs" if rungs > 1 else "by the only rung"
    stem = f"{call.name} alone is called {which} of {_of(windows)}: if they don't answer, nobody else comes"
    first = Finding(
        level="warning" if rungs > 1 else "note", code="single-point", message="", source=source,
        line=windows[0].calls[-1].line,
        hint="Bind a role to somebody else." if rungs > 1 else "Write a second rung into the runbook.",
    )  # fmt: skip
    return told.finding(first, windows, stem)


def _conditions(found: Sequence[Outlook], known: set[tuple[str, str]]) -> Iterator[Finding]:
    """Of each role that only conditions call, one finding with all of its lines."""
    missing: dict[tuple[str, str], dict[int, Condition]] = {}
    for outlook in found:
        for each in outlook.conditions:
            if each.cause not in ("", "gap") and (outlook.source, each.to) not in known:
                missing.setdefault((outlook.source, each.to), {})[each.line] = each
    for (source, to), lines in missing.items():
        first = next(iter(lines.values()))
        when = (
            f"when “{first.when}”{_line(first.line)}"
            if len(lines) == 1
            else (f"by {len(lines)} conditions (lines {', '.join(map(str, sorted(lines)))})")
        )
        trouble = f"{first.name} can't be reached: {first.trouble}" if first.name else first.trouble
        yield Finding(
            level="warning", code=_CODES[first.cause], source=source, line=first.line,
            message=f"“{to}” is called {when}, and {trouble}.", hint=_mend(first.cause, to, first.person, ""),
        )  # fmt: skip


def _mend(cause: Cause, role: str, person: str, schedule: str) -> str:
    if cause == "unbound":
        return f'Bind it under [roles] in tocsin.toml: "{slug(role)}" = "NAME".'
    if cause == "gap":
        return f"Put somebody on: `tocsin oncall override NAME --schedule {schedule} --from … --until …`."
    if cause == "unknown":
        return "Name them under [people], or bind the role to somebody else."
    return f"Look at notify under [people.{person}], then `tocsin notify test {person}`."


def _line(line: int) -> str:
    return f" (line {line})" if line else ""


def _severities(windows: Iterable[_Window]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.severity for each in windows))


def _of(windows: Iterable[_Window]) -> str:
    return listed([each or "an incident" for each in _severities(windows)])
