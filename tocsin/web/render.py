"""From values to HTML: the templates, the icons, the assets, Markdown by strangers.

Every text on a page is hostile until it went through here: what Jinja prints is escaped and its invisible characters
are made visible; Markdown is rendered without HTML of its own and then cleaned against a list of what may stand.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import nh3
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from tocsin.core.offers import MOST_OFFERS
from tocsin.core.steptelling import first_line
from tocsin.core.watching import say_value
from tocsin.ids import slug
from tocsin.service.views import SignalView
from tocsin.times import EPOCH, say_duration
from tocsin.web import charts, words

HERE = Path(__file__).parent
SOURCES = HERE / "assets"
DIST = SOURCES / "dist"
ASSET_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
    "txt": "text/plain; charset=utf-8",
}
_OWN = re.compile(r"[a-z-]+\.(?:css|js)")
_TROUBLE = re.compile(r"\b(ERROR|FATAL|CRITICAL|PANIC)\b")
_TICKED = re.compile(r"`([^`]+)`")
_QUOTED = re.compile(r"“([^”]+)”")
# What changes how a line reads without being seen: C0 and C1 controls, and the marks that turn the direction of text.
_UNSEEN = {
    **{code: chr(0x2400 + code) for code in range(32) if code not in (9, 10)},
    0x7F: "␡",
    **{code: f"⟦U+{code:04X}⟧" for code in (*range(0x80, 0xA0), 0x200E, 0x200F, 0x061C)},
    **{code: f"⟦U+{code:04X}⟧" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},
}
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


def visible(text: str) -> str:
    """The text with every character that deceives or acts replaced by one that shows."""
    return text.replace("\r\n", "\n").translate(_UNSEEN)


def exact(text: str) -> Markup:
    """The text as it is, escaped only: for hidden fields, whose value must come back unchanged."""
    return escape(text)


def markdown(text: str) -> Markup:
    """Markdown → HTML that holds text, lists, tables and links to the web, and nothing else."""
    html = _markdown().render(visible(text))
    clean = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer nofollow"
    )
    return Markup(clean)  # noqa: S704 -- nh3 has just cleaned it


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable("image")
    parser.core.ruler.push("deeper_headings", _deepen)
    return parser


def _deepen(state: Any) -> None:
    """A page has one first heading, and it is ours: a document's own begin one level below. Empty headings are none."""
    token: Token
    for at, token in enumerate(state.tokens):
        if token.type == "th_open" and not state.tokens[at + 1].content.strip():
            token.tag = state.tokens[at + 2].tag = "td"  # a heading that says nothing heads nothing
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 1, 6)}"


def said(title: str, by: str) -> Markup:
    """A line of the timeline: who did it and what is quoted stand out, a command stands as code."""
    title, by = visible(title), visible(by)
    for verb in (" asks to run ", " ordered "):
        who, found, command = title.partition(verb)
        if found and who == by:
            return Markup("<b>{}</b>{}<code>{}</code>").format(who, verb, command)
    if by and title.startswith(f"{by} "):
        return Markup("<b>{}</b>{}").format(by, _quoted(title.removeprefix(by)))
    return _quoted(title)


def printed_text(text: str) -> Markup:
    """What a command printed, with the words that tell of trouble standing out."""
    pieces = _TROUBLE.split(visible(text))
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces)
    )


def points(signal: SignalView) -> str:
    """A signal for the script that draws it: its readings with three figures, its threshold, its goal."""
    drawn = [[round(at), float(f"{value:.4g}")] for at, value in signal.points]
    shape = {"points": drawn, "threshold": signal.threshold, "goal": signal.goal, "unit": signal.unit}
    return json.dumps({**shape, "top": charts.top_of(signal)})


def ticked(text: str) -> Markup:
    """A sentence of ours in which `backticks` mark code."""
    pieces = _TICKED.split(visible(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces)
    )


def _quoted(text: str) -> Markup:
    return Markup("").join(
        Markup("“<b>{}</b>”").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(_QUOTED.split(text))
    )


def icon(name: str, label: str = "") -> Markup:
    """An icon of the sprite; without a label it says nothing to a screen reader."""
    sprite = asset("icons.svg")
    if not sprite or not re.fullmatch(r"[a-z0-9-]+", name):
        return Markup("")
    drawing = Markup('<svg class="i" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        sprite, name
    )
    return drawing + (Markup('<span class="sr">{}</span>').format(label) if label else "")


# --- assets --------------------------------------------------------------------------------------------------------


def asset(logical: str) -> str:
    """The URL of an asset; empty where it was not built. Our own source, where it lies beside ``dist``, goes first."""
    source = SOURCES / logical
    if _OWN.fullmatch(logical) and source.is_file():
        return f"/assets/{logical}?v={hashlib.sha256(source.read_bytes()).hexdigest()[:10]}"
    name = manifest().get(logical)
    return f"/assets/{name}" if name else ""


def asset_file(name: str) -> tuple[Path, bool] | None:
    """The file that a URL under ``/assets/`` means, and whether its content can never change; None for any other."""
    if name in manifest().values():
        return DIST / name, True
    if _OWN.fullmatch(name) and (SOURCES / name).is_file():
        return SOURCES / name, False
    return None


def manifest() -> Mapping[str, str]:
    """Logical name → hashed name, as the build wrote it; read anew when a build replaced it."""
    path = DIST / "manifest.json"
    try:
        return _manifest(path.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=2)
def _manifest(_: int) -> Mapping[str, str]:
    names: Mapping[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
    return names


# --- filters -------------------------------------------------------------------------------------------------------


def anchor(step_id: str) -> str:
    """A step's id as the name of a place on the page."""
    return "step-" + re.sub(r"[^a-z0-9]+", "-", step_id.lower().replace("/", "--"))


def clock_of(moment: datetime | None) -> str:
    """``14:32``."""
    return moment.strftime("%H:%M") if moment else ""


def moment_of(moment: datetime | None) -> str:
    """``2026-03-04 14:32:07 UTC``."""
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else ""


def millis(moment: datetime) -> int:
    """Milliseconds since 1970, as scripts count."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def seconds_of(seconds: float) -> str:
    """``2 min 11 s``."""
    return say_duration(timedelta(seconds=seconds))


def number(value: float | None) -> str:
    """``8.3``, ``664``, ``0.004``: three figures are enough for a glance, but 99.95 is not 100."""
    return "–" if value is None else say_value(value)


def _print(value: Any) -> Any:
    if isinstance(value, Markup):
        return value
    return "" if value is None else visible(str(value))


@cache
def environment() -> Environment:
    """The templates with everything that they may call."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_print,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        anchor=anchor, clock=clock_of, exact=exact, markdown=markdown, millis=millis, moment=moment_of, number=number,
        seconds=seconds_of, slug=slug, ticked=ticked, visible=visible,
    )  # fmt: skip
    made.globals.update(
        asset=asset,
        first_line=first_line,
        chart=charts.chart,
        icon=icon,
        panel_chart=charts.panel_chart,
        most_offers=MOST_OFFERS,
        points=points,
        printed_text=printed_text,
        said=said,
        words=words,
    )
    return made


def page(template: str, **values: Any) -> str:
    """A whole page."""
    return environment().get_template(template).render(values)
