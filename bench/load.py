"""Load over HTTP on raw sockets: every connection sends its next request when its last one was answered.

A process of its own (``python -m bench.load ARGUMENTS``, one JSON line), so that it shares no interpreter with anybody.
Requests are built before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import select
import socket
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import Any

NAMES = 100


def events(count: int, repeated: float, seed: int = 1) -> list[int]:
    """Numbers of alerts; a share of them repeats an earlier one."""
    dice, found, newest = random.Random(seed), [], 0
    for _ in range(count):
        if newest and dice.random() < repeated:
            found.append(dice.randrange(newest))
        else:
            found.append(newest)
            newest += 1
    return found


def an_alert(number: int, prefix: str, names: int, start: str) -> dict[str, Any]:
    """An alert as Prometheus posts it, of about 600 bytes."""
    return {
        "labels": {
            "alertname": f"{prefix}Oven{number % names}", "bakery": f"mill-lane-{prefix}",
            "room": f"cellar-{number % 17}", "oven": f"oven-{prefix}-{number:08d}",
            "instance": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}:9100",
            "job": "ovens-and-mixers", "severity": ("critical", "major", "warning")[number % 3],
            "shift": f"shift-{number % 7}",
        },
        "annotations": {
            "summary": f"Oven {number} has been colder than 180 degrees for longer than its dough can wait",
            "description": "The thermometer of this oven told less than it should for ten minutes. "
            "Look at the gas first, then at the door, then at the thermometer itself.",
            "runbook_url": "https://bakery.example.org/runbooks/ovens.md",
        },
        "startsAt": start,
        "generatorURL": "http://prometheus.example.org/graph?g0.expr=oven_temperature_celsius%20%3C%20180&g0.tab=1",
    }  # fmt: skip


def requests(options: argparse.Namespace) -> list[bytes]:
    """Whole requests, head and body."""
    start = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".000Z"
    numbers, made = events(options.events, options.repeated, options.seed), []
    token = f"Authorization: Bearer {options.token}\r\n" if options.token else ""
    for at in range(0, len(numbers), options.batch):
        alerts = [an_alert(number, options.prefix, options.names, start) for number in numbers[at : at + options.batch]]
        body = json.dumps(alerts, separators=(",", ":")).encode()
        head = (
            f"POST /api/v2/alerts HTTP/1.1\r\nHost: 127.0.0.1:{options.port}\r\nContent-Type: application/json\r\n"
            f"{token}Content-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


class _Link:
    """One connection, with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at, self.got, self.number = 0.0, b"", 0

    def send(self, request: bytes) -> None:
        self.sent_at, self.got = time.perf_counter(), b""
        with suppress(OSError):  # that it is lost is seen where its answer is read
            self.socket.sendall(request)

    def answered(self) -> int:
        """The status of the answer; 0 while it is not whole, -1 where the connection was lost."""
        try:
            data = self.socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            return -1
        self.got += data
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return 0
        head = self.got[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r", 1)[0]) if at >= 0 else 0
        return int(head[9:12]) if len(self.got) >= end + 4 + length else 0


def drive(options: argparse.Namespace, ready: list[bytes]) -> dict[str, Any]:
    """Send everything, as fast as it is answered or ``options.rate`` requests a second."""
    poll, links, waits, statuses = select.epoll(), {}, [], Counter[int]()
    for _ in range(options.connections):
        link = _Link(options.port)
        links[link.socket.fileno()] = link
        poll.register(link.socket, select.EPOLLIN)
    answered: list[int] = []
    left, idle, begun = iter(ready), list(links.values()), time.perf_counter()
    due = _pace(begun, options.rate)
    sent, upcoming, over = 0, next(left, None), begun + options.seconds
    while (upcoming is not None or len(idle) < len(links)) and links and time.perf_counter() < over:
        pause = due(sent) - time.perf_counter() if upcoming is not None and idle else 1.0
        while upcoming is not None and idle and pause <= 0:
            link = idle.pop()
            link.number = sent
            link.send(upcoming)
            sent, upcoming = sent + 1, next(left, None)
            pause = due(sent) - time.perf_counter()
        for number, _ in poll.poll(max(0.0, min(pause, 1.0)) if idle else 1.0):
            link = links[number]
            status = link.answered()
            if status > 0:
                waits.append(time.perf_counter() - link.sent_at)
                statuses[status] += 1
                if options.tell and 200 <= status < 300:
                    answered.append(link.number)
                idle.append(link)
            elif status < 0:
                poll.unregister(number)
                link.socket.close()
                del links[number]
                if link in idle:  # it had nothing to say for a while, and was closed
                    idle.remove(link)
                    link = _Link(options.port)
                    links[link.socket.fileno()] = link
                    poll.register(link.socket, select.EPOLLIN)
                    idle.append(link)
    took = time.perf_counter() - begun
    good = sum(count for status, count in statuses.items() if 200 <= status < 300)
    waits.sort()
    return {
        "events": options.events, "batch": options.batch, "seconds": round(took, 3), "statuses": dict(statuses),
        "events_per_s": round(good * options.events / max(len(ready), 1) / took), "sent": sent,
        "p50_ms": _at(waits, 0.5), "p99_ms": _at(waits, 0.99), "accepted_requests": good,
        **({"answered": answered} if options.tell else {}),
    }  # fmt: skip


def _pace(begun: float, rate: float) -> Any:
    return (lambda sent: begun + sent / rate) if rate else (lambda _: begun)


def _at(waits: list[float], share: float) -> float:
    return round(waits[min(int(len(waits) * share), len(waits) - 1)] * 1000, 2) if waits else 0.0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.load")
    parser.add_argument("--port", type=int, required=True)
    whole = (("events", 20_000), ("batch", 1), ("connections", 32), ("seed", 1), ("names", NAMES), ("tell", 0))
    for name, standard in whole:
        parser.add_argument(f"--{name}", type=int, default=standard)
    for name, standard in (("repeated", 0.95), ("rate", 0.0), ("seconds", 120.0)):
        parser.add_argument(f"--{name}", type=float, default=standard)
    for name, standard in (("token", ""), ("prefix", "")):
        parser.add_argument(f"--{name}", default=standard)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Drive, and say how it went."""
    options = _options(arguments)
    found = drive(options, requests(options))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({**found, "own_cpu_s": round(used.ru_utime + used.ru_stime, 2)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
