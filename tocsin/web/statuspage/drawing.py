"""The public page as files: HTML without a script, JSON, a feed, pictures. The same for who serves and who exports."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from tocsin import wire
from tocsin.core.statuspage.documents import SENTENCES, documents, messages_document
from tocsin.core.statuspage.history import DAYS, Day, History, history
from tocsin.core.statuspage.model import Component, Public, Report, State, groups, indicator
from tocsin.settings.statuspage import StatusPage
from tocsin.web.render import environment, visible
from tocsin.web.statuspage.feed import feed

HTML, JSON, SVG = "text/html; charset=utf-8", "application/json; charset=utf-8", "image/svg+xml"
ATOM = "application/atom+xml; charset=utf-8"
SAYS: Mapping[str, str] = {
    "operational": "Works", "maintenance": "Maintenance", "degraded": "Slow or limited", "partial": "Partly down",
    "major": "Down",
}  # fmt: skip
STAGE_WORDS: Mapping[str, str] = {
    "investigating": "Investigating", "identified": "Identified", "monitoring": "Monitoring", "resolved": "Resolved",
    "scheduled": "Planned", "in_progress": "In progress", "completed": "Completed",
}  # fmt: skip
_BY_INDICATOR: Mapping[str, State] = {
    "none": "operational", "maintenance": "maintenance", "minor": "degraded", "major": "partial", "critical": "major",
}  # fmt: skip
_COLOURS: Mapping[str, str] = {
    "operational": "#1a7f4b", "maintenance": "#2b62c9", "degraded": "#8a5a00", "partial": "#b8400a", "major": "#b91c1c",
}  # fmt: skip
LATELY = timedelta(days=14)
MOST_PAGES = 200
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page."""

    body: bytes
    type: str


@dataclass(frozen=True, slots=True)
class _Part:
    component: Component
    state: State
    bars: Markup
    uptime: str
    bad: tuple[Day, ...]


@functools.cache
def style() -> str:
    """The style sheet, which stands inside each page so that a page is one request."""
    return (Path(__file__).parent / "page.css").read_text("utf-8").strip()


@functools.cache
def policy() -> str:
    """What a browser may do on the page: show it, with exactly this style, and post its forms."""
    sealed = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{sealed}'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def draw(
    status: StatusPage, public: Public, now: datetime, known: datetime, *, static: bool = False
) -> dict[str, File]:
    """Every file of the page by its path; ``known`` is when all this was true, ``static`` leaves out what posts."""
    shared = _shared(status, now, known, static=static)
    past = sorted(public.reports, key=lambda each: each.begun_at, reverse=True)
    over = [each for each in past if not each.open(now)]
    found = {
        "index.html": _html("index.html", {**shared, **_front(status, public, now, over)}),
        "history.html": _html("history.html", {**shared, "past": past[:MOST_LISTED]}),
        "history.atom": File(feed(public, status.url, known, STAGE_WORDS), ATOM),
        "icon.svg": File(_icon(public, now), SVG),
        "badge.svg": File(_badge(public, now), SVG),
        "messages.json": _json(messages_document(public, now)),
    }
    for report in past[:MOST_PAGES]:
        found[f"incidents/{report.id}.html"] = _html("report.html", {**shared, "report": report, "up": "../"})
    found |= {f"api/v2/{name}": _json(each) for name, each in documents(public, status.url, now).items()}
    return found


def said(status: StatusPage, title: str, text: str, *, up: str = "", button: str = "", secret: str = "") -> bytes:
    """A page that answers somebody: that they are asked, that they are told no more, that there is nothing here."""
    shared = {**_shared(status, None, None, static=False), "up": up}
    return _html("said.html", {**shared, "title": title, "text": text, "button": button, "secret": secret}).body


def _shared(status: StatusPage, now: datetime | None, known: datetime | None, *, static: bool) -> dict[str, Any]:
    zone = ZoneInfo(status.page.zone)
    return {
        "page": status.page, "css": Markup(style()), "up": "", "home": False, "static": static,  # noqa: S704 -- ours
        "known": known, "now": now, "says": SAYS, "stages": STAGE_WORDS, "days": DAYS,
        "names": {each.id: each.name for each in status.page.components},
        "local": lambda moment: moment.astimezone(zone), "by_mail": bool(status.mail), "by_webhook": status.webhooks,
    }  # fmt: skip


def _front(status: StatusPage, public: Public, now: datetime, over: list[Report]) -> dict[str, Any]:
    word = indicator(public, now)
    parts = [
        (name, [_part(public, component, now) for component in members])
        for name, members in groups(status.page.components)
    ]
    return {
        "home": True, "worst": _BY_INDICATOR[word], "sentence": SENTENCES[word], "messages": public.messages(now),
        "incidents": public.open_reports(now, "incident"), "plans": public.open_reports(now, "maintenance"),
        "groups": parts, "past": [each for each in over if (each.over_at or each.begun_at) > now - LATELY],
    }  # fmt: skip


def _part(public: Public, component: Component, now: datetime) -> _Part:
    found = history(public, component.id, now)
    known = sum(day.state is not None for day in found.days)
    days = "" if known == len(found.days) else f" of {known} {'day' if known == 1 else 'days'}"
    uptime = "no history yet" if found.uptime is None else f"{_percent(found.uptime)} uptime{days}"
    return _Part(component, public.state(component.id, now), _bars(component, found), uptime, found.bad)


def _percent(share: float) -> str:
    """Never rounded up to 100: what was lost is said."""
    return "100 %" if share >= 1 else f"{min(share * 100, 99.99):.2f} %"


def _bars(component: Component, found: History) -> Markup:
    """A bar for each day; one path for each state keeps ninety of them small."""
    paths: dict[str, list[str]] = {}
    for place, day in enumerate(found.days):
        paths.setdefault(day.state or "none", []).append(f"M{place * 5} 0h3v28h-3z")
    drawn = Markup("").join(
        Markup('<path class="{}" d="{}"/>').format(state, "".join(each)) for state, each in paths.items()
    )
    known = sum(day.state is not None for day in found.days)
    label = f"{component.name}: {known} {'day' if known == 1 else 'days'} known, {len(found.bad)} with something amiss"
    picture = '<svg class="bars" viewBox="0 0 448 28" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    return Markup(picture).format(visible(label), drawn)  # noqa: S704 -- escapes what it is given


def _badge(public: Public, now: datetime) -> bytes:
    word = indicator(public, now)
    name, says = visible(public.page.name)[:40], SENTENCES[word]
    left, right = 12 + 7 * len(name), 12 + 7 * len(says)
    colour, whole = _COLOURS[_BY_INDICATOR[word]], f"{name}: {says}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="22" role="img" '
        f'aria-label="{escape(whole)}"><title>{escape(whole)}</title>'
        f'<rect width="{left}" height="22" fill="#2d3441"/><rect x="{left}" width="{right}" height="22" '
        f'fill="{colour}"/><g fill="#fff" font-family="system-ui,sans-serif" font-size="12" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="15" textLength="{left - 12}" lengthAdjust="spacingAndGlyphs">{escape(name)}</text>'
        f'<text x="{left + right / 2:g}" y="15" textLength="{right - 12}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(says)}</text></g></svg>\n"
    ).encode()


def _icon(public: Public, now: datetime) -> bytes:
    colour = _COLOURS[_BY_INDICATOR[indicator(public, now)]]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
        f'<circle cx="8" cy="8" r="7" fill="{colour}"/></svg>\n'
    ).encode()


def _html(template: str, values: dict[str, Any]) -> File:
    text = environment().get_template(f"public/{template}").render(values)
    return File(text.encode(), HTML)


def _json(value: object) -> File:
    return File(wire.encode(value) + b"\n", JSON)
