"""Guesses for a configuration, by the words of the document. They are written down as guesses; people decide."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tocsin.core.runbook import Contact
from tocsin.ids import slug
from tocsin.lint.needs import MetricNeed, RoleNeed, Use

Table = dict[str, str | float]

PROMETHEUS = "http://127.0.0.1:9090"
PAGE = "http://127.0.0.1:8000/metrics"

_SERIES = re.compile(r"[a-z_:][a-z0-9_:]*(?:\{[^{}]*\})?", re.ASCII)
_PERCENTILE = re.compile(r"\bp(?P<digits>\d{2,3})\b", re.IGNORECASE)
_ERRORS = "error|fail|5xx|exception|erro|fehler|erreur|ошиб|错误|失败|エラー|失敗|오류|실패"
_TIME = (
    "latenc|response time|duration|slow|latência|tempo de resposta|latenz|antwortzeit|latence|temps de réponse|задержк"
    "|延迟|响应时间|レイテンシ|応答|지연|응답"
)
_QUEUE = "queue|backlog|pending|depth|lag|fila|cola|warteschlange|file d'attente|очеред|队列|积压|キュー|滞留|대기열"
_UP = "uptime|availab|health|disponib|verfügbar|доступн|可用|稼働|가용"
_POOL = "connection|pool|conex|verbindung|connexion|соедин|连接|接続|연결"
_CPU, _MEMORY = r"\bcpu\b|processor", "memory|memória|speicher|mémoire|памят|内存|メモリ|메모리"
_DISK = "disk|filesystem|disco|disque|festplatte|диск|磁盘|ディスク|디스크"
_QUERIES = (
    (_POOL, "sum(pg_stat_activity_count) / sum(pg_settings_max_connections)"),
    (_CPU, '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m]))'),
    (_MEMORY, "1 - sum(node_memory_MemAvailable_bytes) / sum(node_memory_MemTotal_bytes)"),
    (_DISK, "1 - min(node_filesystem_avail_bytes / node_filesystem_size_bytes)"),
    (_UP, 'avg(avg_over_time(up{job="web"}[5m]))'),
    (_ERRORS, 'sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))'),
)
"""Words of a metric → a share of one, by the names that the usual exporters give."""
_SCALES = {"%": 100.0, "ms": 1000.0}

_MAIL = re.compile(r"[^\s@<>\[\]]+@[^\s@<>\[\]]+\.[^\s@<>\[\]]+")
_HANDLE = re.compile(r"@[^\s\[\]<>@]+")
_PHONE = re.compile(r"\+?[\d ()/.-]{6,30}")
_NOT_A_NAME = re.compile(r"[\d\[\]<>(){}#@]|pager|slack|phone|e-?mail|check|rotation|team", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person as a document describes them; ``id`` is the name of their table."""

    id: str
    name: str
    contacts: dict[str, str]
    use: Use


def probe_for(metric: MetricNeed) -> Table:
    """The table of a signal that could measure a metric. The names of its series are the usual ones, not the team's."""
    words, unit = metric.name.casefold(), metric.unit
    scale: Table = {"scale": _SCALES[unit]} if unit in _SCALES else {}
    prometheus: Table = {"probe": "prometheus", "url": PROMETHEUS}
    if _SERIES.fullmatch(metric.name) and ("_" in metric.name or "{" in metric.name):
        return {**prometheus, "query": metric.name, **scale}
    if unit in ("s", "ms") or re.search(_TIME, words) or _PERCENTILE.search(words):
        return {**prometheus, "query": _quantile(words), **scale}
    if unit in ("%", "ratio"):
        found = next((query for pattern, query in _QUERIES if re.search(pattern, words)), "")
        return {**prometheus, "query": found or _series(metric.name), **scale}
    if re.search(_UP, words):
        return {"probe": "http", "url": "http://127.0.0.1:8000/health", "status": "2xx"}
    if re.search(_ERRORS, words) and not re.search(_QUEUE, words):
        return {**prometheus, "query": "sum(increase(errors_total[5m]))"}
    return {
        "probe": "scrape",
        "url": PAGE,
        "gauge": "queue_depth" if re.search(_QUEUE, words) else _series(metric.name),
    }


def person_for(role: RoleNeed) -> Somebody | None:
    """The one person whom the contacts certainly mean; None where they give no way to reach anybody, or several."""
    known = [(contact, ways) for contact in role.contacts if (ways := _ways(contact))]
    if not known or any(_clash(ways, known[0][1]) for _, ways in known):
        return None
    merged = {kind: text for _, ways in reversed(known) for kind, text in ways.items()}
    names = [contact.name for contact, _ in known if contact.name and not _NOT_A_NAME.search(contact.name)]
    name = names[0] if names else role.name
    use = next(use for use in role.uses if use.line == known[0][0].line)
    return Somebody(id=slug(name), name=name, contacts=merged, use=use) if slug(name) else None


def _ways(contact: Contact) -> dict[str, str]:
    """The fields that really are an address: no placeholder, no page of support, no channel of a team."""
    fields = (("email", contact.email, _MAIL), ("chat", contact.chat, _HANDLE), ("phone", contact.phone, _PHONE))
    return {
        kind: text
        for kind, text, pattern in fields
        if text and kind not in contact.unfilled and pattern.fullmatch(text)
    }


def _clash(ways: dict[str, str], others: dict[str, str]) -> bool:
    return any(others.get(kind, text) != text for kind, text in ways.items())


def _quantile(words: str) -> str:
    found = _PERCENTILE.search(words)
    share = f"0.{found['digits']}" if found else "0.95"
    return f"histogram_quantile({share}, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"


def _series(metric: str) -> str:
    """A name that could be the metric's series: ``burn_rate`` for "Burn rate"."""
    name = "_".join(re.findall(r"[a-z0-9]+", metric.casefold(), re.ASCII))[:60].strip("_")
    return f"metric_{name}" if not name or name[0].isdigit() else name
