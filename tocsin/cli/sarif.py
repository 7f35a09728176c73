"""Findings as SARIF 2.1.0 (OASIS), for code scanning: one run, a rule for each code, one result for each finding."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tocsin import __version__
from tocsin.cli.checked import Checked
from tocsin.lint.codes import CODES

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def log(documents: Sequence[Checked], pages: Mapping[str, str]) -> dict[str, Any]:
    """The whole log as plain values; ``pages`` has the Markdown page of each code."""
    used = sorted({problem.code for document in documents for problem in document.problems})
    unread = [document for document in documents if document.error]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Tocsin",
                        "semanticVersion": __version__,
                        "rules": [_rule(code, pages.get(code, "")) for code in used],
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": not unread,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": {"text": document.error}} for document in unread
                        ],
                    }
                ],
                "columnKind": "unicodeCodePoints",
                "results": [result for document in documents for result in _results(document, used)],
            }
        ],
    }


def _rule(code: str, page: str) -> dict[str, Any]:
    about = CODES[code].about
    rule: dict[str, Any] = {
        "id": code,
        "shortDescription": {"text": f"{about[0].upper()}{about[1:]}."},
        "defaultConfiguration": {"level": CODES[code].level},
    }
    if page:
        rule["help"] = {"text": page, "markdown": page}
    return rule


def _results(document: Checked, used: Sequence[str]) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[str, str]] = Counter()
    for problem in document.problems:
        source = " ".join(document.text(problem.line).split())
        seen[problem.code, source] += 1
        yield {
            "ruleId": problem.code,
            "ruleIndex": used.index(problem.code),
            "level": problem.level,
            "message": {"text": f"{problem.message} {problem.hint}".strip()},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(document.path), "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": problem.line},
                    }
                }
            ],
            "partialFingerprints": {"tocsinLine/v1": _print(problem.code, source, seen[problem.code, source])},
        }


def _print(code: str, source: str, number: int) -> str:
    """The finding, whatever its line number: its code, the text of its line, and which of equal ones it is."""
    return hashlib.sha256(f"{code}\0{source}\0{number}".encode()).hexdigest()[:32]
