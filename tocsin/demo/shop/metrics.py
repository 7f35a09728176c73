"""The shop's numbers, as a Prometheus text page."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
RECENT = 300


class Metrics:
    """Counts requests and how long they took."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: Counter[float] = Counter()
        self._sum = 0.0
        self._recent: deque[float] = deque(maxlen=RECENT)

    def count(self, method: str, path: str, code: int, seconds: float) -> None:
        """Take one answered request in."""
        with self._lock:
            self._requests[method, path, code] += 1
            self._buckets.update(bound for bound in BUCKETS if seconds <= bound)
            self._sum += seconds
            self._recent.append(seconds)

    def page(self, gauges: Mapping[str, float]) -> str:
        """Everything in the text format 0.0.4; ``gauges`` are what others know."""
        with self._lock:
            total = sum(self._requests.values())
            lines = ["# TYPE http_requests_total counter"]
            lines += [
                f'http_requests_total{{method="{method}",path="{path}",code="{code}"}} {number}'
                for (method, path, code), number in sorted(self._requests.items())
            ]
            lines += ["# TYPE http_request_duration_seconds histogram"]
            lines += [
                f'http_request_duration_seconds_bucket{{le="{bound}"}} {self._buckets[bound]}' for bound in BUCKETS
            ]
            lines += [f'http_request_duration_seconds_bucket{{le="+Inf"}} {total}']
            lines += [f"http_request_duration_seconds_sum {self._sum:.6f}"]
            lines += [f"http_request_duration_seconds_count {total}"]
            ordered = sorted(self._recent)
        slow = ordered[int(len(ordered) * 0.95)] * 1000 if ordered else 0.0
        lines += [f'# TYPE shop_build_info gauge\nshop_build_info{{version="{self._version}"}} 1']
        for name, value in {"http_request_duration_p95_milliseconds": round(slow, 3), **gauges}.items():
            lines += [f"# TYPE {name} gauge\n{name} {value:g}"]
        return "\n".join(lines) + "\n"
