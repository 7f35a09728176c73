"""Named targets: which step goes where, what of a target is sealed, and mistakes that are sentences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.service.test_settings import read
from tocsin.core.run import Target, seal
from tocsin.core.runbook import Scenario, Step
from tocsin.errors import Invalid, Refused
from tocsin.service.placing import completed, on_targets, team_on
from tocsin.settings import Settings

LOOK = Step(
    id="ovens/look/1", kind="shell", stage="diagnosis", title="Look", command="ovenctl list | grep hot",
    line=1, end_line=1,
)  # fmt: skip
COUNT = replace(LOOK, id="loaves/count/1", kind="sql", command="SELECT count(*) FROM loaves")
OVENS = Scenario(id="ovens", title="Ovens are cold", steps=(LOOK,), line=1)
FILE = """
[target]
name = "bakery"
[targets.night]
steps = ["*/night/*"]
[targets.ovens]
programs = ["ovenctl"]
scenarios = ["ovens", "Mills *"]
labels = ["hall", "oven"]
[targets.books]
kinds = ["sql"]
[targets.spare]
workdir = "spare"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with five targets."""
    return read(tmp_path, FILE)


def named(settings: Settings, step: Step, scenario: Scenario | None = None, told: str = "") -> str:
    return settings.place(step, scenario, told=told).target.name


def test_the_first_target_in_the_file_that_fits_a_step_takes_it(settings: Settings) -> None:
    """By program, scenario, kind or id; of each key that is written one entry must fit."""
    assert named(settings, LOOK, OVENS) == "ovens"
    assert named(settings, LOOK, replace(OVENS, id="x", title="Mills stand still")) == "ovens"
    assert named(settings, COUNT) == "books"
    assert named(settings, replace(LOOK, id="ovens/night/2"), OVENS) == "night"


def test_what_no_target_takes_goes_to_the_default_one(settings: Settings) -> None:
    """A target without such keys takes nothing by itself."""
    assert named(settings, LOOK) == "bakery"
    assert named(settings, replace(LOOK, command="uname"), OVENS) == "bakery"


def test_a_person_may_name_the_target(settings: Settings) -> None:
    """One that does not exist is refused with those that do."""
    assert named(settings, LOOK, OVENS, told="spare") == "spare"
    with pytest.raises(Invalid, match=r"no target 'cellar'.*bakery, night, ovens, books, spare"):
        named(settings, LOOK, told="cellar")


def test_a_statement_counts_as_psql(tmp_path: Path) -> None:
    """Where psql lives, statements run too."""
    assert named(read(tmp_path, '[targets.db]\nprograms = ["psql"]\n'), COUNT) == "db"


@pytest.mark.parametrize(
    "change",
    [
        {"name": "b"}, {"kind": "ssh"}, {"workdir": "/b"}, {"path": "/b"}, {"env_names": ("B",)}, {"labels": ("b",)},
        {"where": (("host", "b"),)}, {"labels": ("a", "b")}, {"env_names": ("A,B",)},
    ],
)  # fmt: skip
def test_whatever_decides_where_a_command_runs_is_sealed_and_told(change: dict[str, object]) -> None:
    """Another of it is another seal, and another line for who approves."""
    first = Target(workdir="/a", env_names=("A",))
    other = replace(first, **change)
    assert seal("x", first, "INC-1", "s", "d") != seal("x", other, "INC-1", "s", "d")
    assert first.describe() != other.describe()


def test_two_settings_never_make_one_seal() -> None:
    """A name that runs on into a value is not the value of another name."""
    one, two = (Target(where=pairs) for pairs in ((("host", "ab"),), (("hosta", "b"),)))
    assert seal("x", one, "i", "s", "d") != seal("x", two, "i", "s", "d")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[targets.local]\n", "[targets.local]: 'local' can't be told from 'local'"),
        ("[targets.a]\n[targets.A]\n", "'A' can't be told from 'a'"),
        ('[targets.a]\nkind = "pigeon"\n', "[targets.a]: 'pigeon' is not a kind we have"),
        ('[targets.a]\nkinds = ["manual"]\n', "[targets.a] kinds: 'manual' is not a kind of step"),
        ('[targets.a]\nlabels = ["a b"]\n', "[targets.a] labels: 'a b' is not a label"),
        ('[targets.a]\nprogrms = ["psql"]\n', "[targets.a]: there is no setting 'progrms'. Did you mean 'programs'?"),
        ('[targets.a]\ntimeout = "soon"\n', "[targets.a] timeout: 'soon' is not a duration"),
        ('[targets.a]\nenv = "PATH"\n', "[targets.a]"),
        ('[target]\ngrace = "soon"\n', "[target] grace"),
    ],
)
def test_a_mistake_names_its_place(tmp_path: Path, text: str, says: str) -> None:
    """Nothing goes to another place than was meant because of a slip."""
    with pytest.raises(Invalid) as caught:
        read(tmp_path, text)
    assert says in str(caught.value)


def test_a_value_is_masked_where_one_target_hides_it(tmp_path: Path) -> None:
    """Public in one place is not public everywhere."""
    text = '[target]\nenv = ["KEY"]\npublic = ["KEY"]\n[targets.b]\nenv = ["KEY"]\n'
    assert read(tmp_path, text, KEY="dough-and-yeast").secrets == ("dough-and-yeast",)


SHOPS = """
[targets.cellar]
kind = "ssh"
host = "cellar.example"
[targets.bank]
kind = "http"
hosts = ["bank.example"]
[targets.shop]
kind = "http"
base_url = "https://shop.example/v1"
"""
ASK = replace(LOOK, id="shop/ask/1", kind="http", command="GET /health")


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("GET /health", "shop"),
        ("GET https://shop.example/health", "shop"),
        ("GET https://bank.example/health", "bank"),
        ("GET https://other.example/health", "local"),
    ],
)
def test_a_request_goes_to_the_target_that_may_ask_its_server(tmp_path: Path, asked: str, target: str) -> None:
    """Without further words a target of the kind http takes the requests to its own servers, and nothing else."""
    settings = read(tmp_path, SHOPS)
    assert settings.place(replace(ASK, command=asked), None).target.name == target
    assert settings.place(LOOK, None).target.name == "local"


def test_a_request_is_shown_as_it_will_be_sent(tmp_path: Path) -> None:
    """A path alone gets the address of its target, before it is judged; without a target there is a sentence."""
    settings = read(tmp_path, SHOPS)
    assert completed("GET /health", settings.place(ASK, None)) == "GET https://shop.example/v1/health"
    assert on_targets(settings)(ASK, None)[0] == "GET https://shop.example/v1/health"
    with pytest.raises(Refused, match=r"sends requests over HTTP to other\.example.*kind = .http."):
        completed("GET https://other.example/health", settings.default)


def test_a_pinned_script_counts_where_it_is_looked_at(tmp_path: Path) -> None:
    """Over SSH it is looked at right before it starts; on a target that can't look it proves nothing."""
    pin = f'[commands."ovens/queue.sh"]\nsha256 = "{"0" * 64}"\nreads = "prints how many loaves wait"\n'
    settings = read(tmp_path, f"{pin}{SHOPS}")
    broken = {place.target.name: team_on(settings, place).broken for place in settings.places}
    assert broken["cellar"] == {}
    assert set(broken["local"]) == set(broken["bank"]) == {"ovens/queue.sh"}
