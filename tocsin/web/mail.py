"""E-mails as alerts: a small mail server on loopback, to which the real one hands what is for a source.

A recipient is ``NAME@any.domain``, or ``NAME+TOKEN@any.domain`` where the source asks for a token; replies to pages
come to the mailbox of ``[answers]`` (`tocsin.service.mailanswers`). An e-mail that was answered with 250 is on disk.
Needs aiosmtpd (``tocsin[mail]``).
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tocsin.app import App
from tocsin.errors import Invalid, Refused, TocsinError, Unauthorized, Unavailable
from tocsin.plug.kinds import Inbound
from tocsin.service import mailanswers
from tocsin.sources.email import LARGEST, Email
from tocsin.web.overload import Waterline
from tocsin.web.server import listen
from tocsin.web.webhooks import hand_in

log = logging.getLogger("tocsin.web")
MOST_RECIPIENTS = 20
TAKEN = "250 2.0.0 taken"


class Postbox:
    """What the mail server asks; the names of the methods are aiosmtpd's."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._waterline = Waterline()

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Take a recipient that is a source for e-mails."""
        del server, session, options
        name, _ = _addressed(address)
        answers = mailanswers.for_us(self._app, address) is not None
        if not answers and not isinstance(self._app.settings.sources.get(name), Email):
            return f"550 5.1.1 There is no source for e-mails called {name[:60]!r}"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Hand an e-mail to its sources; any of them that can't take it now has it sent again to all."""
        del server, session
        return await asyncio.to_thread(self._take, bytes(envelope.content or b""), list(envelope.rcpt_tos))

    def _take(self, body: bytes, recipients: list[str]) -> str:
        try:
            self._waterline.check(self._app)
            for address in recipients:
                self._hand_in(body, address)
        except Unauthorized as error:
            return f"550 5.7.1 {_line(error.message)}"
        except Invalid as error:
            return f"554 5.6.0 {_line(error.message)}"
        except TocsinError as error:
            return f"451 4.3.0 {_line(error.message)}"
        except Exception:
            log.exception("An e-mail could not be taken.")
            return "451 4.3.0 Something went wrong here; it is in the log"
        return TAKEN

    def _hand_in(self, body: bytes, address: str) -> None:
        answer = mailanswers.for_us(self._app, address)
        if answer is not None:
            mailanswers.take(self._app, body, answer)
            return
        name, token = _addressed(address)
        query = {"token": token} if token else {}
        inbound = Inbound(body=body, headers={}, query=query, received_at=self._app.clock.now())
        try:
            hand_in(self._app, name, self._app.settings.sources[name], inbound)
        except Unavailable:
            raise
        except Refused:
            return  # taken already: a mail server that did not hear so sends it again


@contextmanager
def taking_mail(app: App) -> Iterator[tuple[str, int] | None]:
    """Take e-mails where the configuration says so, and tell where; raises `Unavailable` where that can't be."""
    if app.settings.mail_listen is None:
        yield None
        return
    host, port = app.settings.mail_listen
    try:
        listening = listen(host, port)
    except Unavailable as error:
        said = f"E-mails can't be taken at {host}: {error.message}"
        raise Unavailable(said, "Change [intake.mail] listen, or stop what runs there.") from None
    with closing(listening):
        controller = _controller(app, listening)
        controller.start()
        try:
            yield host, int(listening.getsockname()[1])
        finally:
            controller.stop()


def _controller(app: App, listening: socket.socket) -> Any:
    """aiosmtpd's server in a thread of its own, over a socket that listens already."""
    try:
        from aiosmtpd.controller import Controller
    except ImportError:
        raise Unavailable("Taking e-mails needs the aiosmtpd library.", "Run: pip install 'tocsin[mail]'") from None

    class Listening(Controller):
        def _create_server(self) -> Any:
            return self.loop.create_server(self._factory_invoker, sock=listening)

    host, port = listening.getsockname()[:2]
    return Listening(
        Postbox(app), hostname=host, port=port, data_size_limit=LARGEST, ident="Tocsin", ready_timeout=10.0
    )


def _addressed(address: str) -> tuple[str, str]:
    """The source's name and the token in a recipient's address."""
    local = address.strip("<>").rpartition("@")[0] or address
    name, _, token = local.partition("+")
    return name.lower(), token


def _line(text: str) -> str:
    return "".join(letter if letter.isprintable() and letter.isascii() else "?" for letter in text)[:200]
