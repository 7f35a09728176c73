"""Moves through the catalogue: what belongs to another incident, or is too large, is refused; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.house import ANA, BEN, boarding_stops, open_house
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.incident import Incident
from tocsin.errors import Denied, Invalid, NotFound, Refused, TocsinError
from tocsin.service import actions, respond
from tocsin.service import catalogue as moves
from tocsin.service.catalogue import CATALOGUE, make
from tocsin.service.respond import Declaration, exists
from tocsin.settings import ROLES

BRANCH = "If the gate hangs"


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """INC-1 waits for an approval; INC-2 is another one."""
    opened = open_house(tmp_path / "house", db_url)
    boarding_stops(opened)
    make(opened, "choose_branch", "INC-1", moves.Branch(branch=BRANCH), ANA, "responder")
    respond.declare_by_hand(opened, Declaration(title="The ramp"), ANA)
    yield opened
    opened.db.close()


def do(app: App, name: str, ref: str, request: object, by: Actor = BEN, role: str = "admin") -> Incident:
    """Make a move."""
    return make(app, name, ref, request, by, role)


@pytest.mark.parametrize("name", ["approve", "deny", "withdraw"])
def test_an_approval_is_answered_in_its_own_incident_only(app: App, name: str) -> None:
    """Knowing an approval's name is not enough: it must be this incident's."""
    (waiting,) = exists(app, "INC-1").waiting_approvals
    with pytest.raises((NotFound, Invalid), match="INC-2 has no approval"):
        do(app, name, "INC-2", moves.ApprovalAnswer(approval=waiting.id))
    assert exists(app, "INC-1").waiting_approvals == (waiting,)


def test_a_step_of_another_runbook_is_not_found(app: App) -> None:
    """Each move over steps looks into the version that the incident follows."""
    words = moves.StepWords(step="somebody-elses/diagnosis/1", why="x")
    for name, request in (
        ("request_step", moves.StepName(step=words.step)), ("do_step", words), ("skip_step", words),
    ):  # fmt: skip
        with pytest.raises(NotFound, match="no step"):
            do(app, name, "INC-1", request)
    with pytest.raises(Refused, match="not in doubt"):
        do(app, "settle_step", "INC-1", moves.Finding(step=words.step, happened=True))


def test_phases_criteria_branches_actions_and_gaps_must_be_the_incidents_own(app: App) -> None:
    """A name that is not there is a sentence that names those that are."""
    for name, request in (
        ("reach_phase", moves.PhaseWords(phase="party")),
        ("own_phase", moves.PhaseOwner(phase="party", owner="ana")),
        ("confirm_criterion", moves.Confirmation(criterion=0)),
        ("bind", moves.Binding(placeholder="<pid>", value="7")),
        ("choose_branch", moves.Branch(branch="If it rains")),
        ("close_action", actions.ActionName(action="act_1")),
    ):
        with pytest.raises(TocsinError) as caught:
            do(app, name, "INC-1", request)
        assert caught.value.status in (400, 404), name
    with pytest.raises(Refused, match="follows no scenario"):
        do(app, "choose_branch", "INC-2", moves.Branch(branch=BRANCH))


def test_every_move_refuses_an_incident_that_is_not_there_and_a_role_that_may_not(app: App) -> None:
    """Object and role are checked by each of them, whatever its request says."""
    for name, move in CATALOGUE.items():
        request = sample(move.request)
        with pytest.raises(NotFound):
            do(app, name, "INC-99", request)
        lower = ROLES[ROLES.index(move.role) - 1]
        with pytest.raises(Denied):
            do(app, name, "INC-1", request, role=lower)


def sample(kind: type) -> object:
    """A request of this kind with something in every field."""
    texts = dict.fromkeys(("role", "person", "severity", "why", "text", "to", "placeholder", "value", "branch"), "x")
    more = ("step", "approval", "phase", "owner", "how", "action", "deadline", "people", "address")
    learned = ("cause", "evidence", "at", "box", "rule", "users")
    numbers = {"minutes": 5.0, "criterion": 0, "rung": 0, "happened": True}
    every = {**texts, **dict.fromkeys((*more, *learned), "x"), **numbers, "into": "INC-2", "alerts": ("0" * 16,)}
    every |= {"answers": {"x": "x"}, "message": "x"}
    known = {field.name for field in msgspec.inspect.type_info(kind).fields}  # type: ignore[union-attr]
    return msgspec.convert({name: value for name, value in every.items() if name in known}, kind)


def test_a_role_goes_to_the_person_who_is_meant(app: App) -> None:
    """Written as people write names, it is still the one who can be told."""
    assert do(app, "assign", "INC-1", moves.Assignment(role="scribe", person=" Ana ")).roles["scribe"] == "ana"
    assert do(app, "assign", "INC-1", moves.Assignment(role="guest", person="Zoe")).roles["guest"] == "Zoe"


@pytest.mark.parametrize("field", ["title", "why", "severity", "scenario", "runbook"])
def test_a_declaration_is_bounded(field: str) -> None:
    """What stands in every notice about an incident has a length."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"title": "x", field: "x" * 30_000}, Declaration)


def test_a_branch_is_chosen_by_its_words_however_many() -> None:
    """The document's conditions may be long."""
    long = "If " + "the gate hangs and " * 30 + "it rains"
    assert msgspec.convert({"branch": long, "why": ""}, moves.Branch).branch == long
