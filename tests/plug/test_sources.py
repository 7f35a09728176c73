"""What is peculiar to each source."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.core.alert import Alert
from tocsin.errors import Invalid
from tocsin.plug.kinds import Inbound
from tocsin.sources.alertmanager import Alertmanager
from tocsin.sources.generic import Generic

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LABELS = {"alertname": "QueueStuck"}


def inbound(body: object) -> Inbound:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Inbound(body=data, headers={}, received_at=NOW)


def message(**more: object) -> dict[str, object]:
    return {"version": "4", "status": "firing", "alerts": [{"status": "firing", "labels": LABELS, **more}]}


class TestAlertmanager:
    def one(self, **more: object) -> Alert:
        (alert,) = Alertmanager().parse(inbound(message(**more)))
        return alert

    def test_a_firing_alert_has_no_end(self) -> None:
        """Go's zero time means "absent", for start and end."""
        alert = self.one(startsAt="0001-01-01T00:00:00Z", endsAt="0001-01-01T00:00:00.000Z")
        assert (alert.starts_at, alert.ends_at, alert.updated_at, alert.source) == (NOW, None, NOW, "alertmanager")
        assert alert.firing_at(NOW + timedelta(days=1))

    def test_times_have_nine_digits_and_any_zone(self) -> None:
        """Nanoseconds are cut to microseconds, zones become UTC."""
        alert = self.one(startsAt="2026-11-21T01:17:31.031244713+02:00")
        assert alert.starts_at == datetime(2026, 11, 20, 23, 17, 31, 31244, tzinfo=UTC)

    def test_each_alert_counts_by_its_own_status(self) -> None:
        """A message that says "firing" may hold alerts that are resolved."""
        alert = self.one(status="resolved", endsAt="2026-11-21T11:00:00Z")
        assert (alert.status, alert.ends_at) == ("resolved", datetime(2026, 11, 21, 11, tzinfo=UTC))
        assert self.one(status="resolved").ends_at == NOW

    def test_unknown_keys_are_ignored(self) -> None:
        """Newer versions add some."""
        body = {**message(new={"deep": [1]}), "notification_reason": "new alerts added", "routeLabels": {"a": "b"}}
        assert len(Alertmanager().parse(inbound(body))) == 1

    def test_no_alerts_are_no_fault(self) -> None:
        """An empty list is a message about nothing."""
        assert Alertmanager().parse(inbound({"version": "4", "alerts": []})) == []

    def test_texts_stay_as_they_are(self) -> None:
        """Hostile text is data; only links that a browser would run are dropped."""
        evil = "<b>$(id)</b>\r\n{{7*7}}"
        alert = self.one(annotations={"summary": evil}, generatorURL="javascript:alert(1)")
        assert (alert.annotations["summary"], alert.url) == (evil, "")

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"labels": {"alertname": 5}}, "$.alerts[0].labels"),
            ({"labels": []}, "$.alerts[0].labels"),
            ({"labels": {}}, "$.alerts[0].labels"),
            ({"labels": {"alertname": ""}}, "$.alerts[0].labels"),
            ({"annotations": {"a": None}}, "$.alerts[0].annotations"),
            ({"status": "pending"}, "$.alerts[0].status"),
            ({"startsAt": "yesterday"}, "$.alerts[0].startsAt"),
            ({"startsAt": "2026-13-40T00:00:00Z"}, "$.alerts[0].startsAt"),
            ({"startsAt": "2026-11-20T23:17:31"}, "$.alerts[0].startsAt"),
            ({"endsAt": "9999-12-31T23:59:59-05:00"}, "$.alerts[0].endsAt"),
            ({"endsAt": 5}, "$.alerts[0].endsAt"),
        ],
    )
    def test_faults_name_their_place(self, change: dict[str, object], place: str) -> None:
        """The sentence says where in the message the fault stands."""
        with pytest.raises(Invalid) as caught:
            self.one(**change)
        assert place in str(caught.value)

    def test_another_version_is_refused(self) -> None:
        """What we do not know we do not guess."""
        with pytest.raises(Invalid, match=r"\$\.version"):
            Alertmanager().parse(inbound({"version": "5", "alerts": []}))

    def test_captured_messages_are_read(self) -> None:
        """What a real Alertmanager sent is taken, and our fingerprints are its own."""
        file = next(iter((Path(__file__).parents[3] / "shared/fixtures").glob("alertmanager-*_captured.jsonl")), None)
        if file is None:
            pytest.skip("the captured messages are not here")
        bodies = [
            line["body"] for line in map(json.loads, file.read_text().splitlines()) if line["path"].startswith("/hook")
        ]
        assert bodies
        for body in bodies:
            told = {alert["fingerprint"]: alert["status"] for alert in json.loads(body)["alerts"]}
            alerts = Alertmanager().parse(inbound(body.encode()))
            assert {alert.fingerprint: alert.status for alert in alerts} == told


class TestGeneric:
    def one(self, item: object, **settings: object) -> Alert:
        (alert,) = Generic(**{"labels": {"alertname": "name"}, **settings}).parse(inbound(item))  # type: ignore[arg-type]
        return alert

    def test_paths_lead_through_objects_and_lists(self) -> None:
        """A dot goes one deeper, a number into a list, a backslash keeps a dot in a key; missing is left out."""
        item = {"name": "n", "a": {"b": [{"c.d": 5}]}, "flag": True, "none": None, "ratio": 0.5}
        paths = {
            "alertname": "name",
            "x": "a.b.0.c\\.d",
            "y": "flag",
            "z": "none",
            "w": "a.b.7",
            "v": "ratio",
            "u": "name.x",
        }
        assert self.one(item, labels=paths).labels == {"alertname": "n", "x": "5", "y": "true", "v": "0.5"}

    def test_fixed_labels_are_added(self) -> None:
        """They win over what the message says: the sender can't choose its own severity."""
        labels = {"alertname": "name", "severity": "sev"}
        alert = self.one({"name": "n", "sev": "low"}, labels=labels, fixed={"severity": "P1"})
        assert alert.labels == {"alertname": "n", "severity": "P1"}

    @pytest.mark.parametrize("state", ["OK", "ok", "Resolved"])
    def test_states_that_mean_resolved(self, state: str) -> None:
        """In any case; every other state fires."""
        assert self.one({"name": "n", "s": state}, status="s").status == "resolved"
        assert self.one({"name": "n", "s": state}, status="s").ends_at == NOW
        assert self.one({"name": "n", "s": "alarm"}, status="s").status == "firing"
        assert self.one({"name": "n"}, status="s").status == "firing"

    @pytest.mark.parametrize("moment", [1795216651, 1795216651000, "1795216651", "2026-11-20T23:17:31Z"])
    def test_moments_in_every_usual_spelling(self, moment: object) -> None:
        """Unix time in seconds or milliseconds, or text with a zone."""
        expected = datetime(2026, 11, 20, 23, 17, 31, tzinfo=UTC)
        assert self.one({"name": "n", "t": moment}, starts_at="t").starts_at == expected

    @pytest.mark.parametrize("moment", ["soon", "2026-11-20T23:17:31", "9" * 16, "1e400", -5])
    def test_moments_that_are_none(self, moment: object) -> None:
        """A time without a zone could be any; nothing is guessed."""
        with pytest.raises(Invalid, match=r"\$\.t: .* is not a time"):
            self.one({"name": "n", "t": moment}, starts_at="t")

    @pytest.mark.parametrize(
        ("body", "settings", "place"),
        [
            ({"x": 1}, {}, "$.name"),
            ({"name": {"deep": 1}}, {}, "$.name"),
            ([{"name": "n"}, {"name": [1]}], {}, "$[1].name"),
            ({"events": {"list": 5}}, {"alerts": "events.list"}, "$.events.list"),
            ({}, {"alerts": "events.list"}, "$.events.list"),
        ],
    )
    def test_faults_name_their_place(self, body: object, settings: dict[str, object], place: str) -> None:
        """As a path from the body's root."""
        with pytest.raises(Invalid) as caught:
            self.one(body, **settings)
        assert str(caught.value).startswith(f"{place}: ")

    @pytest.mark.parametrize(
        "settings",
        [{"labels": {}}, {"labels": {"alertname": ".x"}}, {"labels": {"alertname": "a..b"}}, {"status": "x."}],
    )
    def test_faults_of_the_configuration(self, settings: dict[str, object]) -> None:
        """A mapping that can't work is told when the configuration is read."""
        with pytest.raises(ValueError, match=r"path|alertname"):
            Generic(**{"labels": {"alertname": "name"}, **settings})  # type: ignore[arg-type]
