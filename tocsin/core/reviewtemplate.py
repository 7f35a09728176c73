"""A team's own post-mortem template, filled with what is known.

Its headings, labels and order stay. A section that is recognised gets what belongs there, a label its value; whatever
is not recognised stays as the team wrote it, and what has no place in it follows under a heading of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tocsin.core.actiontable import refreshed, rows_of
from tocsin.core.incident import Incident
from tocsin.core.oncall import Directory
from tocsin.core.review import Part
from tocsin.core.reviewtimeline import Told, as_items
from tocsin.ids import slug

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_LABEL = re.compile(
    r"^(?P<before>\s*(?:[-*+]\s+)?)(?P<label>\*\*[^*]{2,60}:?\*\*:?|[^:|*\[\]#]{2,60}:)(?P<after>\s*)(?P<value>.*)$"
)
_NEXT = re.compile(r"[\s|·,;/]+(?=\*\*[^*]{2,60}(?::\*\*|\*\*:))")
"""What stands between two labels of one line."""
_GAP = re.compile(
    r"\[[^\]\n]{1,200}\](?!\()|<[A-Za-z][^<>\n]{1,80}>|\{\{?\s*[^{}\n]{1,80}\}?\}|\bYYYY-MM-DD\b|\bHH:MM(?::SS)?\b|\bXX+\b"
    r"|\bX\s+(?:hours?|minutes?)(?:\s+Y\s+minutes?)?|@name\b|_{3,}|\bTBD\b|\bTODO\b",
)
_SCALE = re.compile(r"^[\w-]+(?:\s*/\s*[\w-]+){2,}$|^(?:SEV|P|S)\W?\[[^\]]+\]$", re.IGNORECASE)
_TIMES = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+\W*HH:MM", re.IGNORECASE)
_MEANS: Mapping[str, tuple[str, ...]] = {
    "summary": ("summary", "overview", "what happened", "zusammenfassung", "resumen", "résumé", "synopsis"),
    "timeline": ("timeline", "chronology", "sequence of events", "zeitverlauf", "cronología", "chronologie"),
    "factors": ("contributing factor", "contributing cause"),
    "causes": ("hypothes", "suspected cause", "possible cause"),
    "root cause": ("root cause", "cause", "ursache", "causa", "cause racine", "why did", "why it happened"),
    "impact": ("impact", "affected", "auswirkung", "impacto", "blast radius"),
    "resolution": ("resolution", "recovery", "how was it fixed", "fix applied", "mitigation", "behebung"),
    "detection": ("detection", "how was it detected"),
    "actions": ("action", "follow up", "prevention", "next step", "corrective", "maßnahme", "acciones"),
    "well": ("went well", "worked well", "what worked"),
    "badly": ("could be improved", "went wrong", "went badly", "went poorly", "could be better", "didn t go well"),
    "lessons": ("lesson", "learned", "learnings", "retrospective"),
    "diagnosis": ("investigation", "evidence", "diagnosis", "what ran"),
    "people": ("responder", "people involved", "participants", "team involved"),
    "decisions": ("decision",),
    "times": ("metrics", "response times", "key times", "durations"),
}
_ALWAYS = ("timeline", "causes", "diagnosis", "decisions", "actions", "charts", "times", "factors", "left open")
"""What follows behind a template that has no place for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What a template is filled with. ``labels``: what stands beside a label, by what the label may be called."""

    incident: Incident
    parts: Sequence[Part]
    told: Told
    labels: Mapping[str, str]
    resolution: str
    directory: Directory


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading of the template, or what stands before the first, with the lines below it."""

    heading: str
    level: int
    lines: tuple[str, ...]
    means: str = ""


def filled(template: str, filling: Filling) -> str:
    """The template with what is known in its places; everything else of it stays as it is."""
    used: set[str] = set()
    sections = _with_actions(_sections(template))
    written = [line for section in sections for line in _section(section, filling, used)]
    level = min((section.level for section in sections if section.level), default=1) + 1
    rest = [part for part in filling.parts if part.means in _ALWAYS and part.means not in used]
    if rest:
        written += [f"{'#' * level} What was recorded"]
    for part in rest:
        written += ["", f"{'#' * min(level + 1, 6)} {part.title}", "", _deeper(part.body, level - 1)]
    return "\n".join(written).rstrip() + "\n"


def _sections(template: str) -> list[_Section]:
    found, heading, level, lines, fence = [], "", 0, list[str](), ""
    for line in template.splitlines():
        mark = re.match(r"^\s*(```+|~~~+)", line)
        if mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        match = None if fence else _HEADING.match(line)
        if match:
            found.append(_Section(heading, level, tuple(lines), meaning(heading) if level else ""))
            heading, level, lines = match[2], len(match[1]), []
        else:
            lines.append(line)
    found.append(_Section(heading, level, tuple(lines), meaning(heading) if level else ""))
    return [each for each in found if each.level or any(line.strip() for line in each.lines)]


def _with_actions(sections: list[_Section]) -> list[_Section]:
    """Where no heading names action items, the section whose table is one holds them: it is the one kept current."""
    if any(section.means == "actions" for section in sections):
        return sections
    at = next(
        (at for at, each in enumerate(sections) if not each.means and rows_of("\n".join(each.lines)) is not None), None
    )
    return [replace(each, means="actions") if place == at else each for place, each in enumerate(sections)]


def meaning(title: str) -> str:
    """What a heading of a template stands for; empty where it is not known."""
    words = slug(title).replace("-", " ")
    for means, names in _MEANS.items():
        if any(re.search(rf"\b{re.escape(name)}", words) for name in names):
            return means
    return ""


def _section(section: _Section, filling: Filling, used: set[str]) -> Iterator[str]:
    if section.level:
        yield f"{'#' * section.level} {_title(section.heading, filling)}"
    body = _body(section.means, section.lines, filling, used)
    while body and not body[-1].strip():
        body.pop()
    yield from [*body, ""]


def _title(heading: str, filling: Filling) -> str:
    """A heading's gaps: the incident's number, date and title, by what the gap is called."""
    return _GAP.sub(lambda gap: _named(gap[0], filling) or gap[0], heading)


def _named(gap: str, filling: Filling) -> str:
    name = slug(gap).replace("-", " ")
    return next((value for key, value in filling.labels.items() if value and key == name), "")


def _body(means: str, lines: Sequence[str], filling: Filling, used: set[str]) -> list[str]:
    ours = {part.means: part.body for part in filling.parts}
    match means:
        case "timeline":
            used.add(means)
            return _timeline(lines, filling, ours)
        case "actions":
            used.add(means)
            return _actions(lines, filling, ours)
        case "lessons":
            used.update(("well", "badly"))
            return _lessons(lines, ours)
        case "resolution":
            return _placed(_labelled(lines, filling), filling.resolution)
        case "root cause":
            recorded = filling.incident.learning.root_cause
            return _placed(_labelled(lines, filling), ours["root cause"]) if recorded else _labelled(lines, filling)
        case "":
            return _labelled(lines, filling)
        case "impact":
            used.add(means)
            every = ours["impact"].splitlines()
            said = [line for line in every if "_to be written" not in line]
            place = _placed if said == every else _below  # what only people can say is still asked
            return place(_labelled(lines, filling), "\n".join(said))
        case _:
            used.add(means)
            return _placed(_labelled(lines, filling), ours.get(means, ""))


def _placed(lines: Sequence[str], text: str) -> list[str]:
    """Our text in place of the lines that hold nothing but a gap, or below what the team wrote."""
    if not text:
        return list(lines)
    gap = next((at for at, line in enumerate(lines) if _only_a_gap(line)), None)
    if gap is not None:
        return [*lines[:gap], text, *lines[gap + 1 :]]
    return _below(lines, text)


def _below(lines: Sequence[str], text: str) -> list[str]:
    """Our text below what the team wrote, gaps and all."""
    if not text:
        return list(lines)
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    return [*(kept or [""]), *([""] if kept and kept[-1].strip() else []), text, ""]


def _only_a_gap(line: str) -> bool:
    bare = line.strip().lstrip("-*+ ").strip("_ ")
    return bool(bare) and bool(_GAP.fullmatch(bare))


def _timeline(lines: Sequence[str], filling: Filling, ours: Mapping[str, str]) -> list[str]:
    """In the template's form: a list where it has one, else our table."""
    as_list = any(_TIMES.match(line) for line in lines)
    kept = [line for line in lines if not _TIMES.match(line) and line.strip()]
    text = as_items(filling.told, filling.incident.id) if as_list else ours.get("timeline", "")
    gapped = [line for line in kept if not _only_a_gap(line) and not (_is_table(line) and not as_list)]
    return ["", *gapped, *([""] if gapped else []), text, ""]


def _is_table(line: str) -> bool:
    return line.lstrip().startswith("|")


def _actions(lines: Sequence[str], filling: Filling, ours: Mapping[str, str]) -> list[str]:
    """In the team's own table where it has one; boxes stay boxes; else our table."""
    actions, text = filling.incident.learning.actions, "\n".join(lines)
    if rows_of(text) is not None:
        return refreshed(text, actions, filling.directory).split("\n")
    boxes = [line for line in lines if re.match(r"^\s*[-*+]\s+\[[ xX]?\]", line)]
    kept = [line for line in lines if line not in boxes and line.strip() and not _only_a_gap(line)]
    return ["", *kept, *([""] if kept else []), ours.get("actions", ""), ""]


def _lessons(lines: Sequence[str], ours: Mapping[str, str]) -> list[str]:
    """Below each point of the template that asks what went well, or badly, what is known of it."""
    written: list[str] = []
    for line in lines:
        written.append(line)
        part = ours.get(meaning(line), "") if meaning(line) in ("well", "badly") else ""
        indent = "  " if line.lstrip().startswith(("-", "*", "+")) else ""
        written += [f"{indent}{each}" for each in part.splitlines()]
    if not any(meaning(line) in ("well", "badly") for line in lines):
        for name, title in (("well", "What went well"), ("badly", "What went badly")):
            written += [f"**{title}**", "", ours.get(name, ""), ""]
    return written


def _labelled(lines: Sequence[str], filling: Filling) -> list[str]:
    """Each line with a label whose value is a gap, filled; a gap that nobody knows stays."""
    return [_line(line, filling) for line in lines]


def _line(line: str, filling: Filling) -> str:
    """A line, each of its labels for itself."""
    between = [found[0] for found in _NEXT.finditer(line)]
    pieces = [_piece(each, filling) for each in _NEXT.split(line)]
    return pieces[0] + "".join(gap + piece for gap, piece in zip(between, pieces[1:], strict=True))


def _piece(line: str, filling: Filling) -> str:
    match = _LABEL.match(line)
    if match is None:
        return _GAP.sub(lambda gap: _named(gap[0], filling) or gap[0], line) if not _only_a_gap(line) else line
    name, value = slug(match["label"]).replace("-", " "), match["value"].strip()
    known = filling.labels.get(name, "")
    if known and (not value or _SCALE.match(value) or _GAP.search(value)):
        return f"{match['before']}{match['label']}{match['after'] or ' '}{known}"
    return line


def _deeper(body: str, by: int) -> str:
    """Our own headings inside a part, below those of the template; what stands in a fence is no heading."""
    written, fence = [], ""
    for line in body.splitlines():
        mark = re.match(r"^(```+|~~~+)", line)
        if mark:
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        heading = None if fence else _HEADING.match(line)
        written.append(f"{'#' * min(len(heading[1]) + max(by, 0), 6)} {heading[2]}" if heading else line)
    return "\n".join(written)
