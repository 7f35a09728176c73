"""The Atom feed (RFC 4287): an entry for each report, whose content is its updates, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from markupsafe import escape

from tocsin.core.statuspage.documents import page_id, stamp
from tocsin.core.statuspage.model import Public, Report
from tocsin.web.render import visible

MOST = 50


def feed(public: Public, url: str, known: datetime, words: Mapping[str, str]) -> bytes:
    """The feed; links are absolute where the page's own address is configured."""
    reports = sorted(public.reports, key=_changed, reverse=True)[:MOST]
    newest = _changed(reports[0]) if reports else min(public.known.values(), default=known)
    own = f'<link rel="self" href="{escape(url)}/history.atom"/><link href="{escape(url)}/"/>' if url else ""
    name = page_id(public)
    head = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>urn:tocsin:status:{name}</id><title>{_text(public.page.name)}</title>{own}"
        f"<updated>{stamp(newest)}</updated><author><name>{_text(public.page.name)}</name></author>\n"
    )
    return (head + "".join(_entry(each, name, url, words) for each in reports) + "</feed>\n").encode()


def _entry(report: Report, name: str, url: str, words: Mapping[str, str]) -> str:
    link = f'<link href="{escape(url)}/incidents/{report.id}.html"/>' if url else ""
    said = "\n\n".join(
        f"{words[post.stage]} ({post.at:%Y-%m-%d %H:%M} UTC): {post.text}" for post in reversed(report.posts)
    )
    return (
        f"<entry><id>urn:tocsin:status:{name}:{report.id}</id><title>{_text(report.title)}</title>{link}"
        f"<published>{stamp(report.created_at)}</published><updated>{stamp(_changed(report))}</updated>"
        f'<content type="text">{_text(said)}</content></entry>\n'
    )


def _changed(report: Report) -> datetime:
    return report.posts[-1].at if report.posts else report.created_at


def _text(text: str) -> str:
    """Without what XML can't hold, and without what deceives."""
    return str(escape("".join(letter for letter in visible(text) if letter.isprintable() or letter in "\n\t")))
