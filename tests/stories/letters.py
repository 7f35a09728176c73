"""A real mail server and a real receiver of webhooks for a story, each on a free port of this machine."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

SECRET = "whsec_dG9jc2luLXN0b3J5LXNlY3JldC0wMDAwMDE="


@dataclass(frozen=True, slots=True)
class Letter:
    """What arrived: at which address or channel, under which subject, with which text."""

    to: str
    subject: str
    text: str


class _Mail:
    def __init__(self, got: list[Letter]) -> None:
        self._got = got

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the mail."""
        mail = cast("EmailMessage", message_from_bytes(cast("bytes", envelope.content), policy=policy.default))
        part = mail.get_body(("plain",))
        text = str(part.get_content()).replace("\r\n", "\n") if part else ""
        self._got.extend(Letter(to, str(mail["Subject"]), text) for to in envelope.rcpt_tos)
        return "250 OK"


class Letters:
    """Takes mails by SMTP and posts by HTTP for as long as the story lasts."""

    def __init__(self) -> None:
        self.got: list[Letter] = []
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["content-length"])))["data"]
                got.append(Letter(told["to"], told["subject"], told["body"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._hook = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._hook.daemon_threads = True
        self._thread = threading.Thread(target=self._hook.serve_forever, args=(0.01,), name="story-hook")
        self._thread.start()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._mail = Controller(_Mail(got), hostname="127.0.0.1", port=self._port)
        self._mail.start()

    def configured(self, text: str) -> str:
        """The story's toml, with what only this machine knows."""
        mail = f'kind = "smtp"\nhost = "127.0.0.1"\nport = {self._port}\nsender = "tocsin@example.org"\n'
        mail += 'security = "none"\n'
        url = f"http://127.0.0.1:{self._hook.server_address[1]}/"
        hook = f'kind = "webhook"\nurl = "{url}"\nallow = true\nsecret = "{SECRET}"\n'
        text = text.replace("[notifiers.letters]\n", f"[notifiers.letters]\n{mail}")
        return text.replace("[notifiers.hook]\n", f"[notifiers.hook]\n{hook}")

    def close(self) -> None:
        """Take nothing any more."""
        self._mail.stop()
        self._hook.shutdown()
        self._hook.server_close()
        self._thread.join()
