"""Conditions of alerts written as queries: ``rate(x[5m]) > 0.01 for 10m``, Prometheus rules in YAML, burn rates."""

from __future__ import annotations

import re
from dataclasses import replace

from tocsin.core.runbook import Op
from tocsin.reading.durations import first_span
from tocsin.reading.found import Found

_ALERT = re.compile(r"\s*-\s*(?:alert|alertname|name)\s*:\s*\S")
_CONDITIONS = ("expr", "condition", "query", "expression", "when")
_WORDS = frozenset({"and", "unless", "offset", "bool", "without", "ignoring", "group_left", "group_right"})
_PRODUCT = re.compile(
    r"(?P<op>>=|<=|==|>"
    r"|<)\s*\(?\s*(?P<factors>\d{1,12}(?:\.\d{1,9})?(?:\s*[*/]\s*\d{1,12}(?:\.\d{1,9})?){1,5})\s*\)?(?=\s*(?:for\b|$))"
)
_ENDS_COMPARED = re.compile(
    r"(?P<op>>=|<=|==|>|<)\s*(?:bool\s+)?(?P<value>\d+(?:\.\d+)?)\s*(?:for:?\s*(?P<span>\d+\w+))?\s*$"
)
_ONLY_EQUAL = re.compile(r"==\s*(?:bool\s+)?[\d.]+\s*$")  # "and up == 1": a guard, not the limit
_JOINS = re.compile(r"\"[^\"]*\"|'[^']*'|[()\[\]{}]|\s(?:and|unless)(?=\s)", re.IGNORECASE)
_COMPOUND = re.compile(r"(?:\d{1,6}[smhdw]){2,5}")
_IN_MINUTES = {"s": 1 / 60, "m": 1, "h": 60, "d": 1440, "w": 10080}
_INSIDE = re.compile(r"^\{.*?\bseverity\s*:\s*[\"']?([\w-]+)")
_KEY = re.compile(r"^(?P<lead>\s*(?:-\s+)?)(?P<key>[A-Za-z_]+)\s*:\s*(?P<value>.*)$")


def query_condition(lines: tuple[str, ...]) -> Found | None:
    """The comparison that ends an alert's query: ``rate(x[5m]) > 0.01 for 10m``; also ``burn_rate: 14.4``."""
    text = " ".join(re.sub(r"(?:^|\s)#.*$", "", line).strip() for line in lines if line.strip())
    text = _PRODUCT.sub(_worked_out, text)
    parts = [part for part in _joined_by_and(text) if _ENDS_COMPARED.search(part)]
    text = next((part for part in parts if not _ONLY_EQUAL.search(part)), parts[-1]) if len(parts) > 1 else text
    match = _ENDS_COMPARED.search(text)
    if match is None:
        return _burn(text)
    expression = text[: match.start()].strip()
    expression = re.sub(r"^expr:\s*\|?\s*", "", expression)
    op: Op = match.group("op")  # type: ignore[assignment]
    return Found(
        metric=query_metric(expression),
        op=op,
        value=_number(match.group("value")),
        unit=_query_unit(expression),
        for_minutes=_minutes(match.group("span") or ""),
    )


def _joined_by_and(text: str) -> list[str]:
    """The conditions that ``and`` and ``unless`` join, outside of all parentheses."""
    parts, depth, last = [], 0, 0
    for found in _JOINS.finditer(text):
        sign = found.group()
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0 and sign.strip().lower() in ("and", "unless"):
            parts.append(text[last : found.start()])
            last = found.end()
    return [*parts, text[last:]]


def _minutes(text: str) -> float | None:
    """How long a rule's ``for`` is: ``1h30m`` is 90."""
    if _COMPOUND.fullmatch(text.strip()):
        return sum(int(count) * _IN_MINUTES[name] for count, name in re.findall(r"(\d+)([smhdw])", text))
    span = first_span(text)
    return span.high if span else None


def _worked_out(found: re.Match[str]) -> str:
    """A limit that is written as a product: ``> (14.4 * 0.01)`` is 0.144."""
    value = 1.0
    for sign, number in re.findall(r"([*/]?)\s*(\d+(?:\.\d+)?)", found.group("factors")):
        value = value / float(number) if sign == "/" and float(number) else value * float(number)
    rounded = round(value, 9)
    return f"{found.group('op')} {int(rounded) if rounded == int(rounded) else rounded}"


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value == int(value) else value


def _burn(text: str) -> Found | None:
    match = re.search(r"\b(?P<name>burn_rate|\w+_rate|threshold)\s*:\s*(?P<value>\d+(?:\.\d+)?)", text)
    if match is None:
        return None
    span = first_span(text[match.end() :]) if re.search(r"duration|for|window", text[match.end() :]) else None
    lasting = re.search(r"(?:duration|for|window)\s*:\s*(\d+\w+)", text)
    span = first_span(lasting.group(1)) if lasting else span
    return Found(
        metric=match.group("name"),
        op=">=",
        value=float(match.group("value")),
        unit="x" if "burn" in match.group("name") else None,
        for_minutes=span.high if span else None,
    )


def query_metric(expression: str) -> str:
    """A readable name for a query: its metric names in words, without functions; short ones stay as they are."""
    if re.fullmatch(r"\w+(?:\{[^}]*\})?", expression):
        return expression
    quantile = re.search(r"quantile\(\s*0?\.(\d+)", expression)
    bare = re.sub(r"\bby\s*\([^)]*\)|\"[^\"]*\"|\[\w+\]", "", expression)
    names = re.findall(r"\b[a-zA-Z_]\w*_\w+\b(?!\s*\()", re.sub(r"\bby\s*\([^)]*\)", "", expression))
    names = names or [one for one in re.findall(r"\b[a-zA-Z]\w{2,}\b(?!\s*[({=])", bare) if one not in _WORDS]
    words = list(
        dict.fromkeys(
            word
            for name in names
            for word in name.split("_")
            if word not in ("total", "bucket", "seconds", "sum", "count", "histogram", "quantile")
        )
    )
    status = re.findall(r"status\w*\s*=~?\s*\"([^\"]*)\"", expression)
    return (
        " ".join(
            [
                *words,
                *status,
                *([f"p{quantile.group(1)}"] if quantile else []),
                *(["ratio"] if "/" in expression else []),
            ]
        )
        or expression
    )


def _query_unit(expression: str) -> str | None:
    if "/" in re.sub(r"\"[^\"]*\"", "", expression) or re.search(r"(?<![a-z])ratio", expression):
        return "ratio"
    if "_seconds" in expression:
        return "s"
    return "GB" if "_gigabytes" in expression else None


def alert_rules(lines: tuple[str, ...], first: int) -> list[tuple[Found, int, str | None]]:
    """The rules of a YAML text with ``expr:`` or ``condition:`` (a Prometheus rule file), their line and severity.

    ``first`` is the line number of the first line. The alert's name stands for an expression that names no metric.
    """
    found: list[tuple[Found, int, str | None]] = []
    for start, end in _entries(lines):
        fields = _fields(lines[start:end])
        text, shift = next((fields[key] for key in _CONDITIONS if key in fields), ("", 0))
        condition = query_condition((text,)) if text else None
        if condition is None:
            continue
        span = _minutes((fields.get("for") or fields.get("duration") or fields.get("window") or ("", 0))[0])
        name = (fields.get("alert") or fields.get("name") or ("", 0))[0]
        readable = condition.metric if re.search(r"[A-Za-z]{2}", condition.metric) else name
        inside = _INSIDE.search((fields.get("labels") or ("", 0))[0])  # labels: {severity: page}
        severity = (fields.get("severity") or ("", 0))[0] or (inside.group(1) if inside else None)
        lasting = condition.for_minutes if span is None else span
        words = " ".join((fields.get(key) or ("", 0))[0] for key in ("summary", "description", "message"))
        share = condition.unit is None and _says_share(words, condition.value)
        told = replace(
            condition, metric=readable or name, for_minutes=lasting, unit="ratio" if share else condition.unit
        )
        found.append((told, first + start + shift, severity))
    return found


def _says_share(words: str, value: float) -> bool:
    """Whether an alert's own words give its limit in per cent: 0.01 is said to be "1%"."""
    said = re.findall(r"(?<![\d.])(\d{1,3}(?:\.\d{1,6})?)\s*[%％]", words)
    return 0 < value < 1 and any(abs(float(one) - value * 100) < 1e-6 for one in said)


def _entries(lines: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where each entry of a list begins and ends; the whole text where there is no list of alerts."""
    starts = [index for index, line in enumerate(lines) if _ALERT.match(line)]
    if not starts:
        starts = [0] if any(re.match(r"\s*(?:-\s*)?expr\s*:", line) for line in lines) else []
    return list(zip(starts, [*starts[1:], len(lines)], strict=False))


def _fields(lines: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    """The keys of one entry with their values, each with its place; a block after ``|`` or ``>`` is one value."""
    told: dict[str, tuple[str, int]] = {}
    index = 0
    while index < len(lines):
        match = _KEY.match(lines[index])
        if match is None:
            index += 1
            continue
        key, value, place, depth = (
            match.group("key").lower(),
            _bare(match.group("value")),
            index,
            len(match.group("lead")),
        )
        index += 1
        if value in ("", "|", ">", "|-", ">-", "|+"):
            block = []
            while value and index < len(lines) and (not lines[index].strip() or _depth(lines[index]) > depth):
                block.append(_bare(lines[index]))
                index += 1
            value = " ".join(part for part in block if part)
        told.setdefault(key, (value, place))
    return told


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _bare(text: str) -> str:
    """A value without its remark and quotes."""
    plain = re.sub(r"(?:^|\s)#.*$", "", text).strip()
    return plain[1:-1] if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'" else plain
