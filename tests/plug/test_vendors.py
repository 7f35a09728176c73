"""What is peculiar to the sources for other vendors' messages; their doors are tested under ``tests/web``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tocsin.core.alert import Alert, merge
from tocsin.errors import Invalid, Unauthorized
from tocsin.plug import heard
from tocsin.plug.kinds import Inbound, Secret, Source
from tocsin.sources.cloudwatch import CloudWatch
from tocsin.sources.datadog import Datadog
from tocsin.sources.email import Email
from tocsin.sources.github import GitHub
from tocsin.sources.grafana import Grafana
from tocsin.sources.pagerduty import PagerDuty
from tocsin.sources.sentry import Sentry

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def inbound(body: object, **headers: str) -> Inbound:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Inbound(body=data, headers={name.replace("_", "-"): text for name, text in headers.items()}, received_at=NOW)


def one(source: Source, body: object, **headers: str) -> Alert:
    (alert,) = source.parse(inbound(body, **headers))
    return alert


class TestPagerDuty:
    def name(self, **payload: Any) -> str:
        told = {"summary": "words", "source": "x", "severity": "info", **payload}
        return one(PagerDuty(), {"event_action": "trigger", "payload": told}).name

    def test_the_name_is_the_most_certain_word(self) -> None:
        """What the details call alertname, what Alertmanager lists there, the class, the summary."""
        listed = "Labels:\n - alertname = FromList\n - a = b\nLabels:\n - alertname = FromList\n"
        assert self.name(custom_details={"alertname": "Told", "firing": listed}, **{"class": "C"}) == "Told"
        assert self.name(custom_details={"firing": listed}, **{"class": "C"}) == "FromList"
        assert self.name(custom_details={"firing": f"{listed} - alertname = Other\n"}, **{"class": "C"}) == "C"
        assert self.name(custom_details="text") == "words"

    def test_an_event_without_a_key_is_itself(self) -> None:
        """Two different ones are two alerts, the same one is the same."""
        first, again, other = (
            one(
                PagerDuty(),
                {"event_action": "trigger", "payload": {"summary": text, "source": "x", "severity": "info"}},
            )
            for text in ("a", "a", "b")
        )
        assert first.fingerprint == again.fingerprint != other.fingerprint

    def test_hostile_texts_stay_words(self) -> None:
        """Links that a browser would run are dropped, long texts are cut, other types are not taken for text."""
        evil = "<script>{{7*7}}$(id)"
        told = {"summary": evil * 100, "source": evil, "severity": "info", "component": {"a": 1}, "group": ["x"]}
        event = {"event_action": "trigger", "payload": told, "client_url": "javascript:alert(1)",
                 "links": [{"href": "data:text/html,x"}, "x", {"href": 7}], "images": "x"}  # fmt: skip
        alert = one(PagerDuty(), event)
        assert (alert.url, len(alert.annotations["summary"])) == ("", 1024)
        assert set(alert.labels) == {"alertname", "severity", "source"}
        assert "links" not in alert.annotations


class TestGrafana:
    def test_labels_tell_the_alert_as_alertmanager_does(self) -> None:
        """So one alert that comes by Grafana and by Alertmanager is one alert; its severity is translated."""
        told = {"status": "firing", "labels": {"alertname": "A", "severity": "high", "empty": ""}}
        alert = one(Grafana(severities={"HIGH": "P1"}), {"alerts": [told]})
        assert (alert.labels, alert.key) == ({"alertname": "A", "severity": "P1"}, "")

    @pytest.mark.parametrize(
        ("told", "place"),
        [({"status": "firing"}, "$.alerts[0].labels"), ({"status": "odd", "labels": {"a": "b"}}, "$.alerts[0].status"),
         ({"status": "firing", "labels": {"a": {}}}, "$.alerts[0].labels"), (7, "$.alerts[0]")],
    )  # fmt: skip
    def test_faults_name_their_place(self, told: object, place: str) -> None:
        """As a path from the body's root."""
        with pytest.raises(Invalid) as caught:
            Grafana().parse(inbound({"alerts": [told]}))
        assert str(caught.value).startswith(place)


class TestSentry:
    def test_a_metric_alert_rises_and_ends(self) -> None:
        """One alert from warning over critical to resolved."""
        data = {"metric_alert": {"id": "9", "alert_rule": {"name": "Slow"}}, "description_title": "Slow"}
        heard_of = [
            one(Sentry(), {"action": action, "data": data}, Sentry_Hook_Resource="metric_alert")
            for action in ("warning", "critical", "resolved")
        ]
        assert len({alert.fingerprint for alert in heard_of}) == 1
        assert [alert.labels.get("severity") for alert in heard_of] == ["warning", "critical", None]
        assert [alert.status for alert in heard_of] == ["firing", "firing", "resolved"]

    def test_a_time_without_a_signature_proves_nothing_but_its_age(self) -> None:
        """The signature is looked at first, then the time, which Sentry does not sign."""
        source = Sentry(secret=Secret("a-secret-of-the-till"))
        with pytest.raises(Unauthorized, match="signature"):
            source.parse(inbound({}, Sentry_Hook_Timestamp="0"))


class TestDatadog:
    @pytest.mark.parametrize(
        ("title", "more", "name", "status"),
        [
            ("[Triggered on {host:a}] Hot", {}, "Hot", "firing"), ("[Re-Triggered] Hot", {}, "Hot", "firing"),
            ("[Recovered] Hot", {}, "Hot", "resolved"), ("[No Data on {a:b}] Hot", {}, "Hot", "firing"),
            ("Hot", {"transition": "Recovered"}, "Hot", "resolved"), ("[x] Hot", {}, "[x] Hot", "firing"),
            ("Hot [Recovered]", {}, "Hot [Recovered]", "firing"),
            ("[Recovered] Hot", {"transition": "$ALERT_TRANSITION"}, "Hot", "resolved"),
        ],
    )  # fmt: skip
    def test_how_it_stands_is_told_by_the_transition_or_the_title(
        self, title: str, more: dict[str, str], name: str, status: str
    ) -> None:
        """What is not known as the end fires."""
        alert = one(Datadog(), {"title": title, **more})
        assert (alert.name, alert.status) == (name, status)

    def test_the_cycle_joins_what_belongs_together(self) -> None:
        """Else the title does."""
        first, last = (one(Datadog(), {"title": title, "cycle": 7}) for title in ("[Triggered] A", "[Recovered] B"))
        assert first.fingerprint == last.fingerprint
        assert one(Datadog(), {"title": "A"}).fingerprint != first.fingerprint


class TestCloudWatch:
    def test_an_alarm_without_data_fires_where_told(self) -> None:
        """Unless told it is neither firing nor resolved."""
        alarm = {
            "AlarmName": "A",
            "NewStateValue": "INSUFFICIENT_DATA",
            "StateChangeTime": "2026-11-20T23:17:30.000+0000",
        }
        body = {"Type": "Notification", "MessageId": "1", "TopicArn": "t", "Message": json.dumps(alarm)}
        assert CloudWatch(signatures=False).parse(inbound(body)) == []
        alert = one(CloudWatch(signatures=False, no_data=True, severity="P2", severities={"A": "P1"}), body)
        assert (alert.status, alert.labels["severity"]) == ("firing", "P1")
        assert alert.starts_at == datetime(2026, 11, 20, 23, 17, 30, tzinfo=UTC)

    @pytest.mark.parametrize("message", ["", "text", "[]", '{"a": 1}', '{"AlarmName": "A", "NewStateValue": "x"}', 7])
    def test_what_is_no_alarm_is_invalid(self, message: object) -> None:
        """Other messages of the topic tell nothing that we could know."""
        with pytest.raises(Invalid):
            CloudWatch(signatures=False).parse(inbound({"Type": "Notification", "TopicArn": "t", "Message": message}))


class TestGitHub:
    def test_nothing_of_it_fires(self) -> None:
        """Whatever the event."""
        assert GitHub().parse(inbound({}, X_GitHub_Event="push")) == []

    @pytest.mark.parametrize("event", ["deployment", "deployment_status", "workflow_run"])
    def test_what_github_would_not_send_is_invalid(self, event: str) -> None:
        """With the place of what is missing; an event that we don't know tells nothing."""
        with pytest.raises(Invalid, match=r"\$\."):
            GitHub().changes(inbound({"action": "completed"}, X_GitHub_Event=event))
        assert GitHub().changes(inbound({}, X_GitHub_Event="star")) == []

    def test_a_deleted_branch_is_a_change(self) -> None:
        """It has no commit."""
        told = {"ref": "refs/heads/old", "head_commit": None, "deleted": True, "sender": {"login": "mara"}}
        (change,) = GitHub().changes(inbound(told, X_GitHub_Event="push"))
        assert (change.what, change.who, change.at) == ("old deleted", "mara", NOW)


class TestEmail:
    def mail(self, subject: str, body: str = "words", html: bool = False) -> bytes:
        made = EmailMessage()
        made["From"], made["Subject"] = "Watch <watch@tower.test>", subject
        made.set_content(body, subtype="html" if html else "plain")
        return made.as_bytes()

    @pytest.mark.parametrize(
        ("subject", "name", "status"),
        [
            ("Disk full", "Disk full", "firing"), ("[RESOLVED] Disk full", "Disk full", "resolved"),
            ("OK: Disk full", "Disk full", "resolved"), ("Okra is out", "Okra is out", "firing"),
            ("Störung ünd mehr", "Störung ünd mehr", "firing"), ("Recovered", "Recovered", "resolved"),
        ],
    )  # fmt: skip
    def test_the_subject_is_the_name_less_the_words_of_the_end(self, subject: str, name: str, status: str) -> None:
        """So the alert and its end are about the same."""
        alert = one(Email(), self.mail(subject))
        assert (alert.name, alert.status) == (name, status)

    def test_patterns_take_the_name_and_labels_from_the_subject(self) -> None:
        """What no pattern finds is left out; the end need not tell the severity again."""
        source = Email(alertname=r"(\w+) on", labels={"host": r"on (\S+)", "zone": r"zone (\d)"}, severity="P2")
        fires, ends = one(source, self.mail("DISK on db1")), one(source, self.mail("OK DISK on db1"))
        assert fires.labels == {"alertname": "DISK", "host": "db1", "severity": "P2"}
        assert merge(fires, ends).status == "resolved"
        assert fires.fingerprint == ends.fingerprint

    def test_what_is_ignored_tells_nothing_and_strangers_may_not_send(self) -> None:
        """By the address in From, in any case."""
        assert Email(ignored="^Digest").parse(inbound(self.mail("digest of today"))) == []
        assert one(Email(senders=("WATCH@tower.test",)), self.mail("x")).annotations["from"] == "watch@tower.test"
        with pytest.raises(Invalid, match="may not send here"):
            Email(senders=("else@tower.test",)).parse(inbound(self.mail("x")))

    def test_html_is_read_without_its_markup(self) -> None:
        """Where there is no plain text."""
        alert = one(Email(), self.mail("x", "<p>Nothing <b>shines</b></p>", html=True))
        assert " ".join(alert.annotations["summary"].split()) == "Nothing shines"

    @pytest.mark.parametrize(
        "body",
        [
            b"Subject: x\r\nFrom: =?x?=\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--",
            b"Subject: =?utf-8?b?\xff?= x\r\nFrom: <<>>@@\r\n\r\n\xff\xfe",
            b"Subject: x\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nwords",
            b"Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
            b"Subject: x\r\n" + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 5000,
            b"Subject: a\r\n b\r\n\tc\r\n\r\n",
        ],
    )
    def test_odd_emails_are_read_as_far_as_they_go(self, body: bytes) -> None:
        """Nothing in them makes the source fail."""
        assert one(Email(), body).name

    def test_a_pattern_that_would_take_for_ever_does_not(self) -> None:
        """Patterns are RE2's, whose time grows with the subject only."""
        alert = one(Email(alertname=r"^((a+)+)$", resolved=""), self.mail("a" * 900 + "!"))
        assert alert.status == "firing"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1795216651, "2026-11-20T23:17:31+00:00"), ("1795216651000", "2026-11-20T23:17:31+00:00"),
        ("2026-11-21T01:17:31.031244713+02:00", "2026-11-20T23:17:31.031244+00:00"), ("0001-01-01T00:00:00Z", None),
        ("2026-11-20T23:17:31", None), (True, None), (None, None), ({}, None), ("9" * 16, None), (-5, None),
    ],
)  # fmt: skip
def test_moments_in_every_usual_spelling(given: object, expected: str | None) -> None:
    """Anything else is no moment, and the time of arrival is taken instead: no alert is lost for its date."""
    found = heard.moment(given)
    assert (found.isoformat() if found else None) == expected
    assert found is None or found.utcoffset() == timedelta(0)
