"""``POST /api/v1/samples``: samples that programs send, because nobody could scrape them in time."""

from __future__ import annotations

from starlette.responses import Response

from tocsin.errors import Invalid, WrongType
from tocsin.service import sampling
from tocsin.web.endpoints import Call, Endpoint, give


def take(call: Call) -> Response:
    """Keep what was sent, all or nothing."""
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "text/plain":
        raise WrongType(f"The body is {kind[:100] or 'of no type'!r}.", "Send Content-Type: text/plain.")
    try:
        text = call.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("The body is not UTF-8 text.") from None
    return give({"kept": sampling.push(call.app, call.caller.name, text)}, 202)


ENDPOINTS = (
    Endpoint(
        method="POST", path="/api/v1/samples", door="intake", role="agent", serve=take, status=202,
        says="Keep samples in the Prometheus text format, for signals with probe = \"promql\".", gives=dict[str, int],
    ),
)  # fmt: skip
