"""``[sources.NAME]``: bound by its kind, told apart by its name, with its mistakes said at the start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.build import NOW
from tests.house import CONFIG, open_house
from tocsin.errors import Invalid
from tocsin.plug.kinds import Inbound
from tocsin.settings import read_settings
from tocsin.sources.datadog import Datadog
from tocsin.sources.generic import Generic
from tocsin.sources.pagerduty import PagerDuty

KEY = "0123456789abcdef0123456789abcdef"
GUIDE = (Path(__file__).parents[2] / "docs" / "how-to" / "receive-alerts.md").read_text("utf-8")


def test_several_of_one_kind_stand_under_their_names(tmp_path: Path) -> None:
    """Each with its own settings, its secret from the environment, and its name on the timeline."""
    path = tmp_path / "tocsin.toml"
    path.write_text(
        '[sources.ovens]\nkind = "generic"\ntoken = "env:OVENS"\n[sources.ovens.labels]\nalertname = "check.name"\n'
        f'[sources.tills]\nkind = "pagerduty"\ntoken = "{KEY}"\nname = "the tills"\n'
        '[sources.doors]\nkind = "pagerduty"\n',
        "utf-8",
    )
    found = read_settings(path, {"OVENS": "a-secret-of-the-ovens"}).sources
    ovens, tills, doors = found["ovens"], found["tills"], found["doors"]

    assert isinstance(ovens, Generic) and isinstance(tills, PagerDuty) and isinstance(doors, PagerDuty)
    assert (ovens.name, ovens.token.value, ovens.labels) == (
        "ovens",
        "a-secret-of-the-ovens",
        {"alertname": "check.name"},
    )
    assert (tills.name, doors.name) == ("the tills", "doors")
    assert (ovens.guarded, doors.guarded) == (True, False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[sources.a]\n", "[sources.a]: The kind is missing"),
        ('[sources.a]\nkind = "pigeon"\n', "'pigeon' is not a kind we have. Use one of: alertmanager, cloudwatch"),
        ('[sources.a]\nkind = "generic"\n', "[sources.a]: labels is missing"),
        ('[sources.a]\nkind = "grafana"\ntokn = "x"\n', "there is no setting 'tokn'. Did you mean 'token'?"),
        ('[sources.a]\nkind = "grafana"\ntoken = "short"\n', "[sources.a]: A secret there is shorter than 16"),
        ('[sources.A]\nkind = "grafana"\n', "'A' is not the name of a source"),
        ('[sources."a/b"]\nkind = "grafana"\n', "'a/b' is not the name of a source"),
        ('[sources.tocsin]\nkind = "grafana"\n', "'tocsin' is how Tocsin's own alerts are called"),
        ('[sources.a]\nkind = "grafana"\nname = "tocsin"\n', "'tocsin' is how Tocsin's own alerts are called"),
        ('[sources.a]\nkind = "grafana"\n[sources.b]\nkind = "email"\nname = "a"\n', "'a' is what a is called too"),
        ('[sources.a]\nkind = "email"\nalertname = "("\n', "alertname: '(' is not a pattern"),
        ('[sources.a]\nkind = "email"\nalertname = "x"\n', "alertname: 'x' has no group"),
        ('[sources.a]\nkind = "grafana"\ntoken = "env:GONE"\n', "no variable GONE"),
        (
            "".join(f'[sources.{name}]\nkind = "pagerduty"\ntoken = "{KEY}"\n' for name in "ab"),
            "[sources.b] token: This is the same token as that of a",
        ),
        ("[sources]\na = 1\n", "[sources] a: a must be a table, not a whole number."),
        ("[intake.mial]\n", "[intake.mial]: 'mial' is no way in"),
        ("[intake.mail]\nlisen = 1\n", "lisen"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_its_place(tmp_path: Path, text: str, says: str) -> None:
    """Before anything is served."""
    path = tmp_path / "tocsin.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(Invalid) as caught:
        read_settings(path, {})
    assert says in str(caught.value)
    assert "tocsin.toml" in str(caught.value)


def test_a_sources_secrets_are_masked_like_any_others(tmp_path: Path) -> None:
    """They stand in no timeline, even if somebody notes one."""
    config = f'{CONFIG}\n[sources.tills]\nkind = "pagerduty"\ntoken = "{KEY}"\n'
    app = open_house(tmp_path, str(tmp_path / "tocsin.db"), config=config)
    assert KEY in app.settings.secrets
    assert KEY not in repr(app.settings.sources)
    app.db.close()


@pytest.mark.parametrize("text", re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
def test_the_guides_examples_are_taken_as_they_stand(text: str, tmp_path: Path) -> None:
    """Whoever copies one has something that works."""
    path = tmp_path / "tocsin.toml"
    path.write_text(text, "utf-8")
    variables = {name: f"a-long-secret-{name}" for name in re.findall(r"env:(\w+)", text)}
    assert read_settings(path, variables).sources


def test_the_guides_payload_for_datadog_is_read(tmp_path: Path) -> None:
    """With Datadog's variables filled in."""
    payload = re.findall(r"^```json\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)[0]
    filled = payload.replace("$EVENT_TITLE", "[Recovered] Hot").replace("$ALERT_CYCLE_KEY", "7")
    (alert,) = Datadog().parse(Inbound(body=filled.encode(), headers={}, received_at=NOW))
    assert (alert.name, alert.status, alert.key) == ("Hot", "resolved", "7")
