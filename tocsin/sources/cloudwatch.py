"""Takes alarms of Amazon CloudWatch that come by a subscription of Amazon SNS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from tocsin.core.alert import Alert
from tocsin.errors import Denied, Invalid, Unavailable
from tocsin.plug import heard, sns
from tocsin.plug.guarding import Guarded
from tocsin.plug.kinds import Example, Inbound
from tocsin.wire import read_json

EXAMPLES = (
    Example(
        settings={"topics": ["arn:aws:sns:eu-north-1:123456789012:library"], "signatures": False},
        headers={"x-amz-sns-message-type": "Notification"},
        given=rb"""{"Type": "Notification", "MessageId": "m1", "Timestamp": "2026-11-20T23:17:31.031Z",
            "TopicArn": "arn:aws:sns:eu-north-1:123456789012:library", "Subject": "ALARM: \"ShelvesFull\"",
            "Message": "{\"AlarmName\": \"ShelvesFull\", \"AlarmDescription\": \"No room\",
            \"NewStateValue\": \"ALARM\", \"OldStateValue\": \"OK\", \"NewStateReason\": \"Crossed\",
            \"Region\": \"EU (Stockholm)\", \"StateChangeTime\": \"2026-11-20T23:17:30.000+0000\",
            \"AlarmArn\": \"arn:aws:cloudwatch:eu-north-1:123456789012:alarm:ShelvesFull\"}"}""".replace(b"\n", b" "),
        gives=("ShelvesFull",),
    ),
    Example(settings={"token": "not-a-real-one", "signatures": False}),
)

_STATES = {"ALARM": "firing", "INSUFFICIENT_DATA": "", "OK": "resolved"}
_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudWatch(Guarded):
    """Takes the messages that Amazon SNS posts for CloudWatch alarms.

    A message must be signed by SNS, and come from one of `topics`; a `token` in the subscription's address
    (`https://sns:TOKEN@…`) is asked for beside that. SNS' certificate is fetched from SNS' own hosts alone. The
    subscription of a topic in `topics` is confirmed by itself; any other one is logged, for you to confirm.
    """

    name: Annotated[str, "How the source is called on the timeline"] = "cloudwatch"
    topics: Annotated[tuple[str, ...], "ARNs of the topics that may send; unless told, any"] = ()
    severity: Annotated[str, "The severity of alarms, of the runbook's scale"] = ""
    severities: Annotated[Mapping[str, str], "Alarm's name → its severity, where it differs"] = field(
        default_factory=dict
    )
    no_data: Annotated[bool, "Whether an alarm without data fires too"] = False
    signatures: Annotated[bool, "Whether SNS' signature is verified; without, the token alone guards"] = True

    certificates: ClassVar[sns.Certificates] = sns.Certificates()

    @property
    def guarded(self) -> bool:
        """Whether the source itself looks who sends: by a token, or by SNS' signature on a message of a known topic."""
        return bool(self.token.value) or (self.signatures and bool(self.topics))

    def admit(self, inbound: Inbound) -> None:
        """Raise `Unauthorized` unless the token is borne, where one is set, and SNS has signed the message."""
        super(CloudWatch, self).admit(inbound)
        if self.signatures:
            self._verified(inbound)

    def parse(self, inbound: Inbound) -> list[Alert]:
        """The alarm in a notification; raises `Unauthorized`, `Denied` for another topic, or `Invalid`."""
        self.admit(inbound)
        message = self._message(inbound)
        if message.get("Type") != "Notification":
            return []
        alarm = heard.record(read_json(heard.word(message.get("Message")).encode("utf-8", "replace")), "$.Message")
        name, state = heard.word(alarm.get("AlarmName")), heard.word(alarm.get("NewStateValue"))
        if not name:
            raise Invalid("this is not about an alarm of CloudWatch.", where="$.Message.AlarmName")
        if state not in _STATES:
            raise Invalid(f"{state[:20]!r} is not one of {', '.join(_STATES)}.", where="$.Message.NewStateValue")
        if state == "INSUFFICIENT_DATA" and not self.no_data:
            return []
        return [self._alert(alarm, name, state, inbound)]

    def message(self, inbound: Inbound) -> str:
        """SNS' name of the message, which its repetition has too."""
        return heard.word(self._message(inbound).get("MessageId"))

    def remark(self, inbound: Inbound) -> str:
        """How to confirm the subscription, where a message asks for that; only addresses of SNS are told."""
        message = self._message(inbound)
        if message.get("Type") != "SubscriptionConfirmation":
            return ""
        topic, token = heard.word(message.get("TopicArn")), heard.word(message.get("Token"))
        address = sns.confirmation(heard.link(message.get("SubscribeURL")), topic, token)
        if not address:
            return f"A subscription of {topic[:200]} asks to be confirmed at an address that is not SNS'; ignore it."
        why = "its signature is not verified here" if not self.signatures else "it is not in `topics` of the source"
        if self.signatures and topic in self.topics:
            try:
                sns.visit(address)
            except Unavailable as error:
                why = error.message
            else:
                return f"The subscription of {topic[:200]} was confirmed."
        return (
            f"SNS asks to confirm the subscription of {topic[:200]} ({why}): in its console choose Confirm "
            f"subscription, and give the address that it has sent there ({address.partition('&Token=')[0][:2000]}, "
            f"with this in its query: {token[:2000]})."
        )

    def _verified(self, inbound: Inbound) -> None:
        message = self._message(inbound)
        sent = heard.moment(message.get("Timestamp"))
        sns.check(message, self.certificates, inbound.received_at, sent)

    def _message(self, inbound: Inbound) -> dict[str, Any]:
        message = heard.record(read_json(inbound.body))
        kind, topic = heard.word(message.get("Type")), heard.word(message.get("TopicArn"))
        if kind not in ("Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"):
            raise Invalid(f"{kind[:40]!r} is not a type of message that SNS sends.", where="$.Type")
        if self.topics and topic not in self.topics:
            raise Denied(f"The topic {topic[:200]!r} may not send here.", "Add it to `topics` of the source.")
        return message

    def _alert(self, alarm: dict[str, Any], name: str, state: str, inbound: Inbound) -> Alert:
        over = state == "OK"
        severity = self.severities.get(name, self.severity)
        labels = {"alertname": name, "severity": severity, "region": alarm.get("Region")}
        notes = {
            "summary": heard.word(alarm.get("AlarmDescription")) or name, "reason": alarm.get("NewStateReason"),
            "account": alarm.get("AWSAccountId"), "state": state,
        }  # fmt: skip
        changed = _ZONE.sub(r"\1:\2", heard.word(alarm.get("StateChangeTime")))
        return Alert(
            source=self.name, key=heard.word(alarm.get("AlarmArn")) or name, labels=heard.filled(labels),
            annotations=heard.filled(notes), status="resolved" if over else "firing",
            starts_at=heard.moment(changed) or inbound.received_at, updated_at=inbound.received_at,
            ends_at=inbound.received_at if over else None,
        )  # fmt: skip
