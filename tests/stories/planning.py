"""On-call: who is put on it for a while, swaps, and who it is."""

from __future__ import annotations

from tests.stories.doing import caller
from tests.stories.vocabulary import WHO, WHY, Seen, action, check, page_of
from tests.stories.world import World
from tocsin.service import duty, oncall, planning
from tocsin.times import parse_duration

SPAN = r"(?P<span>[\dhmsd ]+?)"


@action(
    rf"{WHO} puts (?P<people>[a-z, ]+?) on call by (?P<schedule>[a-z]+) for {SPAN}(?: every (?P<every>[\dhd]+))?{WHY}",
    "ana puts ben on call by primary for 8h because of the dentist",
)
def _puts(world: World, *, who: str, people: str, schedule: str, span: str, every: str | None, why: str | None) -> None:
    """An override from now on ("nobody": nobody is on call); several people take turns, a day each unless told."""
    names = () if people == "nobody" else tuple(name.strip() for name in people.split(","))
    wanted = planning.Override(schedule=schedule, people=names, lasts=span, every=every or "", why=why or "")
    planning.override(world.app, wanted, caller(world, who))


@action(
    rf"{WHO} offers (?P<to>[a-z]+) the time from (?P<begins>[\dhmsd ]+?) to (?P<ends>[\dhmsd ]+?) on"
    r" (?P<schedule>[a-z]+)(?: for that from (?P<back_begins>[\dhmsd ]+?) to (?P<back_ends>[\dhmsd ]+?))?",
    "ben offers ana the time from 1d to 2d on primary for that from 8d to 9d",
)
def _offers(
    world: World,
    *,
    who: str,
    to: str,
    schedule: str,
    begins: str,
    ends: str,
    back_begins: str | None,
    back_ends: str | None,
) -> None:
    """A swap, counted from now."""
    now = world.clock.at
    back = [now + parse_duration(span) if span else None for span in (back_begins, back_ends)]
    wanted = planning.Swap(
        schedule=schedule, to=to, begins=now + parse_duration(begins), ends=now + parse_duration(ends),
        back_begins=back[0], back_ends=back[1],
    )  # fmt: skip
    planning.offer(world.app, wanted, caller(world, who))


@action(rf"{WHO} (?P<answer>accepts|declines) the swap", "ana accepts the swap")
def _answers(world: World, who: str, answer: str) -> None:
    """Answer the last swap that was offered."""
    offered = [each for each in planning.history(world.app) if each.kind == "swap"]
    assert offered, "no swap was offered"
    last = max(offered, key=lambda each: each.made_at)
    planning.answer(world.app, last.id, caller(world, who), accept=answer == "accepts")


@check(r"(?P<who>[a-z]+) is on call by (?P<schedule>[a-z]+)(?: because `(?P<why>[^`]*)`)?", "ana is on call by primary")
def _is_on_call(seen: Seen, who: str, schedule: str, why: str | None) -> None:
    """Who is on call now ("nobody": nobody is), and what makes it so."""
    filled = duty.directory_now(seen.world.app).filled(schedule, seen.world.clock.at)
    there = filled.person.id if filled.person else "nobody"
    assert there == who, f"{there} is on call: {filled.why}"
    assert (why or "") in filled.why, filled.why


@check(r"on-call warns `(?P<words>[^`]*)`", "on-call warns `Nobody is on call by primary`")
def _warns(seen: Seen, words: str) -> None:
    """Something in the next four weeks would hurt, and is told in these words."""
    told = oncall.overview(seen.world.app).problems
    assert any(words in problem for problem in told), told


@check(r"a clock waits because `(?P<words>[^`]*)`", "a clock waits because `P2 is covered in business hours only`")
def _waits(seen: Seen, words: str) -> None:
    """Both the clocks beside the incident and the list of all of them give this reason."""
    page = page_of(seen.world)
    assert any(words in clock.why for clock in page.clocks), page.clocks
    assert any(words in each.why for each in page.countdowns), page.countdowns
