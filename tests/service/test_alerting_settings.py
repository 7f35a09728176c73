"""``[grouping]``, ``[silences]`` and ``[deadman]``: what may be written there, and what is refused with its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tocsin.errors import Invalid
from tocsin.settings import Settings, read_settings


def read(folder: Path, text: str) -> Settings:
    """The settings that a file tells."""
    path = folder / "tocsin.toml"
    path.write_text(text, "utf-8")
    return read_settings(path, {"WATCHER": "https://watch.example.org/7c1d"})


def test_what_is_written_counts(tmp_path: Path) -> None:
    """Durations, labels and a secret address by its reference."""
    found = read(
        tmp_path,
        """
        [grouping]
        by = ["cluster", "service"]
        within = "10m"
        storm = 3
        [silences]
        longest = "2d"
        [deadman]
        url = "env:WATCHER"
        allow = ["10.0.0.0/8"]
        expect = "Watchdog"
        within = "5m"
        """,
    )
    assert (found.grouping.by, found.grouping.within, found.grouping.storm, found.grouping.most) == (
        ("cluster", "service"), timedelta(minutes=10), 3, 20
    )  # fmt: skip
    assert found.longest_silence == timedelta(days=2)
    assert (found.deadman.url, found.deadman.allow) == ("https://watch.example.org/7c1d", ("10.0.0.0/8",))
    assert (found.deadman.expect, found.deadman.within) == ("Watchdog", timedelta(minutes=5))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[grouping]\nby = ["a b"]', "[grouping] by"),
        ('[grouping]\nby = ["a", "a"]', "[grouping]"),
        ("[grouping]\nstorm = 0", "[grouping] storm"),
        ("[grouping]\nmost = 100000", "[grouping] most"),
        ('[grouping]\nwithin = "soon"', "[grouping] within"),
        ('[silences]\nlongest = "1s"', "[silences] longest"),
        ('[deadman]\nurl = "watch.example.org"', "[deadman] url"),
        ('[deadman]\nurl = "https://watch.example.org"\nallow = ["10.0.0"]', "[deadman] allow"),
        ('[deadman]\nevery = "0s"', "[deadman] every"),
        ("[deadman]\nuntil = 3", "tocsin.toml"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    """Before anything starts."""
    with pytest.raises(Invalid) as refused:
        read(tmp_path, text)
    assert place in str(refused.value)
