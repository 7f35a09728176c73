"""Signatures of SNS, with keys and certificates of our own in the place of SNS'."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from tocsin.errors import Denied, Invalid, Unauthorized, Unavailable
from tocsin.plug import sns
from tocsin.plug.kinds import Inbound, Secret
from tocsin.sources.cloudwatch import CloudWatch

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-north-1:123456789012:library"
PEM = "https://sns.eu-north-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
SUBSCRIBE = f"https://sns.eu-north-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336"
ALARM = json.dumps({"AlarmName": "ShelvesFull", "NewStateValue": "ALARM"})
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(key: Any = KEY, until: datetime = NOW + timedelta(days=9)) -> bytes:
    """A certificate of a key, as SNS would serve it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, NOW - timedelta(days=9), until)
    return made.sign(KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.fixture(autouse=True)
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What lies at SNS' addresses; what does not is not answered."""
    pages = {PEM: certificate()}

    def visit(url: str) -> bytes:
        if url not in pages:
            raise Unavailable("SNS answered 404.")
        return pages[url]

    monkeypatch.setattr(sns, "visit", visit)
    monkeypatch.setattr(CloudWatch, "certificates", sns.Certificates())
    return pages


def message(
    kind: str = "Notification", version: str = "2", key: rsa.RSAPrivateKey = KEY, **changed: Any
) -> dict[str, Any]:
    """A signed message."""
    told = {"Type": kind, "MessageId": "m1", "TopicArn": TOPIC, "Message": ALARM}
    told["Timestamp"] = "2026-11-21T11:59:58.031Z"
    if kind != "Notification":
        told |= {"SubscribeURL": SUBSCRIBE, "Token": "2336", "Message": "You have chosen to subscribe"}
    told |= {"SignatureVersion": version, "SigningCertURL": PEM, **changed}
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = key.sign(sns.signed_text(told), padding.PKCS1v15(), algorithm)
    return {**told, "Signature": base64.b64encode(signature).decode()}


def inbound(told: dict[str, Any], **headers: str) -> Inbound:
    """The message as it comes in."""
    return Inbound(body=json.dumps(told).encode(), headers=headers, received_at=NOW)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("more", [{}, {"Subject": "ALARM: shelves – full"}])
def test_what_sns_signed_is_taken(version: str, more: dict[str, str]) -> None:
    """In both versions, with a subject or without; no token is needed beside that where the topics are named."""
    source = CloudWatch(topics=(TOPIC,))
    (alert,) = source.parse(inbound(message(version=version, **more)))
    assert alert.name == "ShelvesFull" and source.guarded
    assert not CloudWatch().guarded and not CloudWatch(topics=(TOPIC,), signatures=False).guarded


@pytest.mark.parametrize(
    "changed",
    [{"Message": ALARM.replace("Full", "Empty")}, {"MessageId": "m2"}, {"Timestamp": "2026-11-21T11:59:59.000Z"},
     {"Subject": "added"}, {"Signature": "AAAA"}, {"Signature": "no base64!"}, {"Signature": None},
     {"SignatureVersion": "3"}, {"SignatureVersion": "1"}, {"SignatureVersion": None}],
)  # fmt: skip
def test_what_was_changed_since_is_refused(changed: dict[str, Any]) -> None:
    """Every signed part, and the signature itself."""
    with pytest.raises(Unauthorized):
        CloudWatch(topics=(TOPIC,)).parse(inbound({**message(), **changed}))


@pytest.mark.parametrize(
    "url",
    [PEM.replace("https", "http"), PEM.replace(".com/", ".com.evil.test/"), PEM.replace("sns.", "sns.evil.test/sns."),
     PEM.replace("https://", "https://user@"), PEM.replace(".com/", ".com:8443/"), PEM + "?x=1", PEM + "#x", PEM[:-4],
     PEM.replace("eu-north-1", "eu-north-1.s3"), "file:///etc/passwd", "https://[::1", "", 7, None,
     PEM.replace("sns.eu", "SNS.eu"), PEM.replace("Simple", "../Simple")],
)  # fmt: skip
def test_only_sns_own_addresses_are_asked_for_a_certificate(url: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else is refused before anybody is asked."""
    asked: list[str] = []
    monkeypatch.setattr(sns, "visit", lambda url: asked.append(url) or certificate())
    with pytest.raises(Unauthorized):
        CloudWatch(topics=(TOPIC,)).parse(inbound({**message(), "SigningCertURL": url}))
    assert asked == []


def test_another_key_an_expired_certificate_and_an_old_message_are_refused(served: dict[str, bytes]) -> None:
    """Each for its reason."""
    source = CloudWatch(topics=(TOPIC,))
    with pytest.raises(Unauthorized, match="signature is wrong"):
        source.parse(inbound(message(key=OTHER)))
    for at in ("2026-11-20T11:00:00.000Z", "2026-11-21T13:00:00.000Z", "yesterday"):
        with pytest.raises(Unauthorized, match="last day"):
            source.parse(inbound(message(Timestamp=at)))
    elliptic = certificate(ec.generate_private_key(ec.SECP256R1()))
    for number, (pem, why) in enumerate(
        [(certificate(until=NOW - timedelta(hours=1)), "expired"), (elliptic, "no RSA key")]
    ):
        url = PEM.replace("0123", f"012{number}x")
        served[url] = pem
        with pytest.raises(Unauthorized, match=why):
            source.parse(inbound(message(SigningCertURL=url)))


def test_a_topic_that_is_not_named_and_a_missing_token_are_refused() -> None:
    """Anybody may have SNS sign something; and the token is asked for beside the signature."""
    with pytest.raises(Denied):
        CloudWatch(topics=(TOPIC,)).parse(inbound(message(TopicArn=f"{TOPIC}2")))
    both = CloudWatch(topics=(TOPIC,), token=Secret("a-token-of-the-library"))
    with pytest.raises(Unauthorized, match="token"):
        both.parse(inbound(message()))
    assert both.parse(inbound(message(), Authorization="Bearer a-token-of-the-library"))


def test_a_certificate_is_fetched_once_and_made_up_ones_are_not_followed(
    served: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't be had now is 503, so that SNS tries again; a flood of addresses ends after ten."""
    asked: list[str] = []
    inner = sns.visit
    monkeypatch.setattr(sns, "visit", lambda url: asked.append(url) or inner(url))
    source = CloudWatch(topics=(TOPIC,))
    for _ in range(3):
        source.parse(inbound(message()))
    assert asked == [PEM]
    for number in range(20):
        with pytest.raises(Unavailable):
            source.parse(inbound(message(SigningCertURL=PEM.replace("0123", f"{number:04}x"))))
    assert len(asked) == 10
    assert source.parse(inbound(message()))


@pytest.mark.parametrize("missing", ["MessageId", "Message", "Timestamp"])
def test_a_message_without_what_is_signed_is_invalid(missing: str) -> None:
    """With its place."""
    told = message()
    del told[missing]
    with pytest.raises(Invalid, match=missing):
        CloudWatch(topics=(TOPIC,)).parse(inbound(told))


class TestSubscriptions:
    def test_one_of_a_named_topic_is_confirmed_by_itself(self, served: dict[str, bytes]) -> None:
        """At SNS' host, by an address that holds nothing but the action, the topic and the token."""
        wanted = sns.confirmation(SUBSCRIBE, TOPIC, "2336")
        served[wanted] = b"<ConfirmSubscriptionResponse/>"
        assert wanted.endswith("/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3Aeu-north-1%3A123456789012%3A"
                               "library&Token=2336")  # fmt: skip
        came = inbound(message("SubscriptionConfirmation"))
        source = CloudWatch(topics=(TOPIC,))
        assert source.parse(came) == []
        assert source.remark(came) == f"The subscription of {TOPIC} was confirmed."
        assert source.remark(inbound(message())) == ""

    @pytest.mark.parametrize(
        ("source", "changed", "says"),
        [(CloudWatch(), {}, "not in `topics`"), (CloudWatch(topics=(TOPIC,), signatures=False), {}, "not verified"),
         (CloudWatch(topics=(TOPIC,)), {}, "answered 404"),
         (CloudWatch(topics=(TOPIC,)), {"SubscribeURL": "https://sns.evil.test/?Action=x"}, "ignore it"),
         (CloudWatch(topics=(TOPIC,)), {"SubscribeURL": "http://169.254.169.254/"}, "ignore it")],
    )  # fmt: skip
    def test_any_other_is_left_to_a_person(self, source: CloudWatch, changed: dict[str, str], says: str) -> None:
        """With the reason on the log."""
        assert says in source.remark(inbound(message("SubscriptionConfirmation", **changed)))

    def test_one_that_is_not_signed_confirms_nothing(self) -> None:
        """It is refused before anything is looked at."""
        with pytest.raises(Unauthorized):
            CloudWatch(topics=(TOPIC,)).parse(inbound({**message("SubscriptionConfirmation"), "Token": "other"}))
