"""Steps keep their ids while the document changes around them, and stand in the stage that the text gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.runbook import Runbook, Step
from tocsin.reading import read


def _book(text: str) -> Runbook:
    return read(text.encode(), "ferry.md")


def _steps(text: str) -> list[Step]:
    return list(_book(text).steps())


@dataclass(frozen=True)
class Told:
    """One thing to do, in one of the forms that documents give it."""

    form: str
    title: str
    command: str

    def lines(self) -> str:
        """It as Markdown."""
        if self.form == "fence":
            return f"```bash\n# {self.title}\n{self.command}\n```\n"
        if self.form == "item":
            return f"- {self.title}: `{self.command}`\n"
        return f"- {self.title}\n"


@dataclass(frozen=True)
class Chapter:
    """A scenario with some steps under one heading."""

    title: str
    told: tuple[Told, ...]
    remark: str = ""

    def text(self) -> str:
        """It as Markdown."""
        steps = "\n".join(one.lines() for one in self.told)
        symptoms = f"### Symptoms\n\n- {self.title}\n\n{self.remark}"
        return f"## Incident: {self.title}\n\n{symptoms}\n\n### Mitigation\n\n{steps}\n"


_WORDS = ["berth", "gauge", "rope", "ramp", "valve", "light", "pilot", "deck", "hull", "buoy", "tide", "crew"]
_titles = st.tuples(
    st.sampled_from(["Look at", "Move", "Close", "Count"]), st.sampled_from(_WORDS), st.integers(10, 99)
)
_told = st.builds(
    lambda form, title, number: Told(
        form, f"{title[0]} the {title[1]} {title[2]}", f"git show {title[1]}{title[2]}-{number}"
    ),
    st.sampled_from(["fence", "fence", "item", "words"]),
    _titles,
    st.integers(0, 9),
)
_chapters = st.builds(
    Chapter,
    st.sampled_from(["Fog", "Low Water", "No Crew", "Ice", "Strike"]),
    st.lists(_told, min_size=1, max_size=5, unique_by=lambda one: one.title).map(tuple),
)
_books = st.lists(_chapters, min_size=1, max_size=4, unique_by=lambda one: one.title)


def _text(chapters: list[Chapter]) -> str:
    return "# Ferry\n\n" + "\n".join(chapter.text() for chapter in chapters)


def _ids(chapters: list[Chapter]) -> dict[tuple[str, Told], str]:
    """The id of each step, by its chapter and what it says."""
    steps = _steps(_text(chapters))
    found = {}
    for chapter in chapters:
        for told in chapter.told:
            (step,) = [one for one in steps if told.title in one.title and _slug(chapter.title) in one.id]
            found[chapter.title, told] = step.id
    return found


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


def _edited(draw: st.DrawFn, chapters: list[Chapter]) -> list[Chapter]:
    """The book after one edit: a step, a paragraph or a chapter that is new, gone, elsewhere or reworded."""
    edited, at = list(chapters), draw(st.integers(0, len(chapters) - 1))
    chapter = edited[at]
    of_steps = ["insert", "remove", "reword", "turn"] if chapter.told else ["insert"]
    match draw(st.sampled_from([*of_steps, "remark", "chapter", "drop", "move"])):
        case "insert":
            known = {one.title for one in chapter.told}
            new = draw(_told.filter(lambda one: one.title not in known))
            place = draw(st.integers(0, len(chapter.told)))
            edited[at] = replace(chapter, told=(*chapter.told[:place], new, *chapter.told[place:]))
        case "remove":
            gone = draw(st.integers(0, len(chapter.told) - 1))
            edited[at] = replace(chapter, told=(*chapter.told[:gone], *chapter.told[gone + 1 :]))
        case "reword":
            index = draw(st.integers(0, len(chapter.told) - 1))
            other = replace(chapter.told[index], command="git log -3")
            edited[at] = replace(chapter, told=(*chapter.told[:index], other, *chapter.told[index + 1 :]))
        case "turn":
            edited[at] = replace(chapter, told=tuple(draw(st.permutations(chapter.told))))
        case "remark":
            edited[at] = replace(chapter, remark="The harbour master knows more.")
        case "chapter":
            known = {one.title for one in chapters}
            title = draw(st.integers(100, 999).map("Storm {}".format).filter(lambda one: one not in known))
            edited.insert(at, Chapter(title, (draw(_told),)))
        case "drop":
            edited.pop(at)
        case _:
            edited = list(draw(st.permutations(edited)))
    return edited


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_an_edit_elsewhere_renames_no_step(data: st.DataObject) -> None:
    """Whatever happens to its neighbours, a step whose heading and text stay the same keeps its id."""
    chapters = data.draw(_books)
    before = _ids(chapters)
    for _ in range(data.draw(st.integers(1, 3))):
        chapters = data.draw(st.composite(_edited)(chapters)) if chapters else chapters
    after = _ids(chapters)
    kept = before.keys() & after.keys()
    assert {key: before[key] for key in kept} == {key: after[key] for key in kept}
    assert len(set(after.values())) == len(after)


_FENCE = "# Ferry\n\n## Incident: Fog\n\n### Symptoms\n- fog\n\n### Fix\n\n```bash\n{}\n```\n"


def test_an_id_says_where_a_step_stands_and_what_it_does() -> None:
    """Scenario, stage, words of the step, and five digits that depend on nothing else."""
    (step,) = _steps(_FENCE.format("# Ring the bell\nbell ring --long"))
    assert re.fullmatch(r"incident-fog/resolution/ring-the-bell-[0-9a-f]{5}", step.id)


def test_commands_without_titles_are_named_by_their_own_words() -> None:
    """Commands that share a heading alone are told apart, and inserting one renames none."""
    first, second = (step.id for step in _steps(_FENCE.format("bell ring --long\nhorn blow")))
    again = [step.id for step in _steps(_FENCE.format("lamp on\nbell ring --long\nlamp off\nhorn blow"))]
    assert "bell-ring-long" in first
    assert "horn-blow" in second
    assert [again[1], again[3]] == [first, second]


def test_equal_steps_under_one_heading_are_counted() -> None:
    """Only what nothing tells apart gets a number."""
    ids = [step.id for step in _steps(_FENCE.format("bell ring\n\nhorn blow\n\nbell ring\n\nbell ring"))]
    assert ids[2] == f"{ids[0]}-2"
    assert ids[3] == f"{ids[0]}-3"
    assert len(set(ids)) == 4


def test_ids_stay_short() -> None:
    """Long titles and commands are cut at a word."""
    long = "# " + "Walk along the pier to the very end of it and look whether the lamp there is lit " * 3
    (step,) = _steps(_FENCE.format(f"{long}\nlamp status"))
    assert len(step.id) <= 80
    assert re.fullmatch(r"incident-fog/resolution/[a-z-]+[a-z]-[0-9a-f]{5}", step.id)


def test_an_alternative_points_to_the_step_that_it_replaces() -> None:
    """By the id that this step has."""
    first, second = _steps(_FENCE.format("# Ring\nbell ring\n\n# Or blow the horn\nhorn blow"))
    assert second.alternative_to == first.id


@pytest.mark.parametrize(
    ("title", "command", "stage"),
    [
        ("Look", "kubectl get berths", "diagnosis"),
        ("Ring", "systemctl restart bell", "mitigation"),
        ("Block the pier", "pierctl send --to 3", "mitigation"),
        ("Count the ropes", "pierctl send --to 3", "diagnosis"),
        ("Late ferries", "SELECT id, updated FROM ferries WHERE late > 1;", "diagnosis"),
        ("Late ferries", 'psql -c "SELECT count(*) FROM ferries HAVING count(*) > 1"', "diagnosis"),
        ("End them", "SELECT pg_terminate_backend(7);", "mitigation"),
        ("Keep the log", "journalctl -u bell > bell.log", "diagnosis"),
        ("Note", "echo 1 > /proc/sys/vm/drop_caches", "mitigation"),
        ("Show it", "pierctl show <berth>", "diagnosis"),
        ("Remove it", "helm uninstall bell", "mitigation"),
    ],
)
def test_the_stage_of_a_command_that_no_heading_places(title: str, command: str, stage: str) -> None:
    """By what the command seems to do; its title decides only where that is open."""
    text = (
        f"# Ferry\n\n## Incident: Fog\n\n### Symptoms\n- fog\n\n**Commands:**\n\n```bash\n# {title}\n{command}\n```\n"
    )
    assert [step.stage for step in _steps(text)] == [stage]


def test_looking_below_a_mitigation_belongs_to_it() -> None:
    """ "Find the leak" under "Mitigation" is a part of it; "Verify …" is the check of it."""
    text = (
        "# Ferry\n\n## Incident: Leak\n\n### Symptoms\n- wet\n\n### Mitigation\n\n#### Determine which tank leaks\n\n"
        "```bash\ntank list\n```\n\n#### Verify that it is dry\n\n```bash\ntank show\n```\n"
    )
    assert [step.stage for step in _steps(text)] == ["mitigation", "verification"]
