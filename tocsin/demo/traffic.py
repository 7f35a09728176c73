"""The shop's customers: a thread that browses and orders at a steady, bounded rate."""

from __future__ import annotations

import http.client
import itertools
import json
import threading
from collections.abc import Mapping
from typing import Any

BUSY, QUIET = 30.0, 5.0
"""Requests a second while there is something to see, and afterwards."""

_NEW: Mapping[str, Any] = {"name": "new customer", "orders": 0, "spent": 0}
_REGULAR: Mapping[str, Any] = {"name": "regular", "orders": 12, "spent": 64_000}
_BASKET = ({"name": "cup", "cents": 790, "count": 4}, {"name": "teapot", "cents": 2450, "count": 1})
_PATTERN = (None, _NEW, None, _NEW, None, _REGULAR, None, _NEW, None, _NEW)
"""Every second request is an order; four orders of five come from somebody new."""


class Traffic:
    """Customers, until stopped."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="customers", daemon=True)
        self._pause = 1 / BUSY
        self.answered = 0
        self.failed = 0

    def start(self) -> None:
        """Open the doors."""
        self._thread.start()

    def calm(self) -> None:
        """Fewer customers from now on."""
        self._pause = 1 / QUIET

    def stop(self) -> None:
        """Close the doors."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def _run(self) -> None:
        connection: http.client.HTTPConnection | None = None
        for customer in itertools.cycle(_PATTERN):
            if self._stop.wait(self._pause):
                break
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
                self._visit(connection, customer)
            except (OSError, http.client.HTTPException):
                self.failed += 1
                _close(connection)
                connection = None
        _close(connection)

    def _visit(self, connection: http.client.HTTPConnection, customer: Mapping[str, Any] | None) -> None:
        if customer is None:
            connection.request("GET", "/products")
        else:
            connection.request("POST", "/orders", json.dumps({"customer": customer, "basket": _BASKET}))
        answer = connection.getresponse()
        answer.read()
        self.answered += 1
        self.failed += answer.status >= 500


def _close(connection: http.client.HTTPConnection | None) -> None:
    if connection is not None:
        connection.close()
