"""Secrets of Kubernetes, as its tools print them."""

from __future__ import annotations

import base64
import json

import pytest

from tocsin.plug.masking import MARK, Mask, mask_text

WORD = "horse"
ENCODED = base64.b64encode(b"correct-horse-battery").decode()
SHORT = base64.b64encode(b"abc").decode()
SORTED = f"""apiVersion: v1
data:
  password: {ENCODED}
  user: {SHORT}
immutable: true
kind: Secret
metadata:
  name: shop
type: Opaque
"""
BY_HAND = f"""apiVersion: v1
kind: Secret
metadata:
  name: shop
  labels:
    app: shop
data:
  password: {ENCODED}
  user: {SHORT}
stringData:
  config: |
    user = shop
    word = horse
  other: "plain horse"
---
apiVersion: v1
kind: ConfigMap
data:
  greeting: hello there
"""
LISTED = f"""apiVersion: v1
items:
- apiVersion: v1
  data:
    password: {ENCODED}
  kind: Secret
  metadata:
    name: a
- apiVersion: v1
  data:
    greeting: hello there
    mode: info
  kind: ConfigMap
kind: List
"""
AS_JSON = json.dumps(
    {"apiVersion": "v1", "data": {"password": ENCODED, "user": SHORT}, "kind": "Secret", "metadata": {"name": "shop"}},
    indent=4,
)
COMPACT = json.dumps(json.loads(AS_JSON))
INSIDE = json.dumps({"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": COMPACT}}})
SECRETS = {
    "sorted": SORTED, "by hand": BY_HAND, "a list": LISTED, "JSON": AS_JSON, "on a line": COMPACT, "in JSON": INSIDE,
    "CRLF": SORTED.replace("\n", "\r\n"), "indented": "".join(f"    {line}\n" for line in SORTED.splitlines()),
    "without its kind": SORTED.partition("immutable")[0],
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_values_of_a_secret_are_masked(name: str) -> None:
    """In YAML and JSON, whatever comes first; what is not a value stays; wherever the stream is cut."""
    text = SECRETS[name]
    masked = mask_text(text)

    assert ENCODED not in masked and WORD not in masked
    assert SHORT not in masked or name == "a list"
    assert "password" in masked and MARK in masked
    assert len(masked.splitlines()) == len(text.splitlines())
    if "kind" in text:
        assert "Secret" in masked
    for at in range(0, len(text), 7):
        mask = Mask()
        assert (mask.feed(text[:at].encode()) + mask.feed(text[at:].encode()) + mask.flush()).decode() == masked


def test_other_objects_are_left_alone() -> None:
    """A ConfigMap's data, the rest of a list, a metric called data."""
    assert "greeting: hello there" in mask_text(BY_HAND)
    assert "greeting: hello there\n    mode: info" in mask_text(LISTED)
    for text in ("data:\n  rows: 3\n  level: info\nkind: ConfigMap\n", "data:\n  - one\n  - two\n", "data:\n\nend\n"):
        assert mask_text(text) == text


def test_lines_that_wait_for_their_kind_are_bounded() -> None:
    """Endless data whose kind never comes is let go, and nothing is lost."""
    mask, text = Mask(), b"data:\n" + b"  key: some words here\n" * 60_000
    out, most = b"", 0
    for at in range(0, len(text), 4096):
        out += mask.feed(text[at : at + 4096])
        most = max(most, at - len(out))
    out += mask.flush()

    assert out == text
    assert most < 600_000
