"""``[notices]``, ``[templates]`` and personal rules: what is understood, and what is refused with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import open_house
from tocsin.errors import Invalid
from tocsin.settings import read_settings

ANA = '[people.ana]\nnotify = ["console"]\n'


def read(folder: Path, text: str) -> object:
    """The settings of a file with this text."""
    file = folder / "tocsin.toml"
    file.write_text(text, "utf-8")
    return read_settings(file, {})


def test_rules_and_notices_are_read(tmp_path: Path) -> None:
    """A person's zone counts for their hours, else that of the team's calendar."""
    text = (
        '[calendar]\nzone = "Europe/Lisbon"\n[notices]\nnext_method_after = "90s"\npages_a_minute = 2\n'
        f'{ANA}[[people.ana.rules]]\nmethods = ["console"]\nseverities = "P1"\n'
        'between = ["22:00-07:00", "Sat,Sun 00:00-24:00"]\n'
        '[[people.ana.rules]]\nmethods = ["console"]\nzone = "Asia/Tokyo"\nnext_after = "0s"\n'
    )
    settings = read(tmp_path, text)
    first, second = settings.directory.people["ana"].rules  # type: ignore[attr-defined]
    assert (first.severities, len(first.between), first.zone, first.wait) == (("P1",), 2, "Europe/Lisbon", None)
    assert (second.zone, second.wait, second.place) == ("Asia/Tokyo", timedelta(0), "tocsin.toml rule 2 of ana")
    telling = settings.telling  # type: ignore[attr-defined]
    assert (telling.next_after, telling.pages, telling.informs) == (timedelta(seconds=90), 2, 5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'{ANA}[[people.ana.rules]]\nmethods = []\n', "1 to 5 methods"),
        (f'{ANA}[[people.ana.rules]]\nmethods = ["pigeon"]\n', "no notifier 'pigeon'"),
        (f'{ANA}[[people.ana.rules]]\nmethods = ["console"]\nbetween = "at night"\n', "no hours"),
        (f'{ANA}[[people.ana.rules]]\nmethods = ["console"]\nzone = "Mars/Base"\n', "no time zone"),
        (f'{ANA}[[people.ana.rules]]\nmethods = ["console"]\nnext_after = "soon"\n', "not a duration"),
        (f'{ANA}[[people.ana.rules]]\nmethod = ["console"]\n', "method"),
        ("[notices]\npages_a_minute = 0\n", "1 to 1000"),
        ("[notices]\nnext_method_after = 5\n", 'Write next_method_after = "15m".'),
        ('[templates.letter]\nsubject = "x"\n', "no kind of notice"),
        ('\n\n[templates.page]\n# {nobody}\nsubject = "x"\nbody = "{nobody}"\n', "tocsin.toml:6: "),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    """At the start, in a sentence."""
    with pytest.raises(Invalid) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)


def test_a_rule_about_a_severity_that_is_none_is_refused(tmp_path: Path) -> None:
    """It would silently never count; the nearest one is named."""
    config = f'{ANA}[[people.ana.rules]]\nmethods = ["console"]\nseverities = ["p1", "P11"]\n'
    with pytest.raises(Invalid, match="'P11' is not a severity"):
        open_house(tmp_path, f"sqlite://{tmp_path}/t.db", config=config)
