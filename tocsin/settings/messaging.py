"""``[messages]``: which messages of the runbook leave by themselves, and whether to the public, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from tocsin.core.messages.drafts import Kind
from tocsin.core.policy import nearest
from tocsin.errors import Invalid
from tocsin.settings import shapes

KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Messaging:
    """``send``: kinds of templates whose messages leave without a person as soon as nothing in them is open.

    ``public``: to channels that are marked as public, too.
    """

    send: tuple[str, ...] = ()
    public: bool = False


def messaging(raw: shapes.File, where: str) -> Messaging:
    """What leaves by itself. Raises `Invalid` for a kind that is none."""
    for kind in raw.messages.send:
        if kind not in KINDS:
            hint = nearest(kind, KINDS) or f"There are: {', '.join(KINDS)}."
            raise Invalid(f"{kind[:40]!r} is no kind of message.", hint, where=f"{where}: [messages] send")
    if raw.messages.public and not raw.messages.send:
        raise Invalid(
            "Nothing leaves by itself, so nothing does to the public.", "Name the kinds with send.",
            where=f"{where}: [messages] public",
        )  # fmt: skip
    return Messaging(send=tuple(dict.fromkeys(raw.messages.send)), public=raw.messages.public)
