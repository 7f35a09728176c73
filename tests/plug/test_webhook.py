"""The webhook notifier against a real HTTP server."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.plug.serving import LOOPBACK, Site
from tocsin.core.notices import Notice
from tocsin.errors import Undelivered
from tocsin.notifiers.webhook import Webhook, sign
from tocsin.plug.kinds import Address, Secret

SECRET = Secret("whsec_" + base64.b64encode(b"a key of thirty-two bytes, yes!!").decode())
SOON = timedelta(seconds=5)


def hook(**more: object) -> Webhook:
    return Webhook(secret=SECRET, allow=LOOPBACK, **more)  # type: ignore[arg-type]


def test_posts_a_signed_event(site: Site, notice: Notice) -> None:
    """The body is a CloudEvent with the notice in it, and the signature is over id, time and exactly these bytes."""
    receipt = hook().send(notice, Address(name="Ana", fields={"url": f"{site.url}/in"}), SOON)
    asked = site.asked[0]
    event = json.loads(asked.body)
    assert receipt.reference == "200"
    assert (asked.method, asked.path) == ("POST", "/in")
    assert (event["specversion"], event["id"], event["type"]) == ("1.0", "ntc_1", "tocsin.notice.page")
    assert (event["subject"], event["data"]["body"], event["data"]["to"]) == ("INC-7", notice.body, "Ana")
    assert asked.headers["content-type"].startswith("application/cloudevents+json")
    assert asked.headers["webhook-id"] == notice.id
    moment = asked.headers["webhook-timestamp"]
    assert asked.headers["webhook-signature"] == sign(SECRET, notice.id, moment, asked.body)


def test_a_repetition_has_the_same_id_and_body(site: Site, notice: Notice) -> None:
    """A receiver can drop what it has seen."""
    for _ in range(2):
        hook(url=site.url).send(notice, Address(name="Ana"), SOON)
    first, second = site.asked
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


def test_signature_equals_the_published_vector() -> None:
    """Another implementation's signature of the same message is ours."""
    file = Path(__file__).parents[3] / "shared/fixtures/signature_vectors.json"
    if not file.exists():
        pytest.skip("the published signature vectors are not here")
    vector = json.loads(file.read_text())["standard_webhooks"]
    made = sign(Secret(vector["secret"]), vector["webhook-id"], vector["webhook-timestamp"], vector["body"].encode())
    assert made == vector["webhook-signature"]


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (500, False),
        (503, False),
        (429, False),
        (408, False),
        (400, True),
        (401, True),
        (404, True),
        (410, True),
        (302, True),
    ],
)
def test_refusals_are_told_apart(site: Site, notice: Notice, status: int, permanent: bool) -> None:
    """Overload and faults of the server can be tried again; what the receiver will never take can't."""
    site.status = status
    with pytest.raises(Undelivered) as caught:
        hook(url=site.url).send(notice, Address(name="Ana"), SOON)
    assert caught.value.permanent is permanent
    assert str(status) in str(caught.value)


def test_the_receivers_wish_to_wait_is_told(site: Site, notice: Notice) -> None:
    """Retry-After reaches the person who reads the log."""
    site.status, site.headers = 503, {"retry-after": "30"}
    with pytest.raises(Undelivered, match="wait 30 s"):
        hook(url=site.url).send(notice, Address(name="Ana"), SOON)


def test_private_addresses_are_closed_by_default(site: Site, notice: Notice) -> None:
    """A contact's URL can't reach into the network unless the operator opened it."""
    with pytest.raises(Undelivered, match="not a public address") as caught:
        replace(hook(), allow=False).send(notice, Address(name="Ana", fields={"url": site.url}), SOON)
    assert caught.value.permanent
    assert site.asked == []


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "whsec_c2hvcnQ=", "plain words"])
def test_weak_secrets_are_refused(secret: str) -> None:
    """A secret that can't sign, or hardly, is a fault of the configuration."""
    with pytest.raises(ValueError, match="secret"):
        Webhook(secret=Secret(secret))
