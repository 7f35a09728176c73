"""A value of the wrong shape: the file, the line, the table, the key, and how it is written instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.errors import Invalid
from tocsin.settings import outline, read_settings
from tocsin.settings.lines import line_of

PROBE = 'probe = "http"\nurl = "http://127.0.0.1:1/"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '[people.ben]\nnotify = ["console"]\n[people.ana]\nnotify = "console"\n',
            'toml:5: [people.ana] notify: notify must be a list, not text. Write notify = ["mail", "console"].',
        ),
        (
            '[target]\nenv = "DATABASE_URL"\n',
            'toml:3: [target] env: env must be a list, not text. Write env = ["DATABASE_URL"].',
        ),
        ('[calendar]\nholidays = "2026-12-25"\n', "Write holidays = [2026-12-25, 2026-12-26]."),
        (
            '[roles]\n"team lead" = "ana"\n"on-call" = ["ana"]\n',
            'toml:4: [roles] on-call: on-call must be text, not a list. Write on-call = "…".',
        ),
        ('[channels]\n"#bread" = 5\n', 'Write "#bread" = "…" or [channels."#bread"] on a line of its own'),
        ("signals = 5\n", "toml:2: [signals]: signals must be a table, not a whole number. Write [signals] on a line"),
        ('[signals]\n"oven heat" = "up"\n', "toml:3: [signals] oven heat: oven heat must be a table, not text."),
        ('[defaults]\nflapping_times = "3"\n', "must be a whole number, not text. Write flapping_times = 3."),
        (
            f'[signals."oven heat"]\n{PROBE}follow = "3"\n',
            'toml:5: [signals."oven heat"] follow: follow must be a whole number, not text. Write follow = 3.',
        ),
        (f"[signals.heat]\n{PROBE}status = 200\n", 'status must be text, not a whole number. Write status = "200".'),
        (
            '[scrape.shop]\nurl = "http://127.0.0.1:1/"\nlabels = ["a"]\n',
            'toml:4: [scrape.shop] labels: labels must be a table, not a list. Write labels = { name = "…" }.',
        ),
        (f'[signals.heat]\n{PROBE}allow = "10.0.0.0/8"\n', 'Write allow = true or allow = ["10.0.0.0/8"].'),
        (
            '[notifiers.mail]\nkind = "smtp"\nport = "25"\n',
            "toml:4: [notifiers.mail] port: port must be a whole number",
        ),
        ("[signal.heat]\n", "toml:2: [signal]: there is no key 'signal'. Did you mean 'signals'?"),
        (
            "[defaults]\n\nseverty = 1\n",
            "toml:4: [defaults] severty: there is no key 'severty'. Did you mean 'severity'?",
        ),
        (
            '[channels]\n"#bread" = {notfy = []}\n',
            """toml:3: [channels."#bread"] notfy: there is no key 'notfy'. Did you mean 'notify'?""",
        ),
        (f'[signals.heat]\n{PROBE}every = "soon"\n', "toml:5: [signals.\"heat\"] every: 'soon' is not a duration"),
    ],
)
def test_a_wrong_shape_is_told_with_its_line_and_the_right_form(tmp_path: Path, text: str, says: str) -> None:
    """Nobody needs to know what an array or an object is to mend their file."""
    path = tmp_path / "tocsin.toml"
    path.write_text(f"# the bakery\n{text}", "utf-8")
    with pytest.raises(Invalid) as caught:
        read_settings(path, {})
    assert says in str(caught.value)
    assert "Expected" not in str(caught.value)


def test_a_value_that_may_be_secret_is_not_repeated(tmp_path: Path) -> None:
    """What stands in the wrong place may be a password; the sentence goes to logs."""
    path = tmp_path / "tocsin.toml"
    path.write_text("[tokens.ana]\ntoken = 4711081547110815\n", "utf-8")
    with pytest.raises(Invalid) as caught:
        read_settings(path, {})
    assert "[tokens.ana] token: token must be text, not a whole number." in str(caught.value)
    assert "4711" not in str(caught.value)


def test_the_outline_tells_the_same(tmp_path: Path) -> None:
    """`tocsin init` reads the file without following its references, and refuses it with the same sentence."""
    with pytest.raises(Invalid, match=r"t\.toml:2: \[server\] labels: labels must be a list, not text"):
        outline(b'[server]\nlabels = "linux"\n', tmp_path / "t.toml")


def test_the_line_is_that_of_the_key_and_not_of_a_word() -> None:
    """A comment, another table, a text over several lines: only where the key itself is set counts."""
    text = '# follow\n[a]\nx = """\n[b]\nfollow = 1\n"""\n[b]\ny = [\n  "follow",\n]\nfollow = 2\n'
    assert line_of(text, ["b", "follow"]) == 11
    assert line_of(text, ["b"]) == 7
    assert line_of(text, ["b", "y"]) == 8
    assert line_of(text, ["c"]) == 0
    assert line_of("word = 1 word\n" * 5000, ["word"]) == 0
