"""A real Prometheus to compare with: filled by remote write, which takes marks of an end as they are."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.promql.data import Line
from tocsin.promql import Labels

Answer = float | dict[Labels, float] | None
"""A number, series with a number each, or None where Prometheus refuses."""


def program() -> str | None:
    """The server, where it is installed."""
    return shutil.which("prometheus")


@dataclass
class Oracle:
    """A running server."""

    port: int

    def ask(self, expression: str, now: int) -> Answer:
        """Its answer to an instant query at a moment (ms)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", f"/api/v1/query?{urlencode({'query': expression, 'time': f'{now / 1000:.3f}'})}")
        body = json.loads(connection.getresponse().read())
        connection.close()
        if body["status"] != "success":
            return None
        result = body["data"]["result"]
        if body["data"]["resultType"] == "scalar":
            return float(result[1])
        return {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in result}

    def write(self, lines: list[Line]) -> None:
        """Store every sample, the oldest first."""
        rows = sorted((at, number, value) for number, line in enumerate(lines) for at, value in _numbered(line))
        for start in range(0, len(rows), 5_000):
            self._post(_write_request(lines, rows[start : start + 5_000]))

    def _post(self, message: bytes) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "content-type": "application/x-protobuf", "content-encoding": "snappy",
            "x-prometheus-remote-write-version": "0.1.0",
        }  # fmt: skip
        connection.request("POST", "/api/v1/write", _snappy(message), headers)
        answer = connection.getresponse()
        told = answer.read()
        connection.close()
        assert answer.status == 204, told


@contextmanager
def running(folder: Path) -> Iterator[Oracle]:
    """Start an empty server; it is stopped at the end."""
    binary = program()
    assert binary is not None
    folder.mkdir()
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 15s, evaluation_interval: 1m}\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [binary, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
         "--storage.tsdb.retention.time=100y", "--web.enable-remote-write-receiver",
         f"--web.listen-address=127.0.0.1:{port}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_until_ready(server, port)
        yield Oracle(port)
    finally:
        server.terminate()
        server.wait(30)


def _wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/-/ready")
            ready = connection.getresponse().status == 200
            connection.close()
        except OSError:
            ready = False
        if ready:
            return
        try:
            server.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError("Prometheus did not start")


def _numbered(line: Line) -> list[tuple[int, Any]]:
    return [(at, struct.pack("<d", value)) for at, value in line.samples]


# --- the remote-write message (prometheus/prometheus prompb/remote.proto), and snappy without any compression ---------


def _write_request(lines: list[Line], rows: list[tuple[int, int, bytes]]) -> bytes:
    by_line: dict[int, list[tuple[int, bytes]]] = {}
    for at, number, value in rows:
        by_line.setdefault(number, []).append((at, value))
    return b"".join(_field(1, _series(lines[number], samples)) for number, samples in by_line.items())


def _series(line: Line, samples: list[tuple[int, bytes]]) -> bytes:
    labels = b"".join(_field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in line.labels)
    return labels + b"".join(_field(2, b"\x09" + value + b"\x10" + _varint(at)) for at, value in samples)


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _snappy(data: bytes) -> bytes:
    out = bytearray(_varint(len(data)))
    for start in range(0, len(data), 65_536):
        piece = data[start : start + 65_536]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return bytes(out)
