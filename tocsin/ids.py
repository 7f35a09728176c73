"""Names for things: sortable ids, alert fingerprints, slugs."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from tocsin.times import to_micros

_FNV_OFFSET, _FNV_PRIME, _FNV_MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF
_REMEMBERED = 1000
_NO_WORD = re.compile(r"[\W_]+")


def new_id(prefix: str, now: datetime) -> str:
    """A unique name that sorts by the time it was made: ``run_0005f3c2a1b4d_9f86d081a3``."""
    return f"{prefix}_{to_micros(now):015x}_{secrets.token_hex(5)}"


def fingerprint(labels: Mapping[str, str]) -> str:
    """Alertmanager's alert fingerprint: FNV-1a-64 over ``name 0xFF value 0xFF`` of the labels sorted by name.

    Source: prometheus/common ``model.LabelSet.Fingerprint``; 16 hex digits.
    """
    pairs = tuple(sorted(labels.items()))
    short = sum(len(name) + len(value) for name, value in pairs) <= _REMEMBERED
    return _fingerprint(pairs) if short else _fingerprint.__wrapped__(pairs)


@lru_cache(maxsize=8192)
def _fingerprint(pairs: tuple[tuple[str, str], ...]) -> str:
    """An alert is told again and again, so those that are short are remembered: 8 MB of labels at the most."""
    value = _FNV_OFFSET
    for byte in b"".join(name.encode() + b"\xff" + text.encode() + b"\xff" for name, text in pairs):
        value = ((value ^ byte) * _FNV_PRIME) & _FNV_MASK
    return f"{value:016x}"


def digest(*parts: str) -> str:
    """``sha256:…`` over the parts, each preceded by its length, so that no two lists of parts collide."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "big") + data)
    return f"sha256:{whole.hexdigest()}"


def slug(text: str, longest: int = 60) -> str:
    """A heading as it stands in a link: lower case, words joined by hyphens; letters of any script are kept."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).lower()
    return _NO_WORD.sub("-", plain).strip("-")[:longest].strip("-")
