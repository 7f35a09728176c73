"""``tocsin.toml``: whatever would fail silently at night is a sentence at the start."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.house import open_house
from tocsin.core.flapping import Flapping
from tocsin.errors import Invalid
from tocsin.settings import Settings, read_settings

PROBE = 'probe = "http"\nurl = "http://127.0.0.1:1/"\n'


def read(folder: Path, text: str, **environ: str) -> Settings:
    """The settings that stand in this text."""
    path = folder / "tocsin.toml"
    path.write_text(text, "utf-8")
    return read_settings(path, environ)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[people.Ana]\n[people.ana]\n", "'ana' is the same as 'Ana'"),
        ('[people."!"]\n', "'!' has neither a letter nor a digit"),
        ('[people.ana]\n[roles]\n"On call" = "ana"\n"on-call" = "ana"\n', "'on-call' is the same as 'On call'"),
        (f'[signals."error rate"]\n{PROBE}[signals."error-rate"]\n{PROBE}', "is the same as 'error rate'"),
        ("[people.ana]\nnotify = [" + '"console",' * 6 + "]\n", "at most 5 ways"),
        ('[people.ana]\nnotify = ["pager"]\n', "There is no notifier 'pager'"),
        ('[roles]\nlead = "zoe"\n', "'zoe' is nobody under [people]"),
        ('[channels]\n"#bread" = "pager"\n', "There is no notifier 'pager'"),
        ('[channels]\n"#bread" = {notify = ["pager"]}\n', "There is no notifier 'pager'"),
        ('[channels]\n"#Bread" = "console"\n"#bread" = "console"\n', "'#bread' is the same as '#Bread'"),
        ('[channels]\n" " = "console"\n', "A channel has no address"),
        ('[channels]\n"#bread" = {notfy = []}\n', "notfy"),
        ("[channels]\n'#bread' = {notify = [" + '"console",' * 6 + "]}\n", "at most 5 ways"),
        ('[target]\nenv = ["A=B"]\n', "'A=B' is not the name of a variable"),
        ('[target]\nenv = ["A,B"]\n', "'A,B' is not the name of a variable"),
        ('[target]\nenv = ["A"]\npublic = ["B"]\n', "'B' is public, but not in env"),
        ('[server]\nurl = "tocsin.example.org"\n', "'tocsin.example.org' is not an address"),
        ('[tokens.Tocsin]\ntoken = "0123456789abcdef"\n', "'Tocsin' is the name of the engine"),
        ('[tokens.a]\ntoken = "0123456789abcdef"\n[tokens.b]\ntoken = "0123456789abcdef"\n', "the same token as a"),
        ('[tokens.a]\ntoken = "short"\n', "shorter than 16"),
        ('[tokens.a]\ntoken = "0123456789abcdef"\nrole = "king"\n', "'king' is not a role"),
        ('[signals.load]\nurl = "http://127.0.0.1:1/"\n', "probe is missing"),
        ("[defaults]\nseverty = 1\n", "severty"),
        ('[people]\nana = "ana@example.org"\n', "toml:2: [people] ana: ana must be a table, not text."),
    ],
)
def test_a_mistake_is_one_sentence_that_names_its_place(tmp_path: Path, text: str, says: str) -> None:
    """Nothing is replaced, dropped or guessed in silence."""
    with pytest.raises(Invalid) as caught:
        read(tmp_path, text)
    assert says in str(caught.value)
    assert "tocsin.toml" in str(caught.value)


def test_a_default_severity_that_no_runbook_has_is_said_at_the_start(tmp_path: Path) -> None:
    """Else every incident would silently be declared at another one."""
    config = '[people.ana]\n[defaults]\nseverity = "SEV7"\n'
    with pytest.raises(Invalid, match=r"'SEV7' is not a severity of any runbook.*P1, P2"):
        open_house(tmp_path, str(tmp_path / "tocsin.db"), config=config)
    assert not (tmp_path / "tocsin.db").exists()


def test_secrets_are_taken_from_where_they_are(tmp_path: Path) -> None:
    """By reference to the environment or to a file; what commands may see and is not public is masked."""
    (tmp_path / "token").write_text("0123456789abcdef-file\n", "utf-8")
    text = (
        '[target]\nenv = ["DATABASE_URL", "REGION"]\npublic = ["REGION"]\n'
        '[tokens.a]\ntoken = "env:A_TOKEN"\n[tokens.b]\ntoken = "file:token"\n[approvals]\nexpires = "10m"\n'
    )
    found = read(tmp_path, text, A_TOKEN="0123456789abcdef", DATABASE_URL="postgresql://x:y@z/db", REGION="north")
    assert [token.secret for token in found.tokens] == ["0123456789abcdef", "0123456789abcdef-file"]
    assert found.secrets == ("postgresql://x:y@z/db",)
    assert found.approvals.expires == timedelta(minutes=10)
    assert "0123456789abcdef" not in repr(found)


def test_a_channel_is_told_by_what_its_address_is(tmp_path: Path) -> None:
    """A mail address for mail, a URL for hooks, a name for chats; a table says it where the address doesn't."""
    made = read(
        tmp_path,
        '[channels]\n"#bread" = "console"\n"bakers@bread.example" = "console"\n"https://bread.example/in" = "console"\n'
        '"Daily mail" = {notify = ["console"], email = "all@bread.example", name = "Everybody"}\n',
    ).directory.channels

    assert {channel.name: dict(channel.contacts) for channel in made.values()} == {
        "#bread": {"chat": "#bread"},
        "bakers@bread.example": {"email": "bakers@bread.example"},
        "https://bread.example/in": {"url": "https://bread.example/in"},
        "Everybody": {"chat": "Daily mail", "email": "all@bread.example"},
    }


def test_a_channel_is_never_taken_for_a_person(tmp_path: Path) -> None:
    """One called as somebody's table has an id of its own."""
    directory = read(tmp_path, '[people.ana]\nname = "Ana"\n[channels]\nana = "console"\n').directory

    assert directory.name_of("ana") == "Ana"
    assert [directory.receiver(name) for name in directory.channels] == list(directory.channels.values())
    assert "ana" not in directory.channels


RULE = "[[approvals.rules]]\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{RULE}people = -1\n", "rule 1 of [[approvals.rules]] people"),
        (f'{RULE}people = 1\n{RULE}verdict = "read"\n', "'read' is not a verdict"),
        (f'{RULE}stage = ["mitigation", "lunch"]\n', "'lunch' is not a stage"),
        (f'{RULE}roles = ["zoe"]\n', "'zoe' is nobody who could approve"),
        ('[approvals]\nroles = ["responder"]\n', "'responder' is nobody who could approve"),
        (f'{RULE}expires = "soon"\n', "'soon' is not a duration"),
        (f'{RULE}target = "prod"\n', "'prod' is no target"),
        (f'{RULE}severty = "P1"\n', "severty"),
        (
            f'{RULE}trait = "destructiv"\n',
            "rule 1 of [[approvals.rules]] trait: 'destructiv' is not a trait. Did you mean",
        ),
        (f'{RULE}trait = ["network", "zzz"]\n', "'zzz' is not a trait. Use one of: destructive, endless"),
        (f'{RULE}verdict = "chnge"\n', "'chnge' is not a verdict. Did you mean 'change'?"),
        (f'{RULE}stage = "mitigaton"\n', "'mitigaton' is not a stage. Did you mean 'mitigation'?"),
        ("[approvals]\npeople = 0\n", "at least one person"),
    ],
)
def test_a_mistake_in_a_rule_of_approvals_is_said_at_the_start(tmp_path: Path, text: str, says: str) -> None:
    """A rule that would silently never fit would be a weaker policy than somebody thinks."""
    with pytest.raises(Invalid) as caught:
        read(tmp_path, text)
    assert says in str(caught.value)


def test_a_rule_knows_the_line_on_which_it_stands(tmp_path: Path) -> None:
    """Where every rule is a table of its own; else its number alone says which one it is."""
    text = (
        '# rules\n[approvals]\npeople = 2\n\n[[approvals.rules]]\nseverity = "P1"\n[[ approvals.rules ]]\npeople = 0\n'
    )
    found = read(tmp_path, text).approvals
    assert [rule.place for rule in found.rules] == ["tocsin.toml line 5, rule 1", "tocsin.toml line 7, rule 2"]
    short = read(tmp_path, '[approvals]\nrules = [{severity = ["P1", "P2"], people = 3}]\n').approvals
    assert [rule.place for rule in short.rules] == ["tocsin.toml rule 1"]
    assert short.rules[0].severity == ("P1", "P2")


def test_how_long_an_incident_can_come_back_and_when_an_alert_flaps_is_set(tmp_path: Path) -> None:
    """Two hours and three times unless told; zero switches off, and what makes no sense is refused by name."""
    assert read(tmp_path, "").reopen_within == timedelta(hours=2)
    text = '[defaults]\nreopen_within = "0s"\nflapping_times = 0\nflapping_within = "10m"\n'
    found = read(tmp_path, text)
    assert (found.reopen_within, found.flapping) == (timedelta(0), Flapping(times=0, within=timedelta(minutes=10)))
    for wrong in ("flapping_times = 1", "flapping_times = 101", 'flapping_within = "5s"', 'reopen_within = "soon"'):
        with pytest.raises(Invalid) as refused:
            read(tmp_path, f"[defaults]\n{wrong}\n")
        assert wrong.partition(" ")[0] in str(refused.value.where)
