"""What a run printed, for whoever reads it while it runs and for whoever comes later."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.app import App
from tocsin.core.shown import Piece
from tocsin.core.steps import EXCERPT
from tocsin.store import runs
from tocsin.store.db import Tx

ITS_END = "\n… the end of what it printed:\n"


def since(app: App, run_id: str, after: int) -> tuple[Piece, ...]:
    """What a run printed behind the piece with the number ``after``; 0: all of it.

    What is shown live of a flood has gaps, and is forgotten one day. So who asks for all of what a run printed that has
    ended gets what was kept in the end, and who followed a flood gets its end as one piece more.
    """

    def read(tx: Tx) -> tuple[Piece, ...]:
        live, run = runs.output(tx, run_id), runs.get(tx, run_id)
        newer = tuple(Piece(seq=each.seq, text=each.text) for each in live if each.seq > after)
        kept = run.outcome.output if run is not None and run.outcome is not None else ""
        if not kept or _same(live, kept):
            return newer
        behind = live[-1].seq + 1 if live else 1
        if after == 0:
            return (Piece(seq=behind, text=kept),)
        return newer if after >= behind else (*newer, Piece(seq=behind, text=ITS_END + kept[-EXCERPT:]))

    return app.db.read(read)


def _same(live: Sequence[runs.Piece], kept: str) -> bool:
    return sum(len(each.text) for each in live) == len(kept) and "".join(each.text for each in live) == kept
