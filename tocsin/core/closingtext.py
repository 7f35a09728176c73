"""What a post-mortem says of the closing: what was left open, who left it so, and why."""

from __future__ import annotations

from tocsin.core.actiontable import escape
from tocsin.core.incident import Incident
from tocsin.times import say_moment


def body_of(incident: Incident) -> str:
    """As Markdown, without a heading; empty where nothing was left open, or it is not closed."""
    closed = incident.checklist.closed
    if closed is None or not closed.left_open:
        return ""
    head = f"Closed by {escape(closed.by)} at {say_moment(closed.at)} although this was open: {escape(closed.why)}"
    return "\n".join([head, "", *(f"- {escape(each)}" for each in closed.left_open)])
