"""Several messages become one: what would be the fifth word in a minute waits a little for its fellows.

The first page of an incident is never one of them.
"""

from __future__ import annotations

from dataclasses import replace

from tocsin.core.notices import Notice, Part

MOST_LISTED = 30


def bundled(first: Notice, more: Notice) -> Notice:
    """The bundle with one more message in it; ``first`` may be a message that is none yet."""
    parts = first.parts or (_part(first),)
    beyond = first.beyond
    if len(parts) < MOST_LISTED:
        parts = (*parts, _part(more))
    else:
        beyond += 1
    amount = len(parts) + beyond
    lines = [f"{part.subject} ({part.why})" if part.why else part.subject for part in parts]
    if beyond:
        lines.append(f"and {beyond} more, which stand on the timelines")
    head = f"{amount} messages came so fast that they are one:"
    return replace(
        first, parts=parts, beyond=beyond, subject=f"{amount} messages, the last: {more.subject}",
        body="\n".join([head, "", *lines, "", more.url or f"tocsin incident show {more.incident}"]),
        url=more.url, severity=more.severity, drill=first.drill and more.drill, status=more.status,
    )  # fmt: skip


def _part(notice: Notice) -> Part:
    return Part(id=notice.id, incident=notice.incident, subject=notice.subject, why=notice.why)
