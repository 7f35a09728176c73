"""`tocsin init`: a configuration that is valid at once, pleasant to fill in, and never touched where it stands."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path

import pytest

from tests.cli.terminal import ROOT, Done, here
from tocsin.settings import LARGEST_FILE, Settings, read_settings
from tocsin.times import EPOCH

FERRY = """\
# Incidents of the ferry

## Severities

- **P1 (High)**: no ferry
- **P2 (Low)**: a late ferry

## Scenario 1: Tickets can't be bought

### Symptoms
- ticket errors > 5 % for 10 minutes
- boarding queue depth > 40

### Diagnosis
```bash
psql "$TICKETS_URL" -c "select 1"
curl -H "Authorization: Bearer <HARBOUR_TOKEN>" https://YOUR_HARBOUR/health
kill <pid>
```

### Verification
- Ticket errors below 1% for 15 minutes

## Contacts

| Role | Name | Email | Phone |
|---|---|---|---|
| Captain | Olga Mare | olga@ferry.example | [phone] |
| Harbour master | | | [phone] |

## Escalation
1. **0-10 min**: Call the deckhand
2. **10+ min**: Call the captain

## Communication Channels
- **Slack**: #ferry for all
- **Email**: crew@ferry.example for P1
- **Email**: Daily mail
"""
FOG = """\
# Incidents in fog

## Scenario: The radar is blind

### Symptoms
- radar latency p95 > 300 ms
- ticket errors > 9 %

### Diagnosis
```bash
radarctl --zone <zone> status --key $RADAR_KEY --ship <ship>
```

## Escalation
1. **0-5 min**: Call the deckhand
2. **5+ min**: Call the pilot
"""


@pytest.fixture
def ferry(tmp_path: Path) -> Path:
    """A folder with a runbook."""
    (tmp_path / "ferry.md").write_text(FERRY)
    (tmp_path / "fog.md").write_text(FOG)
    return tmp_path


def init(folder: Path, *arguments: str) -> Done:
    """Run it, and insist that it succeeds."""
    done = here("init", *arguments, cwd=folder)
    assert done.code == 0, done.err
    return done


def settings(folder: Path, name: str = "tocsin.toml", **environ: str) -> Settings:
    """What the file says, with nobody's environment."""
    return read_settings(folder / name, environ)


def test_what_is_known_is_filled_in_and_what_is_open_is_a_comment(ferry: Path) -> None:
    """The one person with an address fills the role; nothing else is claimed."""
    done = init(ferry, "ferry.md")
    made = settings(ferry)

    captain = made.directory.find("the captain", EPOCH)
    assert captain is not None
    assert (captain.name, dict(captain.contacts)) == ("Olga Mare", {"email": "olga@ferry.example"})
    assert made.directory.find("deckhand", EPOCH) is None
    assert (made.signals, made.placeholders, made.target.env_names, made.directory.channels) == ((), {}, (), {})
    text = (ferry / "tocsin.toml").read_text()
    assert '# "deckhand" = ""' in text
    assert re.search(
        r'# \[signals\."ticket errors"\]  # line 11: > 5 % for 10 min; line 22: recovered at < 1 %\n', text
    )
    assert '# "YOUR_HARBOUR" = ""  # line 17, text: curl' in text
    assert '# env = ["TICKETS_URL", "HARBOUR_TOKEN"]' in text
    assert "# Asked for in each incident: <pid>\n" in text
    assert done.out == ""
    assert done.err.splitlines()[-1] == (
        "Bound: 1 of 10. Open: 1 role, 2 metrics, 3 channels, 1 placeholder, 2 variables. "
        "Answer them in tocsin.toml, then run: tocsin check ferry.md"
    )


def test_every_guess_is_one_that_the_settings_take(ferry: Path) -> None:
    """Whoever takes away every "#" before a guess gets probes and ways to tell people, not an error."""
    init(ferry, "ferry.md")
    text = (ferry / "tocsin.toml").read_text()
    uncommented = re.sub(
        r"^# (?=\[(?:signals|notifiers)\.|(?:probe|url|query|scale|gauge|kind|host|sender|user|password|secret) = "
        r'|"(?:#ferry|crew@.*|Daily mail)" = )',
        "", text, flags=re.MULTILINE,
    )  # fmt: skip
    (ferry / "tocsin.toml").write_text(uncommented)
    made = settings(ferry, MAIL_PASSWORD="x", HOOK_SECRET="whsec_dG9jc2luLWV4YW1wbGUtc2VjcmV0LTAx")

    assert {signal.metric for signal in made.signals} == {"ticket errors", "boarding queue depth"}
    assert set(made.notifiers) == {"console", "mail", "hook"}
    assert {channel.name: channel.notify for channel in made.directory.channels.values()} == {
        "#ferry": ("hook",), "crew@ferry.example": ("mail",), "Daily mail": ("mail",),
    }  # fmt: skip


def test_a_second_run_changes_no_byte(ferry: Path) -> None:
    """Nothing new, nothing written: not even the file's time changes."""
    init(ferry, "ferry.md")
    before = (ferry / "tocsin.toml").read_bytes()
    os.utime(ferry / "tocsin.toml", (1, 1))
    done = init(ferry, "ferry.md")

    assert (ferry / "tocsin.toml").read_bytes() == before
    assert (ferry / "tocsin.toml").stat().st_mtime == 1
    assert done.err.startswith("tocsin.toml has it all already.\n")


def test_new_needs_stand_behind_the_answers_and_nothing_else_moves(ferry: Path) -> None:
    """Every line of the human's file stays, in its order, as it is written; what is new names its runbook."""
    mine = (
        "# our ferry\n[people]\n  [people.ben]   # he is kind\n  name='Ben'\n\n[roles]\ndeckhand = \"ben\"\n"
        "# the rest we don't know\n\n# how we measure\n[signals.'ticket errors']\nprobe = \"http\"\n"
        'url = "http://127.0.0.1:1/"\n\n[target]\nenv = [\n  "TICKETS_URL", # ours\n]'
    )
    (ferry / "tocsin.toml").write_text(mine)
    (ferry / "tocsin.toml").chmod(0o640)
    done = init(ferry, "ferry.md", "fog.md")
    text = (ferry / "tocsin.toml").read_text()

    lines = iter(text.splitlines())
    assert all(any(old == line for line in lines) for old in mine.splitlines())
    assert stat.S_IMODE((ferry / "tocsin.toml").stat().st_mode) == 0o640
    assert re.search(
        r'deckhand = "ben"\n# the rest we don\'t know\n# new in ferry\.md and fog\.md:\n'
        r'"Captain" = "olga-mare" .*\n# "pilot" = "" .*\n# "Harbour master" = "" .*\n\n# how we measure\n', text,
    )  # fmt: skip
    assert "ticket errors" not in text.partition("# --- New in")[2]
    assert '# [signals."radar latency p95"]  # fog.md line 6: > 300 ms' in text
    assert re.search(r"# For `env`, too:\n#   HARBOUR_TOKEN .*\n#   RADAR_KEY ", text)
    assert tomllib.loads(text)["roles"] == {"deckhand": "ben", "Captain": "olga-mare"}
    assert done.err.startswith("Added 14 things to tocsin.toml.\n")
    again = (ferry / "tocsin.toml").read_bytes()
    init(ferry, "fog.md", "ferry.md")
    assert (ferry / "tocsin.toml").read_bytes() == again


def test_answers_are_known_however_they_are_worded(ferry: Path) -> None:
    """A role by a part of its words, a metric by a longer one, a channel by its letters: none is asked for again."""
    init(ferry, "ferry.md")
    path = ferry / "tocsin.toml"
    path.write_text(
        '[people.olga]\n[roles]\ncaptain = "olga"\ndeckhand = "olga"\n"harbour" = "olga"\n'
        '[notifiers.post]\nkind = "console"\n[channels]\n"#FERRY" = "post"\n"crew@ferry.example" = "post"\n'
        '"daily  mail" = {notify = ["post"]}\n'
        '[signals."errors"]\nprobe = "http"\nurl = "http://127.0.0.1:1/"\n'
        '[signals."queue depth"]\nprobe = "http"\nurl = "http://127.0.0.1:1/"\n'
        '[placeholders]\nYOUR_HARBOUR = "harbour.example"\n"<pid>" = "1"\n'
        '[target]\nenv = ["TICKETS_URL", "HARBOUR_TOKEN"]\n'
    )
    before = path.read_bytes()
    done = init(ferry, "ferry.md")

    assert path.read_bytes() == before
    assert done.err.splitlines()[-1] == "Bound: all 10. Now run: tocsin up ferry.md"


@pytest.mark.parametrize(
    "mine",
    [
        'roles = {deckhand = "ben"}\n[people.ben]\n',
        'roles."deckhand" = "ben"\n[people.ben]\n',
        '[roles]\ndeckhand = "ben"\n[people.ben]\n[signals.x]\nprobe = "http"\nurl = "http://127.0.0.1:1/"\n[people.cleo]\n',
        'target = {env = ["TICKETS_URL"]}\n',
        "",
        "\n\n",
        "# nothing yet",
        '[people.ben]\nname = """\n[roles]\n"""\n[roles]\ndeckhand = "ben"',
    ],
)
def test_every_way_of_writing_toml_is_kept(ferry: Path, mine: str) -> None:
    """Inline tables, dotted keys, texts of several lines: answers mean what they meant, a second run is idle."""
    path = ferry / "tocsin.toml"
    path.write_text(mine)
    init(ferry, "ferry.md", "fog.md")
    first = path.read_text()

    told = tomllib.loads(mine)
    now = tomllib.loads(first)
    assert now.get("roles", {}).get("deckhand") == told.get("roles", {}).get("deckhand")
    assert now.get("target", {}) == told.get("target", {})
    assert first.startswith(mine.splitlines()[0] if mine.strip() else "")
    read_settings(path, {})
    init(ferry, "ferry.md", "fog.md")
    assert path.read_text() == first


def test_the_ends_of_lines_stay_as_they_are(ferry: Path) -> None:
    """A file with the line ends of Windows gets no others."""
    path = ferry / "tocsin.toml"
    path.write_bytes(b"[roles]\r\n\r\n[people.ben]\r\n")
    init(ferry, "ferry.md")
    text = path.read_bytes()

    assert text.count(b"\n") == text.count(b"\r\n") > 20
    assert text.startswith(b"[roles]\r\n# new in ferry.md:\r\n")


@pytest.mark.parametrize(
    ("mine", "says"),
    [
        (b"[roles\n", "tocsin.toml: Expected ']' at the end of a table declaration (at line 1, column 7)"),
        (b"a = 1\n\xff\n", "tocsin.toml is not UTF-8 text (line 2)"),
        (b"[defaults]\nseverty = 1\n", "severty"),
        (b'[roles]\n"On call" = "ben"\n"on-call" = "ben"\n', "is the same as"),
    ],
)
def test_a_file_that_is_no_configuration_is_left_alone(ferry: Path, mine: bytes, says: str) -> None:
    """One sentence with the place, and not a byte is written."""
    path = ferry / "tocsin.toml"
    path.write_bytes(mine)
    done = here("init", "ferry.md", cwd=ferry)

    assert (done.code, done.err.count("\n")) == (2, 1)
    assert says in done.err
    assert path.read_bytes() == mine
    assert sorted(each.name for each in ferry.iterdir()) == ["ferry.md", "fog.md", "tocsin.toml"]


def test_a_link_is_not_followed(ferry: Path) -> None:
    """What lies behind it stays as it is."""
    (ferry / "elsewhere").write_text("mine")
    (ferry / "tocsin.toml").symlink_to("elsewhere")
    done = here("init", "ferry.md", cwd=ferry)

    assert (done.code, done.err) == (2, "tocsin: tocsin.toml is a symbolic link. Name the file that it leads to.\n")
    assert (ferry / "elsewhere").read_text() == "mine"


def test_a_folder_that_can_not_be_written_is_one_sentence(ferry: Path) -> None:
    """Also one that is not there."""
    done = here("init", "ferry.md", "--config", "nowhere/tocsin.toml", cwd=ferry)

    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "tocsin: nowhere/tocsin.toml can't be written: No such file or directory. Name another place.\n"
    )


def test_a_file_that_nobody_could_read_is_not_written(ferry: Path) -> None:
    """One over the limit of the settings would stop the next start."""
    mine = f"# {'x' * (LARGEST_FILE - 100)}\n"
    (ferry / "tocsin.toml").write_text(mine)
    done = here("init", "ferry.md", cwd=ferry)

    assert (done.code, "would be larger than Tocsin reads" in done.err) == (2, True)
    assert (ferry / "tocsin.toml").read_text() == mine


def test_a_dry_run_shows_the_file_and_writes_none(ferry: Path) -> None:
    """What it prints is what would be written."""
    done = init(ferry, "ferry.md", "--dry-run")

    assert not (ferry / "tocsin.toml").exists()
    init(ferry, "ferry.md")
    assert done.out == (ferry / "tocsin.toml").read_text()
    assert done.err.startswith("Nothing was written; tocsin.toml would look like this.\n")


def test_as_json_it_says_what_is_open(ferry: Path) -> None:
    """For a script: the file, whether it changed, what is open with its line and what to do."""
    told = init(ferry, "ferry.md", "--json").json

    assert (told["config"], told["changed"], told["needs"]) == ("tocsin.toml", True, 10)
    assert {"kind": "role", "name": "deckhand"}.items() <= told["open"][0].items()
    assert not init(ferry, "ferry.md", "--json").json["changed"]
    (ferry / "tocsin.toml").unlink()
    assert init(ferry, "ferry.md", "--json", "--dry-run").json["text"].startswith("# What ferry.md")


def test_it_lies_where_tocsin_up_looks(ferry: Path) -> None:
    """Beside the first runbook, wherever one stands; the next command is one that can be copied."""
    (ferry / "our docs").mkdir()
    (ferry / "ferry.md").rename(ferry / "our docs" / "ferry.md")
    done = init(ferry, "our docs/ferry.md")

    assert (ferry / "our docs" / "tocsin.toml").exists()
    assert done.err.endswith("then run: tocsin check 'our docs/ferry.md'\n")
    done = init(ferry, "fog.md", "--config", "fog.toml")
    assert done.err.endswith("then run: tocsin check fog.md --config fog.toml\n")


def test_hostile_words_of_a_document_stay_words(ferry: Path) -> None:
    """Quotes, backslashes, signs that steer a terminal or turn text around: a key or a comment, and never more."""
    (ferry / "evil.md").write_text(
        '# Evil\n\n## Scenario: x\n\n### Symptoms\n- the "\\q" rate\u202e > 5 %\n\n## Escalation\n'
        '- If unresolved after 5 minutes, page the "night\x1b[31m" lead\n'
        '\n## Contacts\n\n| Role | Email |\n|---|---|\n| A\u2028[tokens.x] | a"@x.example |\n'
    )
    init(ferry, "evil.md")
    text = (ferry / "tocsin.toml").read_text()

    assert settings(ferry).tokens == ()
    assert not {char for char in text if not char.isprintable()} - {"\n"}
    first = (ferry / "tocsin.toml").read_bytes()
    init(ferry, "evil.md")
    assert (ferry / "tocsin.toml").read_bytes() == first


SHARED = ROOT.parent / "shared"


@pytest.mark.parametrize("folder", ["seeds", "corpus"])
def test_real_runbooks_get_a_file_that_loads_and_stays(tmp_path: Path, folder: str) -> None:
    """Of every real runbook: valid as written, idle the second time, and complete in a file that was empty."""
    books = sorted([*(SHARED / folder).glob("*.md"), *(SHARED / folder).glob("*.txt")])
    if not books:
        pytest.skip(f"../shared/{folder} is not there")
    for book in books:
        (tmp_path / "book.md").write_bytes(book.read_bytes())
        path = tmp_path / "tocsin.toml"
        for begin in (None, '[roles]\n\n[server]\nurl = "https://x.example"\n'):
            path.unlink(missing_ok=True)
            if begin:
                path.write_text(begin)
            init(tmp_path, "book.md")
            first = path.read_bytes()
            read_settings(path, {})
            init(tmp_path, "book.md")
            assert path.read_bytes() == first, book.name
