"""`[status]`: what can't be is said at the start, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.statuspage import pier
from tocsin.errors import Invalid
from tocsin.settings import read_settings

HEAD = '[status]\nname = "Pier"\n'
PART = '[[status.components]]\nname = "Ramp"\n'


def read(folder: Path, text: str) -> object:
    """The status page that a file configures."""
    (folder / "tocsin.toml").write_text(text, "utf-8")
    return read_settings(folder / "tocsin.toml", {}).status


def test_without_the_table_there_is_no_page(tmp_path: Path) -> None:
    """Nothing public is ever there by itself."""
    assert read(tmp_path, "") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[status]\nzone = 'UTC'\nsays = 'x'\n", "has no name"),
        (f"{HEAD}path = '/incidents'\n", "can't be its path"),
        (f"{HEAD}path = '/status/../x'\n", "can't be its path"),
        (f"{HEAD}path = 'status'\n", "can't be its path"),
        (f"{HEAD}url = 'status.example.org'\n", "not an address"),
        (f"{HEAD}zone = 'Mars/North'\n", "no time zone"),
        (f"{HEAD}listen = '8090'\n", "not an address"),
        (f"{HEAD}listen = '127.0.0.1:99999'\n", "not an address"),
        (f"{HEAD}mail = 'post'\n", "no notifier"),
        (f"{HEAD}webhooks = true\n", "where the page is"),
        (f"{HEAD}allow = ['10.0.0.0/99']\n", "10.0.0.0/99"),
        (f"{HEAD}severities = {{ P1 = 'bad' }}\n", "no state"),
        (f"{HEAD}{PART}{PART}", "can't be told from"),
        (f"{HEAD}[[status.components]]\nname = '42'\n", "no letter"),
        (f"{HEAD}{PART}follow = 'degraded'\n", "follows no signal"),
        (f"{HEAD}{PART}signals = ['queue']\n", "no signal under"),
        (f"{HEAD}{PART}colour = 'red'\n", "colour"),
        (HEAD + "".join(f"[[status.components]]\nname = 'part {n}'\n" for n in range(61)), "At most 60"),
    ],
)
def test_what_can_not_be_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """In one sentence that names the key."""
    with pytest.raises(Invalid, match=says.replace("[", r"\[")):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "says"), [('scenarios = ["The ramp is stuk"]', "no scenario"), ('severities = ["P9"]', "no severity")]
)
def test_a_binding_to_what_no_runbook_has_is_refused(tmp_path: Path, line: str, says: str) -> None:
    """It would silently never be proposed."""
    with pytest.raises(Invalid, match=says):
        pier.enter(tmp_path, f'[[status.components]]\nname = "More"\n{line}\n')
