"""Sends one request for an executor and takes its answer: its status, its type, and its body as far as it is text."""

from __future__ import annotations

import codecs
import http
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpcore2

from tocsin.core.httprequest import HttpRequest
from tocsin.core.run import Outcome, RunStatus
from tocsin.errors import Unavailable, Unrunnable
from tocsin.plug.kinds import Emit, Job
from tocsin.plug.masking import MARK, mask_text
from tocsin.plug.printed import Printout
from tocsin.plug.web import USER_AGENT, Cancelled, NoAnswer, TooLate, Watch, answering, headers_of
from tocsin.times import say_duration

MOST_READ = 16 * 1024 * 1024
"""So many bytes of an answer are read, however well they were compressed; then the rest is not asked for."""
_PIECE = 64 * 1024
_CHARSETS = {"iso-8859-1": "latin-1", "latin1": "latin-1", "windows-1252": "cp1252", "utf-16": "utf-16"}
_TEXTS = ("json", "xml", "yaml", "javascript", "graphql", "x-www-form-urlencoded", "csv", "openmetrics")
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_LONGEST_PLACE = 200


@dataclass(slots=True)
class _Answer:
    """What came so far. ``status`` is 0 until the server has answered."""

    status: int = 0
    type: str = ""
    place: str = ""
    left_out: str = ""

    @property
    def said(self) -> str:
        """The status, the type and what is not shown, in words."""
        try:
            phrase = f" {http.HTTPStatus(self.status).phrase}"
        except ValueError:
            phrase = ""
        parts = [f"{self.status}{phrase}", self.type]
        if self.place:
            parts.append(f"leads to {self.place}, which was not followed")
        return ", ".join(part for part in (*parts, self.left_out) if part)


def send(
    job: Job, request: HttpRequest, headers: Mapping[str, str], emit: Emit, cancel: threading.Event
) -> Outcome:  # fmt: skip
    """Send the request with these headers (names in small letters); raises as `Executor.run` does."""
    printout, answer = Printout(emit, job.secrets, job.keep_bytes), _Answer()
    watch = Watch(job.timeout.total_seconds(), cancel.is_set)

    def outcome(status: RunStatus, *notes: str) -> Outcome:
        note = mask_text("; ".join(filter(None, notes)), job.secrets)
        output = printout.finish()
        return Outcome(
            status=status, seconds=round(watch.seconds, 3), output=output, size=printout.size, note=note
        )  # fmt: skip

    if cancel.is_set():
        return outcome("cancelled")
    fault: NoAnswer | None = None
    try:
        with _asked(request, headers, watch) as response:
            _take(response, request.method, answer, printout)
    except NoAnswer as error:
        fault = error
    if fault is None or (answer.status and not job.proved):
        cut = f"the answer broke off: {fault.message.rstrip('.')}" if fault else ""
        return outcome("succeeded" if 200 <= answer.status < 300 else "failed", answer.said, cut)
    return _unanswered(fault, job, watch, outcome)


def _unanswered(fault: NoAnswer, job: Job, watch: Watch, outcome: Callable[..., Outcome]) -> Outcome:
    """How it ended without a whole answer; of what may have changed something, only whether it was sent is known."""
    said = fault.message.rstrip(".")
    if isinstance(fault, Cancelled) and (job.proved or not watch.sent):
        return outcome("cancelled", "cancelled; the answer was not waited for")
    if not job.proved and not watch.sent:
        raise Unrunnable(f"Nothing was sent: {said}.", fault.hint)
    if not job.proved:
        raise Unavailable(f"The request was sent, and no whole answer came: {said}.")
    if isinstance(fault, TooLate):
        return outcome("timed_out", f"no whole answer within its time limit of {say_duration(job.timeout)}")
    return outcome("failed", said)


def _asked(request: HttpRequest, headers: Mapping[str, str], watch: Watch) -> Any:
    host = request.host if request.port == {"http": 80, "https": 443}[request.scheme] else ""
    sent = {"host": host or f"{request.host}:{request.port}", "user-agent": USER_AGENT, "accept": "*/*"}
    sent |= {name: value for name, value in headers.items() if name != "host"}
    sent |= {"accept-encoding": "identity"}
    body = request.body.encode()
    if body or request.method not in ("GET", "HEAD", "OPTIONS"):
        sent["content-length"] = str(len(body))
    target = httpcore2.URL(
        scheme=request.scheme.encode(), host=request.host.strip("[]").encode(), port=request.port,
        target=request.target.encode(),
    )  # fmt: skip
    encoded = [(name.encode(), value.encode()) for name, value in sent.items()]
    return answering(request.method, target, encoded, body, watch, allow=True)


def _take(response: httpcore2.Response, method: str, answer: _Answer, printout: Printout) -> None:
    headers = headers_of(response)
    answer.status = response.status
    kind, _, parameters = headers.get("content-type", "").partition(";")
    answer.type = _plain(kind)
    if 300 <= response.status < 400:
        answer.place = _plain(headers.get("location", ""))
    if method == "HEAD":
        shown = {name: MARK if name == "set-cookie" else value for name, value in headers.items()}
        printout.feed("".join(f"{name}: {value}\n" for name, value in shown.items()).encode("utf-8", "replace"))
        return
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed not in ("identity", "", *_WINDOWS):
        answer.left_out = f"compressed with {_plain(packed)}, so its body is not shown"
    elif answer.type and not _is_text(answer.type):
        answer.left_out = "its body is no text and is not shown"
    else:
        _print(response, packed, _CHARSETS.get(_charset(parameters), "utf-8"), answer, printout)


def _print(response: httpcore2.Response, packed: str, charset: str, answer: _Answer, printout: Printout) -> None:
    """The body up to `MOST_READ`; of what is compressed, no more is unpacked at once than is passed on."""
    room, decoder = MOST_READ, codecs.getincrementaldecoder(charset)("replace")
    for data in _unpacked(response, packed):
        text = data[:room]
        printout.feed(text if charset == "utf-8" else decoder.decode(text).encode("utf-8", "replace"))
        printout.pass_on()
        room -= len(text)
        if len(text) < len(data):
            answer.left_out = f"more than {MOST_READ:,} bytes; the rest was not read"
            return


def _unpacked(response: httpcore2.Response, packed: str) -> Iterator[bytes]:
    """Pieces of the body; raises `NoAnswer` where it is not compressed as it says."""
    if packed not in _WINDOWS:
        yield from response.iter_stream()
        return
    unpacking = zlib.decompressobj(_WINDOWS[packed])
    for piece in response.iter_stream():
        left = piece
        while not unpacking.eof:
            try:
                data = unpacking.decompress(left, _PIECE)
            except zlib.error:
                raise NoAnswer(f"The answer is not {packed}, as it says.") from None
            yield data
            left = unpacking.unconsumed_tail
            if not left and len(data) < _PIECE:
                break


def _is_text(kind: str) -> bool:
    return kind.lower().startswith("text/") or any(part in kind.lower() for part in _TEXTS)


def _charset(parameters: str) -> str:
    found = (part.strip().partition("=") for part in parameters.split(";"))
    return next((value.strip().strip('"').lower() for name, _, value in found if name.strip().lower() == "charset"), "")


def _plain(text: str) -> str:
    """A header's value as it may stand in a note."""
    shown = "".join(letter for letter in text if letter.isprintable()).strip()
    return shown if len(shown) <= _LONGEST_PLACE else f"{shown[:_LONGEST_PLACE]}…"
