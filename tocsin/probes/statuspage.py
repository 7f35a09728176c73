"""Reads how somebody else's service says that it does: a status page of the Statuspage kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from tocsin.errors import Invalid, Unread
from tocsin.plug.addresses import check_networks
from tocsin.plug.kinds import Example, Reading
from tocsin.wire import read_json

EXAMPLES = (
    Example(settings={"url": "https://status.example.org"}),
    Example(settings={"url": "https://status.example.org", "component": "Card payments"}),
)
_INDICATORS: Mapping[str, float] = {"none": 0, "maintenance": 1, "minor": 1, "major": 2, "critical": 3}
_COMPONENTS: Mapping[str, float] = {
    "operational": 0, "under_maintenance": 1, "degraded_performance": 1, "partial_outage": 2, "major_outage": 3,
}  # fmt: skip
_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Statuspage:
    """How bad a supplier says that it is: 0 all is well, 1 minor, degraded or maintenance, 2 major, 3 critical.

    Reads ``/api/v2/summary.json``, which pages of the Statuspage kind serve, and names the open incidents. With
    ``component`` it is that part's own state. It is what they say, which may come late.
    """

    url: Annotated[str, "Address of the status page"]
    component: Annotated[str, "Name of one part of it; empty for the whole"] = ""
    allow: Annotated[bool | tuple[str, ...], "Whether private addresses may be asked, or which networks"] = False

    @property
    def supplier(self) -> str:
        """Whose page it is: its host, and the part of it."""
        host = self.url.partition("://")[2].partition("/")[0]
        return f"{host}: {self.component}" if self.component else host

    def __post_init__(self) -> None:
        check_networks(() if isinstance(self.allow, bool) else self.allow)

    def read(self, now: datetime, timeout: timedelta) -> Reading:
        """0 to 3; raises `Unread` where the page does not answer, or not in that shape."""
        from tocsin.plug.web import NoAnswer, fetch

        url = f"{self.url.rstrip('/')}/api/v2/summary.json"
        try:
            answer = fetch(url, timeout, headers={"accept": "application/json"}, allow=self.allow)
            page = read_json(answer.body) if answer.status == 200 else None
        except NoAnswer as error:
            raise Unread(error.message, error.hint) from None
        except Invalid as error:
            raise Unread(f"no data: {url} does not answer as a status page does: {error.message}") from None
        if not isinstance(page, dict):
            raise Unread(f"no data: {url} answers {answer.status} without a summary.")
        value, said = self._component(page) if self.component else _whole(page)
        names = [str(each.get("name", "")) for each in _entries(page, "incidents")]
        return Reading(value=value, at=now, detail="; ".join(filter(None, [said, *names]))[:_LONGEST])

    def _component(self, page: Mapping[str, Any]) -> tuple[float, str]:
        parts = _entries(page, "components")
        wanted = self.component.strip().casefold()
        found = next((each for each in parts if str(each.get("name", "")).strip().casefold() == wanted), None)
        if found is None:
            known = ", ".join(str(each.get("name")) for each in parts[:20]) or "none"
            raise Unread(f"no data: the page has no component {self.component!r}.", f"Components: {known[:_LONGEST]}.")
        status = str(found.get("status"))
        if status not in _COMPONENTS:
            raise Unread(f"no data: {self.component} is {status[:60]!r}, which is no state that we know.")
        return _COMPONENTS[status], f"{self.component}: {status.replace('_', ' ')}"


def _whole(page: Mapping[str, Any]) -> tuple[float, str]:
    status = page.get("status")
    indicator = status.get("indicator") if isinstance(status, dict) else None
    if not isinstance(status, dict) or str(indicator) not in _INDICATORS:
        raise Unread(f"no data: the page's indicator is {str(indicator)[:60]!r}, which is none that we know.")
    return _INDICATORS[str(indicator)], str(status.get("description", ""))


def _entries(page: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = page.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
