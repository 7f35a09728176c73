"""The spec files are whole: every rule, check and option that they name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.safety.commands import CHANGES, READS, UNKNOWNS
from tocsin.errors import Invalid
from tocsin.safety import checks, classify, pinned_environment
from tocsin.safety import specs as module
from tocsin.safety.finding import TRAITS
from tocsin.safety.rules import judge_value
from tocsin.safety.specs import Spec, library, load_sql, parse_effects
from tocsin.safety.together import TOGETHER


def _all(spec: Spec) -> Iterator[Spec]:
    yield spec
    for inner in spec.commands.values():
        yield from _all(inner)


EVERY = [spec for program in library().root.commands.values() for spec in _all(program)]


@pytest.mark.parametrize("spec", EVERY, ids=lambda spec: spec.name)
def test_every_rule_and_check_that_a_spec_names_is_there(spec: Spec) -> None:
    """A typing error in a data file is found here, not in an incident."""
    assert spec.style in ("gnu", "first", "raw", "go", "go-first")
    assert spec.check == "" or spec.check in checks.WHOLE
    assert spec.together == "" or spec.together in TOGETHER
    for rule in [option.rule for option in spec.options.values() if option.rule] + [
        each.rule for each in spec.operands
    ]:
        judge_value(rule, "x")
    for option in spec.options.values():
        assert (option.word == "read") == (option.why == "")


@pytest.mark.parametrize("spec", EVERY, ids=lambda spec: spec.name)
def test_conditions_name_options_that_the_spec_has(spec: Spec) -> None:
    """A trait or a need that waits for an option nobody can give would never hold."""
    named = {name for trait in spec.traits for name in trait.options} | set(spec.operands_if)
    for need in spec.needs:
        named |= need.options | need.given
    assert named <= set(spec.options)


def test_what_a_spec_reads_is_a_sentence_about_the_program() -> None:
    """The reasons that people read begin with the program's name, so the text goes on in small letters."""
    for spec in EVERY:
        assert spec.reads == "" or spec.reads[0].islower()
        for effect in spec.effects.values():
            assert effect.why
            assert effect.why[0].islower()


def test_no_name_is_both_read_and_effect() -> None:
    """One name, one meaning."""
    for spec in [library().root, *EVERY]:
        assert not set(spec.commands) & set(spec.effects)


def test_the_pinned_environment_switches_off_what_configuration_could_start() -> None:
    """Pagers, start-up files and prompts have no say where a plan runs."""
    environment = pinned_environment()
    assert environment["GIT_CONFIG_NOSYSTEM"] == "1"
    assert environment["PSQLRC"] == "/dev/null"
    assert environment["PAGER"] == "cat"


def test_every_function_of_the_list_is_proved_where_it_is_called() -> None:
    """A function that the list promises and the parser hides behind a node of its own would never be proved."""
    forms = {
        "cast": "cast(a AS int)",
        "extract": "extract(epoch FROM a)",
        "position": "position('a' IN b)",
        "current_user": "current_user",
        "session_user": "session_user",
        "current_date": "current_date",
        "current_timestamp": "current_timestamp",
        "localtime": "localtime",
        "localtimestamp": "localtimestamp",
    }
    for name in load_sql()["reading"].split():
        calls = [forms[name]] if name in forms else [f"{name}()", f"{name}(a)", f"{name}(a, b)", f"{name}(a, b, c)"]
        verdicts = [classify("sql", f"SELECT {call} FROM t").word for call in calls]
        assert "read" in verdicts, name


def test_every_function_that_acts_is_never_proved() -> None:
    """The second list is a courtesy (it gives the reason); its names are refused in any spelling."""
    sql = load_sql()
    for name in [*parse_effects(sql["changing"], "change"), *parse_effects(sql["unproven"], "unknown")]:
        for call in (f"{name}()", f"{name.upper()}(1)", f"pg_catalog.{name} ('a')"):
            assert classify("sql", f"SELECT {call}").word != "read", call


def test_a_broken_line_in_a_spec_is_refused_with_its_place() -> None:
    """Whoever adds a command learns at once what is wrong."""
    with pytest.raises(Invalid, match="not a trait"):
        module._traits("@endless sometimes -f")
    with pytest.raises(Invalid, match="not a line of needs"):
        module._needs("-a", "prog", given=True)
    with pytest.raises(Invalid, match="not a key of a spec"):
        module._spec("prog", {"reads": "reads", "surprise": 1}, {}, {})


def test_every_trait_is_one_that_rules_may_speak_of() -> None:
    """What a specification, or the verdict on any of our commands, can say is in the list that settings know."""
    folder = Path(module.__file__).parent / "specs"
    texts = [file.read_text("utf-8") for file in folder.glob("*.toml")]
    said = {word for text in texts for word in re.findall(r"@([a-z][a-z-]+)", text)}
    said |= {trait for command, _ in (*READS, *CHANGES, *UNKNOWNS) for trait in classify("shell", command).traits}
    assert {"destructive", "wrong-target", "secret"} <= said
    assert said - {"unbound"} <= TRAITS
