"""The status page from its cache: 5,000 requests a second while 500 alerts a second come in; and what a page weighs.

The readers are two processes of their own (``python -m bench.statuspage PORT PATH …``), which send at a fixed rate over
connections that stay open; an answer's time counts from the moment at which its request was due, so a server that
stalls is not let off. The alerts come from `bench.load`, one to a request.
"""

from __future__ import annotations

import argparse
import gzip
import json
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

from bench.node import TOKEN, Node, a_node, a_sink

LIMITS = {"requests_per_s": 4_900.0, "p99_ms": 20.0, "weighs_kb": 60.0, "alerts_per_s": 475.0}
A_SECOND, ALERTS_A_SECOND, SECONDS, READERS = 5_000, 500, 20.0, 2
COMPONENTS, MAINTENANCES = 20, 5
STATUS = """
[status]
name = "Bench status"
says = "How the ovens are"
"""
COMPONENT = """
[[status.components]]
name = "Oven {number}"
group = "Bakery {group}"
says = "What comes out of it, and how warm it is"
"""


def run() -> dict[str, Any]:
    """Rate, p50 and p99 of the readers, the rate of alerts beside them, and the weight of the largest page."""
    with a_sink() as sink, tempfile.TemporaryDirectory() as made, a_node(Path(made), sink) as node:
        parts = "".join(COMPONENT.format(number=number, group=number % 4) for number in range(COMPONENTS))
        with (node.folder / "tocsin.toml").open("a", encoding="utf-8") as config:
            config.write(STATUS + parts)
        node.start()
        _furnish(node)
        weights = _weigh(node)
        alone = _read(node)
        alerts = _alerts(node)
        time.sleep(2.0)
        beside = _read(node)
        took = _ended(alerts)
        node.stop()
    kept = (
        beside["requests_per_s"] >= LIMITS["requests_per_s"] and beside["p99_ms"] < LIMITS["p99_ms"]
        and took["events_per_s"] >= LIMITS["alerts_per_s"] and weights["kb"] < LIMITS["weighs_kb"]
        and not beside["faults"]
    )  # fmt: skip
    return {
        "components": COMPONENTS, "alone": alone, "beside_alerts": beside, "alerts": took, "weighs": weights,
        "limits": LIMITS, "kept": kept,
    }  # fmt: skip


def _furnish(node: Node) -> None:
    """An incident with five updates, and maintenance ahead."""
    _made(node.call("POST", "/api/v1/incidents", {"title": "inside", "severity": "P1"}))
    for number in range(5):
        body = {
            "title": "Bread is late", "stage": "investigating", "components": {"oven-1": "major", "oven-2": "degraded"},
            "messages": {"oven-1": "Ask at the counter"}, "text": f"Update {number}. " + "We look at the ovens. " * 12,
        }  # fmt: skip
        _made(node.call("POST", "/api/v1/incidents/INC-1/publish", body))
    for number in range(MAINTENANCES):
        body = {
            "title": f"New bricks {number}", "text": "The oven is cold then. " * 8, "components": [f"oven-{number}"],
            "starts_at": f"{time.gmtime().tm_year}-12-31T{number:02d}:00", "lasts": "1h", "messages": {},
        }  # fmt: skip
        _made(node.call("POST", "/api/v1/status-page/maintenance", body))
    deadline = time.perf_counter() + 10
    while "New bricks 4" not in str(node.call("GET", "/status/")[1]):
        if time.perf_counter() > deadline:
            raise RuntimeError("The page never showed what was published.")
        time.sleep(0.05)


def _made(answer: tuple[int, Any]) -> None:
    if not 200 <= answer[0] < 300:
        raise RuntimeError(str(answer[1]))


def _weigh(node: Node) -> dict[str, float]:
    """All that a browser loads: the page with its style, and its icon."""
    page = str(node.call("GET", "/status/")[1]).encode()
    icon = str(node.call("GET", "/status/icon.svg")[1]).encode()
    whole = len(page) + len(icon)
    return {"kb": round(whole / 1000, 1), "kb_on_the_wire": round(len(gzip.compress(page, 9)) / 1000, 1)}


def _alerts(node: Node) -> subprocess.Popen[str]:
    words = ["--port", str(node.port), "--token", TOKEN, "--rate", str(ALERTS_A_SECOND), "--connections", "16"]
    words += [
        "--events",
        str(int(ALERTS_A_SECOND * (SECONDS + 4))),
        "--seconds",
        str(SECONDS + 4),
        "--prefix",
        "beside",
    ]
    return subprocess.Popen([sys.executable, "-m", "bench.load", *words], stdout=subprocess.PIPE, text=True)


def _ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    said, _ = process.communicate(timeout=60)
    found: dict[str, Any] = json.loads(said)
    return {key: found[key] for key in ("events_per_s", "p50_ms", "p99_ms", "statuses")}


def _read(node: Node) -> dict[str, Any]:
    words = ["--port", str(node.port), "--rate", str(A_SECOND / READERS), "--seconds", str(SECONDS)]
    command = [sys.executable, "-m", "bench.statuspage", *words]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    parts = [json.loads(reader.communicate(timeout=SECONDS + 60)[0]) for reader in readers]
    waits = sorted(wait for part in parts for wait in part["waits_ms"])
    return {
        "requests_per_s": round(sum(part["good"] / part["seconds"] for part in parts), 0),
        "p50_ms": waits[len(waits) // 2], "p99_ms": waits[int(len(waits) * 0.99)], "max_ms": waits[-1],
        "faults": sum(part["faults"] for part in parts),
    }  # fmt: skip


def drive(port: int, path: str, rate: float, seconds: float, connections: int = 24) -> dict[str, Any]:
    """Send at a fixed rate; every wait counts from when its request was due."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\nAccept-Encoding: gzip, br\r\n"
        "User-Agent: bench\r\n\r\n"
    ).encode()
    poll, links, idle = select.epoll(), dict[int, socket.socket](), deque[int]()
    for _ in range(connections):
        link = socket.create_connection(("127.0.0.1", port))
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        links[link.fileno()] = link
        idle.append(link.fileno())
        poll.register(link.fileno(), select.EPOLLIN)
    begun = time.perf_counter() + 0.1
    waits, due_of, got, faults, sent = list[float](), dict[int, float](), dict[int, bytearray](), 0, 0
    most = int(rate * seconds)
    while sent < most or due_of:
        now = time.perf_counter()
        if now > begun + seconds + 20:
            break
        while sent < most and idle and begun + sent / rate <= now:
            number = idle.popleft()
            due_of[number], got[number] = begun + sent / rate, bytearray()
            links[number].sendall(request)
            sent += 1
        pause = begun + sent / rate - time.perf_counter() if idle and sent < most else 0.5
        for number, _ in poll.poll(max(0.0, min(pause, 0.5))):
            data = links[number].recv(262_144)
            got[number] += data
            if not data or _whole(got[number]):
                waits.append(time.perf_counter() - due_of.pop(number))
                faults += not got[number].startswith(b"HTTP/1.1 200 ")
                idle.append(number)
    took = time.perf_counter() - begun
    rounded = [round(wait * 1000, 2) for wait in waits]
    return {"good": len(waits) - faults, "faults": faults + len(due_of), "seconds": took, "waits_ms": rounded}


def _whole(data: bytearray) -> bool:
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = bytes(data[:end]).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r", 1)[0])
    return len(data) >= end + 4 + length


def main(arguments: list[str]) -> int:
    """One reader: drive, and print how it went."""
    parser = argparse.ArgumentParser(prog="python -m bench.statuspage")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/status/")
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args(arguments)
    print(json.dumps(drive(options.port, options.path, options.rate, options.seconds)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
