"""Sends requests over HTTP: what a runbook writes in a fence that is tagged ``http``."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from tocsin.core.httprequest import HttpRequest, Unreadable, authority_of, filled, parse
from tocsin.core.run import Outcome
from tocsin.errors import Invalid, Unrunnable
from tocsin.plug.kinds import Emit, Example, Job, Secret

EXAMPLES = (
    Example(settings={"base_url": "https://shop.example", "headers": {"Authorization": "Bearer not-a-real-one"}}),
    Example(settings={"hosts": ["status.shop.example", "ovens.example:8443", "*.bakery.example"]}),
)
_HOST = re.compile(r"(?:\*\.)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_ASKED = re.compile(r"\S+[ \t]+(?:(?P<origin>https?://[^/?#\s]+)|(?P<path>/))", re.IGNORECASE)
_VALUE = re.compile(r"[\x20-\x7e\t]*")
_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Sends requests over HTTP to servers that are named here, and shows what they answer.

    A status from 200 to 299 is a success, every other one a failure that says it. No redirect is followed, no proxy of
    the environment is used, certificates are verified by the system's authorities. Where the connection breaks after a
    request that may change something was sent, it is in doubt.
    """

    base_url: Annotated[str, "Where requests with a path alone go, such as https://shop.example"] = ""
    hosts: Annotated[tuple[str, ...], "Other servers that may be asked: a name, name:port, or *.name"] = ()
    headers: Annotated[
        Mapping[str, Secret], "Headers that only the server of base_url gets, such as Authorization; best `env:NAME`"
    ] = field(default_factory=dict)
    takes: ClassVar[frozenset[str]] = frozenset({"http"})

    def __post_init__(self) -> None:
        """Refuse what could send a request, or a secret, somewhere else than was meant."""
        if not self.base_url and not self.hosts:
            raise Invalid("Nothing says which servers may be asked.", "Name base_url, hosts or both.")
        if self.base_url and (not authority_of(self.base_url)[0] or re.search(r"[?#]", self.base_url)):
            raise Invalid(f"{self.base_url!r} is no address.", "Begin it with https://, and leave ? and # out.")
        for host in self.hosts:
            if not _HOST.fullmatch(host):
                raise Invalid(f"{host!r} is no server.", "Write a name, name:port or *.name.")
        if self.headers and not self.base_url:
            raise Invalid("Headers are only sent to the server of base_url.", "Name it.")
        for name, secret in self.headers.items():
            parse(f"GET https://any.example/\n{name}: x")
            if not _VALUE.fullmatch(secret.value):
                raise Invalid(f"The value of the header {name} is not one line of plain ASCII.")

    @property
    def whereabouts(self) -> Mapping[str, str]:
        """Which headers are sent beside the request's own; their values are secrets."""
        return {"headers": " ".join(self.headers)} if self.headers else {}

    def reaches(self, command: str) -> bool:
        """Whether a request, whose gaps may be open, goes to a server that is named here."""
        asked = _ASKED.match(command)
        if asked is None or asked["path"]:
            return asked is None or bool(self.base_url)
        try:
            return self._may_ask(authority_of(asked["origin"]))
        except Unreadable:
            return True  # a gap: which server it is, is told before it is asked

    def run(self, job: Job, emit: Emit, cancel: threading.Event) -> Outcome:
        """Send it and take the answer; raises `Unrunnable` where certainly nothing was sent.

        Raises `Unavailable` where a request that is not proved to read was sent and nobody knows how it ended.
        """
        if job.kind != "http":
            raise Unrunnable(f"A step of kind {job.kind!r} is not a request over HTTP.", "Give it another target.")
        try:
            request = parse(job.command)
        except Unreadable as error:
            raise Unrunnable(error.message, error.hint) from None
        if not request.scheme:
            raise Unrunnable("The request has a path alone.", "Name base_url for its target.")
        if not self._may_ask(request.origin):
            hint = "Name it in `hosts` of the target, if it is meant."
            raise Unrunnable(f"{request.host} is not a server that this target may ask.", hint)
        headers = self._headers(request, job.env)
        from tocsin.plug.requesting import send  # its imports take a tenth of a second

        return send(job, request, headers, emit, cancel)

    def _may_ask(self, origin: tuple[str, str, int]) -> bool:
        scheme, host, port = origin
        if self.base_url and origin == authority_of(self.base_url):
            return True
        for each in self.hosts:
            name, _, number = each.lower().rpartition(":") if re.search(r":\d+$", each) else (each.lower(), "", "")
            fits = host.endswith(name[1:]) if name.startswith("*.") else host == name
            if fits and port == (int(number) if number else _USUAL[scheme]):
                return True
        return False

    def _headers(self, request: HttpRequest, env: Mapping[str, str]) -> dict[str, str]:
        """The request's headers with its variables, and this target's own where they belong."""
        unset = [name for name in request.variables if name not in env]
        if unset:
            raise Unrunnable(f"`${unset[0]}` has no value here.", "Name it in `env` of the target, and set it.")
        headers = {name: filled(value, env) for name, value in request.headers}
        if self.base_url and request.origin == authority_of(self.base_url):
            own = {name.lower(): secret.value for name, secret in self.headers.items()}
            twice = next((name for name in own if name in headers), "")
            if twice:
                raise Unrunnable(f"The target sets the header `{twice}` itself.", "Leave it out of the request.")
            headers |= own
        odd = next((name for name, value in headers.items() if not _VALUE.fullmatch(value)), "")
        if odd:
            raise Unrunnable(f"The value of the header `{odd}` is not one line of plain ASCII.", "Mend the variable.")
        return headers
