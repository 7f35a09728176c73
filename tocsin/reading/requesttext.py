"""Requests over HTTP in a fence that is tagged ``http`` → its segments: titles, requests, and answers that are shown.

The form is the common one: ``GET https://host/path``, headers, a blank line, a body; ``###`` stands between requests.
The words behind it, and lines above a request that begin with ``#`` or ``//``, are its title. An answer begins with
``HTTP/1.1 200``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tocsin.reading.segments import Segment, SegmentKind

TAG = "http"
_REQUEST = re.compile(r"^[A-Z]{3,20}(?:-[A-Z]+)?[ \t]+(?:https?://|/|<|\[|\{|[\w.-]+[.:/])\S*", re.IGNORECASE)
_CAPITALS = re.compile(r"^[A-Z-]+[ \t]")
_ANSWER = re.compile(r"^HTTP/\d(?:\.\d)?[ \t]+\d{3}\b")
_BETWEEN = re.compile(r"^#{3,}(?!#)[ \t]*(?P<title>.*)$")
_COMMENT = re.compile(r"^(?:#|//)[ \t]*(?P<title>.*)$")
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")


def holds_requests(body: Sequence[str]) -> bool:
    """Whether the first line that is no comment begins a request; an answer, or only a path, is something shown."""
    first = next((line.strip() for line in body if line.strip() and not _COMMENT.match(line.strip())), "")
    return _begins(first)


def cut(body: Sequence[str]) -> tuple[Segment, ...]:
    """Every line of the fence that is not blank, in order."""
    done: list[Segment] = []
    at = 0
    while at < len(body):
        line = body[at].strip()
        if not line:
            at += 1
            continue
        title = _BETWEEN.match(line) or _COMMENT.match(line)
        if title:
            done.append(_segment("comment", body, at, at + 1, title["title"].strip()))
        elif _begins(line):
            done.append(_request(body, at))
        else:
            done.append(_segment("output", body, at, _end_of_answer(body, at)))
        at = done[-1].end
    return tuple(done)


def _begins(line: str) -> bool:
    return bool(_REQUEST.match(line) and _CAPITALS.match(line))


def _request(body: Sequence[str], at: int) -> Segment:
    """The request that begins here: up to the next one, an answer or a ``###``; words below belong to its body.

    Only below a request that has no body, a comment begins the next one.
    """
    has_body = not body[at].strip().startswith(_WITHOUT_BODY)
    end, in_body = at + 1, False
    while end < len(body):
        line = body[end].strip()
        if _BETWEEN.match(line) or _ANSWER.match(line) or (not in_body and _begins(line)):
            break
        if not line and not in_body:
            following = next((text.strip() for text in body[end:] if text.strip()), "")
            if not has_body and (_COMMENT.match(following) or _begins(following)):
                break
            in_body = True
        elif not in_body and _COMMENT.match(line):
            break
        end += 1
    while not body[end - 1].strip():
        end -= 1
    return _segment("http", body, at, end)


def _end_of_answer(body: Sequence[str], at: int) -> int:
    """An answer goes on over its blank lines, up to the next ``###`` or request."""
    end = at + 1
    while end < len(body) and not _BETWEEN.match(body[end].strip()) and not _begins(body[end].strip()):
        end += 1
    while not body[end - 1].strip():
        end -= 1
    return end


def _segment(kind: SegmentKind, body: Sequence[str], first: int, end: int, text: str | None = None) -> Segment:
    lines = [line.rstrip() for line in body[first:end]]
    return Segment(kind=kind, first=first, end=end, texts=("\n".join(lines).strip() if text is None else text,))
