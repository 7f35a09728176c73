"""The page of the signals: what is measured, how far each threshold has come, what nothing measures."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from tocsin.core.systemhealth import STATES, Check
from tocsin.service import systemhealth
from tocsin.service.access import Caller
from tocsin.service.panels import ORDER, panels
from tocsin.web.frame import app_of, seen, show
from tocsin.web.live import signals_since


@seen
def signals(request: Request, caller: Caller) -> Response:
    """Everything bound and unbound."""
    app = app_of(request)
    live = signals_since(app)  # before the page, so that what is read meanwhile is told
    found = panels(app)
    health = systemhealth.standing(app)
    checks = {each.metric: each for each in health.checks}
    found.sort(key=lambda panel: _place(checks.get(panel.measured.metric)))
    counts = Counter(panel.state for panel in found)
    return show(
        request, caller, "signals.html",
        bound=[panel for panel in found if panel.measured.probe],
        unbound=[panel for panel in found if not panel.measured.probe],
        health=health, checks=checks,
        counts=[(state, counts[state]) for state in ORDER if counts[state]], live=live,
    )  # fmt: skip


def _place(check: Check | None) -> int:
    """What is worst for the system comes first, what nothing measures last."""
    return len(STATES) if check is None else STATES.index(check.state)
