"""What changed between two versions of a runbook: rules, steps, clocks and contacts, not lines of text."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tocsin.core.contents import Item, contents
from tocsin.core.runbook import Runbook

ChangeKind = Literal["added", "removed", "changed", "moved"]
_ALIKE = 0.5  # half of the words of two texts in common: the same thing, reworded
_MOST_PAIRS = 40_000  # beyond this many possible pairs of one area nothing reworded is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One property that is not what it was; empty means that there was none, or is none any more."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One element that is new, gone, different or elsewhere. Lines are 1-based, in the version that they belong to."""

    area: str
    kind: ChangeKind
    name: str
    within: str = ""
    facets: tuple[Facet, ...] = ()
    line_before: int | None = None
    line_after: int | None = None


def differences(old: Runbook, new: Runbook) -> tuple[Change, ...]:
    """Every change, area by area; empty where both versions say the same to Tocsin."""
    before, after = contents(old), contents(new)
    renamed: dict[str, str] = {}
    found: list[Change] = []
    for area in dict.fromkeys([*before, *after]):
        pairing = _pair(before.get(area, ()), after.get(area, ()), renamed)
        renamed |= {one.holds: other.holds for one, other in pairing.pairs if one.holds and other.holds}
        found += _changes(area, pairing)
    return tuple(found)


@dataclass(slots=True)
class _Pairing:
    pairs: list[tuple[Item, Item]] = field(default_factory=list)
    gone: list[Item] = field(default_factory=list)
    new: list[Item] = field(default_factory=list)


def _pair(old: Sequence[Item], new: Sequence[Item], renamed: Mapping[str, str]) -> _Pairing:
    """Which element of the old version is which of the new one: by what it is, else by its name, else by its words."""
    at_home = [replace(item, within=renamed.get(item.within, item.within)) for item in old]
    found = _Pairing(gone=at_home, new=list(new))
    _match(found, lambda item: (item.within, item.key, tuple(item.facets.items())))
    _match(found, lambda item: (item.within, item.key))
    _match(found, lambda item: (item.within, item.name))
    _match(found, lambda item: item.key if item.roams else None)
    if len(found.gone) * len(found.new) <= _MOST_PAIRS:
        _match_reworded(found)
    found.pairs.sort(key=lambda pair: pair[1].order)
    return found


def _match(found: _Pairing, key: Callable[[Item], object]) -> None:
    """Pair what has the same key, in order, so that three equal steps pair with three equal steps."""
    waiting: dict[object, deque[Item]] = defaultdict(deque)
    for item in found.gone:
        waiting[key(item)].append(item)
    waiting.pop(None, None)
    left: list[Item] = []
    taken: set[int] = set()
    for item in found.new:
        others = waiting.get(key(item))
        if others:
            taken.add(id(others[0]))
            found.pairs.append((others.popleft(), item))
        else:
            left.append(item)
    found.gone = [item for item in found.gone if id(item) not in taken]
    found.new = left


def _match_reworded(found: _Pairing) -> None:
    likeness = [
        (alike, one, other)
        for one in found.gone
        for other in found.new
        if one.within == other.within and (alike := _likeness(one, other)) >= _ALIKE
    ]
    taken: set[int] = set()
    for _, one, other in sorted(likeness, key=lambda each: (-each[0], each[1].order, each[2].order)):
        if id(one) not in taken and id(other) not in taken:
            taken |= {id(one), id(other)}
            found.pairs.append((one, other))
    found.gone = [item for item in found.gone if id(item) not in taken]
    found.new = [item for item in found.new if id(item) not in taken]


def _likeness(one: Item, other: Item) -> float:
    """The share of words that two elements have in common, 0 to 1."""
    if one.words == other.words:
        return 1.0
    return 2 * len(one.words & other.words) / max(1, len(one.words) + len(other.words))


def _changes(area: str, pairing: _Pairing) -> Iterator[Change]:
    stays = _in_order([one.order for one, _ in pairing.pairs])
    changed: list[Change] = []
    for index, (one, other) in enumerate(pairing.pairs):
        facets = tuple(_facets(one, other))
        moved = one.ordered and index not in stays
        if facets or moved:
            changed.append(
                Change(
                    area=area,
                    kind="changed" if facets else "moved",
                    name=other.name,
                    within=other.place,
                    facets=facets,
                    line_before=one.line,
                    line_after=other.line,
                )
            )
    for item in pairing.gone:
        yield Change(area=area, kind="removed", name=item.name, within=item.place, line_before=item.line)
    yield from changed
    for item in pairing.new:
        yield Change(area=area, kind="added", name=item.name, within=item.place, line_after=item.line)


def _facets(one: Item, other: Item) -> Iterator[Facet]:
    if one.name != other.name:
        yield Facet(name="name", before=one.name, after=other.name)
    for name in dict.fromkeys([*one.facets, *other.facets]):
        before, after = one.facets.get(name, ""), other.facets.get(name, "")
        if before != after:
            yield Facet(name=name, before=before, after=after)


def _in_order(orders: list[int]) -> set[int]:
    """The indices of a longest increasing run: what is outside it was moved (patience sorting)."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for index, order in enumerate(orders):
        at = bisect_left(tops, order)
        before.append(piles[at - 1] if at else -1)
        tops[at : at + 1] = [order]
        piles[at : at + 1] = [index]
    kept: set[int] = set()
    at = piles[-1] if piles else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return kept
