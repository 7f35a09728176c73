"""The page as other programs read it: the shapes of Statuspage's public API v2.

Source: the JSON that pages of Atlassian Statuspage serve below ``/api/v2/`` (developer.statuspage.io, status API).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from tocsin.core.statuspage.model import IMPACTS, Affected, Component, Post, Public, Report, State, indicator, worst
from tocsin.ids import digest, slug

Document = dict[str, Any]
STATUSES: Mapping[State, str] = {
    "operational": "operational", "maintenance": "under_maintenance", "degraded": "degraded_performance",
    "partial": "partial_outage", "major": "major_outage",
}  # fmt: skip
WORDS: Mapping[State, str] = {state: words.replace("_", " ") for state, words in STATUSES.items()}
"""How a component's state is said to people."""
SENTENCES: Mapping[str, str] = {
    "none": "All systems work", "maintenance": "Maintenance goes on", "minor": "Something is amiss",
    "major": "Some systems are disrupted", "critical": "Some systems are down",
}  # fmt: skip


def documents(public: Public, url: str, now: datetime) -> dict[str, Document]:
    """Path below ``/api/v2/`` → document."""
    page = _page(public, url, now)
    incidents = sorted((r for r in public.reports if r.kind == "incident"), key=attrgetter("begun_at"), reverse=True)
    plans = sorted((r for r in public.reports if r.kind == "maintenance"), key=attrgetter("begun_at"), reverse=True)
    ahead = [each for each in plans if each.stage(now) == "scheduled"]
    active = [each for each in plans if each.stage(now) == "in_progress"]

    def told(reports: list[Report]) -> list[Document]:
        return [report_document(public, each, url, now) for each in reports]

    status = status_document(public, now)
    parts = [_component(public, component, place, now) for place, component in enumerate(public.page.components, 1)]
    parts += _groups(public, now)
    unresolved = told([each for each in incidents if each.open(now)])
    upcoming = told([*active, *ahead])
    return {
        "status.json": {"page": page, "status": status},
        "summary.json": {
            "page": page, "status": status, "components": parts, "incidents": unresolved,
            "scheduled_maintenances": upcoming,
        },
        "components.json": {"page": page, "components": parts},
        "incidents.json": {"page": page, "incidents": told(incidents[:50])},
        "incidents/unresolved.json": {"page": page, "incidents": unresolved},
        "scheduled-maintenances.json": {"page": page, "scheduled_maintenances": told(plans[:50])},
        "scheduled-maintenances/upcoming.json": {"page": page, "scheduled_maintenances": told(ahead)},
        "scheduled-maintenances/active.json": {"page": page, "scheduled_maintenances": told(active)},
    }  # fmt: skip


def status_document(public: Public, now: datetime) -> Document:
    """``{indicator, description}``."""
    word = indicator(public, now)
    return {"indicator": word, "description": SENTENCES[word]}


def messages_document(public: Public, now: datetime) -> Document:
    """What users of components read where they meet them, and whether health checks answer 503 now."""
    offline = public.offline(now)
    windows = [each for each in public.reports if each.offline and each.open(now)]
    return {
        "maintenance": offline is not None,
        "until": stamp(offline.over_at) if offline else None,
        "title": offline.title if offline else None,
        "windows": [
            {"title": each.title, "from": stamp(each.begun_at), "until": stamp(each.over_at)} for each in windows
        ],
        "messages": [
            {"component": component.id, "name": component.name, "state": found.state, "text": found.message}
            for component, found, _ in public.messages(now)
        ],
    }


def report_document(public: Public, report: Report, url: str, now: datetime) -> Document:
    """An incident or a maintenance."""
    maintenance = report.kind == "maintenance"
    over = report.over_at
    last = report.posts[-1].at if report.posts else report.created_at
    monitoring = next((post.at for post in report.posts if post.stage == "monitoring"), None)
    touched = {name for post in report.posts for name in post.components}
    found: Document = {
        "id": report.id, "name": report.title, "status": report.stage(now),
        "impact": "maintenance" if maintenance else _impact(report),
        "shortlink": f"{url}/incidents/{report.id}.html" if url else f"incidents/{report.id}.html",
        "started_at": stamp(report.begun_at), "created_at": stamp(report.created_at), "updated_at": stamp(last),
        "monitoring_at": stamp(monitoring), "resolved_at": stamp(over) if over and over <= now else None,
        "page_id": page_id(public),
        "incident_updates": [_update(public, report, place) for place in range(len(report.posts))][::-1],
        "components": [
            _component(public, component, place, now)
            for place, component in enumerate(public.page.components, 1) if component.id in touched
        ],
    }  # fmt: skip
    if maintenance:
        found |= {"scheduled_for": stamp(report.begun_at), "scheduled_until": stamp(report.over_at)}
    return found


def page_id(public: Public) -> str:
    """A name of the page that stays while it is called the same."""
    return digest(public.page.name)[7:19]


def stamp(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds, as Statuspage writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z" if moment else None


def _page(public: Public, url: str, now: datetime) -> Document:
    moments = [post.at for report in public.reports for post in report.posts]
    newest = max(moments, default=min(public.known.values(), default=now))
    return {
        "id": page_id(public), "name": public.page.name, "url": url, "time_zone": public.page.zone,
        "updated_at": stamp(newest),
    }  # fmt: skip


def _component(public: Public, component: Component, place: int, now: datetime) -> Document:
    begun = public.known.get(component.id)
    changed = [post.at for report in public.reports for post in report.posts if component.id in post.components]
    return {
        "id": component.id, "name": component.name, "status": STATUSES[public.state(component.id, now)],
        "created_at": stamp(begun), "updated_at": stamp(max(changed, default=begun) if begun or changed else None),
        "position": place, "description": component.says or None, "showcase": True,
        "start_date": begun.date().isoformat() if begun else None,
        "group_id": f"group-{slug(component.group)}" if component.group else None, "page_id": page_id(public),
        "group": False, "only_show_if_degraded": False,
    }  # fmt: skip


def _groups(public: Public, now: datetime) -> list[Document]:
    names = list(dict.fromkeys(each.group for each in public.page.components if each.group))
    found = []
    for place, name in enumerate(names, len(public.page.components) + 1):
        members = [each for each in public.page.components if each.group == name]
        state = worst([public.state(each.id, now) for each in members])
        parts = [_component(public, each, 0, now) for each in members]
        begun = min((part["created_at"] for part in parts if part["created_at"]), default=None)
        changed = max((part["updated_at"] for part in parts if part["updated_at"]), default=None)
        found.append({
            "id": f"group-{slug(name)}", "name": name, "status": STATUSES[state],
            "created_at": begun, "updated_at": changed, "position": place, "description": None, "showcase": False,
            "start_date": None, "group_id": None, "page_id": page_id(public), "group": True,
            "only_show_if_degraded": False, "components": [each.id for each in members],
        })  # fmt: skip
    return found


def _update(public: Public, report: Report, place: int) -> Document:
    post = report.posts[place]
    before = report.posts[place - 1].components if place else {}
    return {
        "id": f"{report.id}-{post.seq}", "status": post.stage, "body": post.text, "incident_id": report.id,
        "created_at": stamp(post.at), "updated_at": stamp(post.at), "display_at": stamp(post.at),
        "affected_components": _changes(public, before, post) or None, "deliver_notifications": True,
    }  # fmt: skip


def _changes(public: Public, before: Mapping[str, Affected], post: Post) -> list[Document]:
    names = {each.id: each.name for each in public.page.components}
    return [
        {
            "code": code, "name": names.get(code, code), "old_status": _status_of(before, code),
            "new_status": _status_of(post.components, code),
        }
        for code in dict.fromkeys((*before, *post.components))
    ]  # fmt: skip


def _status_of(affected: Mapping[str, Affected], code: str) -> str:
    found = affected.get(code)
    return STATUSES[found.state if found else "operational"]


def _impact(report: Report) -> str:
    return IMPACTS[report.worst]
