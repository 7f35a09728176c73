"""A tocsin.toml that is not as it should be: exit code 2, one sentence with its place, nothing started.

Each row is what stands in the file, the place that is named and what is said about it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bad_input.node import RUNBOOK, assert_refused, up

HOOK = '[notifiers.hook]\nkind = "webhook"\n'
PROBE = '[signals."late trams"]\nprobe = "http"\n'
BAD = {
    # what kind of fault → text, words of the sentence
    "broken TOML": ("[people.ana]\nname = Ana\n", ("tocsin.toml", "line 2", "Mend the TOML")),
    "cut off": ('[people.ana]\nnotify = [\n"console",\n', ("tocsin.toml", "line 3")),
    "a table twice": ("[people.ana]\n[people.ana]\n", ("tocsin.toml", "line 2", "twice")),
    "nested too deeply": ("a = " + "[" * 100_000, ("tocsin.toml can't be read as TOML",)),
    "unknown table": ("[pepole.ana]\n", ("tocsin.toml:1: [pepole]", "no key 'pepole'", "Did you mean 'people'?")),
    "unknown key": ("[approvals]\npoeple = 2\n", ("tocsin.toml:2: [approvals] poeple", "Did you mean 'people'?")),
    "unknown setting of a plugin": (HOOK + 'colour = "red"\n', ("[notifiers.hook]", "no setting 'colour'")),
    "missing setting of a plugin": (PROBE, ('[signals."late trams"]', "url is missing")),
    "wrong type": ('[approvals]\npeople = "two"\n', ("tocsin.toml:2: [approvals] people", "a whole number, not text")),
    "wrong type of a table": ("people = 3\n", ("tocsin.toml:1: [people]", "a table, not a whole number")),
    "a date for a text": ("[server]\nurl = 2026-01-01\n", ("tocsin.toml:2: [server] url", "text, not a day")),
    "missing variable": (HOOK + 'secret = "env:NO_SUCH"\n', ("tocsin.toml", "secret", "no variable NO_SUCH")),
    "missing secret file": (HOOK + 'secret = "file:gone"\n', ("secret", "There is no file gone.")),
    "a secret file that is a pipe": (HOOK + 'secret = "file:pipe"\n', ("secret", "pipe is a pipe or a device")),
    "unknown notifier": ('[people.ana]\nnotify = ["pigeon"]\n', ("[people.ana]", "no notifier 'pigeon'", "console")),
    "unknown kind of notifier": ('[notifiers.bird]\nkind = "pigeon"\n', ("[notifiers.bird]", "'pigeon'", "webhook")),
    "no kind of notifier": ("[notifiers.bird]\n", ("[notifiers.bird]", "The kind is missing.")),
    "unknown probe": ('[signals.x]\nprobe = "crystal"\n', ('[signals."x"]', "'crystal'", "prometheus")),
    "role of nobody": ('[people.ana]\n[roles]\ndispatcher = "bob"\n', ('[roles] "dispatcher"', "'bob' is nobody")),
    "bad duration": ('[target]\ntimeout = "soon"\n', ("[target] timeout", "'soon' is not a duration", "90s")),
    "negative duration": ('[approvals]\nexpires = "-5m"\n', ("[approvals] expires", "'-5m' is not a duration")),
    "endless duration": (f'[target]\ntimeout = "{"9" * 30}d"\n', ("[target] timeout", "90s")),
    "a duration of ages": ('[approvals]\nexpires = "5000d"\n', ("[approvals] expires", "too long")),
    "no time at all": ('[target]\ntimeout = "0s"\n', ("[target] timeout", "'0s' is too short.")),
    "a signal without a pause": (PROBE + 'url = "http://x"\nevery = "0s"\n', ('[signals."late trams"] every', "short")),
    "nobody approves": ("[approvals]\npeople = 0\n", ("[approvals] people", "at least one person")),
    "more approve than there are": (f"[approvals]\npeople = {10**30}\n", ("[approvals] people", "at most 100")),
    "short token": ('[tokens.ana]\ntoken = "abc"\n', ("[tokens.ana]", "shorter than 16 characters")),
    "role of a token": ('[tokens.a]\ntoken = "abcdefghijklmnop"\nrole = "king"\n', ("[tokens.a]", "'king'", "viewer")),
}  # fmt: skip
OWN = ("broken TOML", "nested too deeply", "a secret file that is a pipe")
"""These get a process of their own, the others run in ours."""


@pytest.mark.parametrize("fault", BAD)
def test_a_fault_in_the_configuration_is_one_sentence_with_its_place(fault: str, tmp_path: Path) -> None:
    """Exit code 2, and no folder for the data was made."""
    text, words = BAD[fault]
    (tmp_path / "tram.md").write_text(RUNBOOK, "utf-8")
    (tmp_path / "tocsin.toml").write_text(text, "utf-8")
    os.mkfifo(tmp_path / "pipe")
    done = up("tram.md", cwd=tmp_path, own_process=fault in OWN)

    assert_refused(done, 2, "tocsin.toml", *words)
    assert not (tmp_path / "tocsin-data").exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("missing.toml", "There is no file missing.toml."),
        ("folder", "folder is a folder."),
        ("pipe", "pipe is a pipe or a device, not a regular file."),
        ("latin.toml", "latin.toml is not UTF-8 text (line 2)."),
        ("huge.toml", "huge.toml has 2,147,483,648 bytes; at most 1,048,576 are read."),
    ],
)
def test_a_configuration_that_can_t_be_read_is_one_sentence(name: str, sentence: str, tmp_path: Path) -> None:
    """It is named, and so is the option that names another."""
    (tmp_path / "tram.md").write_text(RUNBOOK, "utf-8")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latin.toml").write_bytes(b"[people.ana]\nname = 'Zo\xeb'\n")
    (tmp_path / "huge.toml").touch()
    os.truncate(tmp_path / "huge.toml", 2 * 1024**3)

    assert_refused(up("tram.md", "--config", name, cwd=tmp_path, own_process=True), 2, sentence)


def test_a_short_token_of_the_environment_is_refused(tmp_path: Path) -> None:
    """It is said before anything is served, and the token itself is not repeated."""
    (tmp_path / "tram.md").write_text(RUNBOOK, "utf-8")
    done = up("tram.md", cwd=tmp_path, TOCSIN_TOKEN="hunter2")

    assert_refused(done, 2, "TOCSIN_TOKEN is shorter than 16 characters.")
    assert "hunter2" not in done.err
