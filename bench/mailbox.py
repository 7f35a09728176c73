"""A mail server in a process of its own (``python -m bench.mailbox``): its port, then a JSON line for each mail."""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
import time
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

_NUMBER = re.compile(r"\bnumber (\d+)")


class Inbox:
    """Tells of each mail when it was taken, by the clock that all processes share, and which probe it is about."""

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        at = time.monotonic()
        mail = message_from_bytes(envelope.content, policy=policy.default)
        found = _NUMBER.search(str(mail.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
        line = {"at": at, "subject": str(mail["Subject"]), "number": int(found[1]) if found else None}
        print(json.dumps(line), flush=True)
        return "250 taken"


def main() -> None:
    """Serve until the end of the standard input."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Inbox(), hostname="127.0.0.1", port=port)
    controller.start()
    print(json.dumps({"port": port}), flush=True)
    done = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
    done.wait()
    controller.stop()


if __name__ == "__main__":
    main()
