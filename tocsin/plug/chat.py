"""What a chat must be able to do, and what comes in from it. What is said there is decided in `tocsin.service`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

from tocsin.core.posts import Post
from tocsin.errors import Undelivered


class ChatFault(Undelivered):
    """The chat did not do it. ``certain``: certainly not; else it may have. ``code`` is the chat's own word for why."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        permanent: bool = False,
        retry_after: float = 0.0,
        certain: bool = True,
        code: str = "",
    ) -> None:
        super().__init__(message, hint, permanent=permanent, retry_after=retry_after)
        self.certain = certain
        self.code = code


class NameTaken(ChatFault):
    """There is a channel of that name already."""


class ChannelGone(ChatFault):
    """The channel was removed or archived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something that was said to us. ``account`` is who it was as the chat itself has verified it; empty: nobody known.

    ``how``: a command, a button with its ``move`` and ``value``, a filled form, or a message that is to be noted
    (``author`` wrote it). ``shared``: the answer is read by everybody there. ``id`` is the same when it is sent again.
    """

    how: Literal["command", "button", "form", "note"]
    account: str
    channel: str = ""
    text: str = ""
    move: str = ""
    value: Mapping[str, str] = field(default_factory=dict)
    author: str = ""
    shared: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered, in plain text; ``form``: a form for a declaration is to be shown where the chat has forms.

    ``private``: for the one who asked alone, wherever they asked. ``ok`` False: nothing was done.
    """

    text: str = ""
    form: bool = False
    private: bool = False
    ok: bool = True
    severities: tuple[str, ...] = ()


Hear = Callable[[Heard], Answer]


class Chat(Protocol):
    """A chat that is connected. Every method raises `ChatFault`; those with a channel `ChannelGone`, too."""

    @property
    def updates(self) -> bool:
        """Whether messages can be changed after they were posted."""

    @property
    def privately(self) -> bool:
        """Whether a channel can be kept from everybody who was not invited."""

    @property
    def longest_name(self) -> int:
        """Characters of a channel's name, without its #."""

    @property
    def every(self) -> timedelta:
        """The shortest time between two posts to a channel."""

    def open_room(self, name: str, *, private: bool) -> str:
        """Open a channel; the chat's own name of it. Raises `NameTaken`."""

    def invite(self, channel: str, account: str) -> bool:
        """Invite somebody; False where that can't be, for a reason of theirs. Being there already is fine."""

    def set_topic(self, channel: str, text: str) -> None:
        """Say what the channel is about."""

    def post(self, channel: str, post: Post, mark: str) -> str:
        """Post a message that bears a mark; the chat's name of it."""

    def update(self, channel: str, message: str, post: Post) -> None:
        """Let a message say something else."""

    def pin(self, channel: str, message: str) -> None:
        """Keep a message in view."""

    def find(self, channel: str, mark: str) -> str:
        """The message that bears a mark; empty where none does."""

    def start(self) -> None:
        """Begin to listen."""

    def stop(self) -> None:
        """Listen no more."""

    @property
    def problem(self) -> str:
        """Why it does not listen at the moment; empty while it does."""


class ChatSettings(Protocol):
    """The table of a chat in the configuration: which incidents get a channel, its name, and how to connect."""

    @property
    def channel(self) -> str: ...
    @property
    def severities(self) -> tuple[str, ...]: ...
    @property
    def drills(self) -> bool: ...

    def link(self, channel: str, name: str) -> str:
        """The address that opens a channel in somebody's own client."""

    def connect(self, hear: Hear) -> Chat:
        """The chat; what is said to it is given to ``hear``, from any thread."""
