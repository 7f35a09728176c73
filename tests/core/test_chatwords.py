"""The commands of a chat: what is understood, and what is answered with how it is written."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.chatwords import NEXT, Order, parse, usage
from tocsin.errors import Invalid


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("ack INC-12", Order(verb="acknowledge", ref="INC-12")),
        ("ACK inc-012", Order(verb="acknowledge", ref="INC-12")),
        ("ack", Order(verb="acknowledge")),
        ("note INC-3 the  gas is off", Order(verb="note", ref="INC-3", fields={"text": "the gas is off"})),
        (
            "escalate to @team lead because I am lost",
            Order(verb="escalate", fields={"to": "team lead", "why": "I am lost"}),
        ),
        ("assign INC-1 ana as scribe", Order(verb="assign", ref="INC-1", fields={"person": "ana", "role": "scribe"})),
        ("hold for 20m because ben knows", Order(verb="hold", fields={"minutes": 20.0, "why": "ben knows"})),
        ("run INC-1 3", Order(verb="request_step", ref="INC-1", place=3)),
        ("approve 3F9A2C1B", Order(verb="approve", code="3f9a2c1b", fields={"why": ""})),
        ("reopen INC-1 because it is back", Order(verb="reopen", ref="INC-1", fields={"why": "it is back"})),
        ("send INC-1 status update", Order(verb="send_message", ref="INC-1", fields={"message": "status update"})),
        ("escalate INC-1", Order(verb=NEXT, ref="INC-1", fields={"why": ""})),
        ("escalate because I am lost", Order(verb=NEXT, fields={"why": "I am lost"})),
        (
            "silence INC-1 20m because ben knows",
            Order(verb="hold", ref="INC-1", fields={"minutes": 20.0, "why": "ben knows"}),
        ),
        ("hand over INC-1 to ben", Order(verb="hand_over", ref="INC-1", fields={"to": "ben", "why": ""})),
        (
            "hand over commander to @ben because my shift ends",
            Order(verb="hand_over", fields={"to": "ben", "role": "commander", "why": "my shift ends"}),
        ),
        ("accept", Order(verb="accept")),
        ("decline INC-1 because I am at sea", Order(verb="decline", ref="INC-1", fields={"why": "I am at sea"})),
        (
            "add INC-1 @ben, cleo because it grows",
            Order(verb="add_people", ref="INC-1", fields={"people": "ben, cleo", "why": "it grows"}),
        ),
        ("take INC-1 scribe", Order(verb="take_role", ref="INC-1", fields={"role": "scribe"})),
        ("", Order(verb="help")),
    ],
)
def test_an_order_is_a_move_with_its_fields(text: str, order: Order) -> None:
    """Whatever the letters' case and the spaces between the words."""
    assert parse(text) == order


def test_a_declaration_takes_the_severities_of_the_runbooks() -> None:
    """Any other first word is a word of the title."""
    wanted = {"title": "no bread", "severity": "P1", "why": "I looked", "drill": False}
    assert parse("declare p1 no bread because I looked", ["P1", "P2"]).fields == wanted
    assert parse("declare p3 no bread", ["P1"]).fields["title"] == "p3 no bread"
    assert parse("declare drill P1 no bread", ["P1"]).fields["drill"] is True
    assert parse("declare") == Order(verb="declare")


@pytest.mark.parametrize(
    "text",
    [
        "dance", "ack please", "escalate ana", "note INC-1", "assign ana", "run INC-1 three", "approve yes",
        "approve 3f9a", "hand over ben", "hand over to", "add ben", "add because x", "take",
        "hold 20 parsecs because x", "declare P1", "severity P1", "x" * 5000,
    ],
)  # fmt: skip
def test_what_is_not_understood_is_answered_with_how_it_is_written(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(Invalid) as caught:
        parse(text, ["P1"])
    assert caught.value.hint or "characters" in caught.value.message


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    """An order or a sentence, for anything that somebody types."""
    with suppress(Invalid):
        assert parse(text).verb


def test_every_command_of_the_list_is_understood_as_it_is_written() -> None:
    """What help says works; words in brackets may be left out."""
    for written, says in usage():
        words = written.replace("[INC-12] ", "INC-12 ").replace("[INC-12]", "INC-12").replace("…", "of that")
        words = words.replace("[because of that]", "").replace("[summary]", "done").replace("[P1]", "P1")
        assert parse(words, ["P1"]).verb and says.endswith(".")
