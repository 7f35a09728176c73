"""IRC: the same by plain commands (``!tocsin ack INC-12``), on any server with accounts.

Who may act is told by the account that the server has verified (IRCv3 ``account-tag``), never by a nick, which anybody
can take. Source: RFC 1459 and 2812; IRCv3 capabilities, SASL 3.1, account-tag, extended-join, account-notify, msgid.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from tocsin.chats.ircline import Connection
from tocsin.core.posts import Post
from tocsin.core.roomnames import USUAL, is_pattern
from tocsin.errors import Invalid
from tocsin.plug.chat import ChannelGone, ChatFault, Hear, NameTaken
from tocsin.plug.kinds import NO_SECRET, Secret

ASK = "!tocsin"
_WISHED = (
    "account-tag",
    "account-notify",
    "extended-join",
    "message-tags",
    "server-time",
    "echo-message",
    "multi-prefix",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Irc:
    """A channel for each incident on an IRC server, and commands that begin with ``!tocsin`` there or in private.

    The server must know accounts (SASL, ``account-tag``): only who is signed in there may give a command. Private
    incidents are never told on IRC.
    """

    server: Annotated[str, "Name or address of the server"]
    port: Annotated[int, "Its port"] = 6697
    tls: Annotated[bool, "Whether the connection is encrypted; without, loopback only"] = True
    ca: Annotated[str, "A file with the certificate of the server's authority, where it is your own"] = ""
    nick: Annotated[str, "What we are called there"] = "tocsin"
    account: Annotated[str, "Our account there; unless told, the nick"] = ""
    password: Annotated[Secret, "The account's password (SASL PLAIN)"] = NO_SECRET
    listens: Annotated[tuple[str, ...], "Common channels where commands are taken"] = ()
    channel: Annotated[str, "What an incident's channel is called where the runbook does not say"] = USUAL
    severities: Annotated[tuple[str, ...], "Incidents of these get a channel; unless told, all"] = ()
    drills: Annotated[bool, "Whether drills get one"] = True

    def __post_init__(self) -> None:
        if not is_pattern(self.channel):
            raise ValueError(f"{self.channel!r} names the same channel for every incident; write for example {USUAL}.")
        if not self.tls and self.server not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("without tls the password would be read by everybody on the way; leave tls out.")
        if not 1 <= self.port <= 65_535:
            raise ValueError(f"{self.port} is not a port.")

    def link(self, channel: str, name: str) -> str:
        """The channel in whichever client takes such links."""
        scheme, channel = "ircs" if self.tls else "irc", quote(f"#{name.removeprefix('#')}", safe="")
        return f"{scheme}://{self.server}:{self.port}/{channel}"

    def connect(self, hear: Hear) -> IrcChat:
        """The server, once it is started."""
        return IrcChat(self, hear)


class IrcChat:
    """One server. Messages can't be changed there: what is kept current is the topic."""

    updates = False
    privately = False
    every = timedelta(seconds=2)

    def __init__(self, settings: Irc, hear: Hear) -> None:
        self._settings = settings
        self._line = Connection(
            settings.server, settings.port, _context(settings), nick=settings.nick, wished=_WISHED,
            credentials=_credentials(settings), channels=settings.listens, ask=ASK, hear=hear,
        )  # fmt: skip

    @property
    def longest_name(self) -> int:
        """As the server says, without the #."""
        return min(self._line.longest_channel, 80) - 1

    @property
    def problem(self) -> str:
        """Why there is no connection at the moment."""
        return self._line.problem

    def start(self) -> None:
        """Connect, and go on trying."""
        self._line.start()

    def stop(self) -> None:
        """Say good-bye."""
        self._line.stop()

    def open_room(self, name: str, *, private: bool) -> str:
        """Join a channel that nobody is in yet; raises `NameTaken` where somebody is, `ChatFault` where it can't be."""
        if private:
            raise ChatFault("A channel on IRC can't be kept private.", permanent=True)
        channel = f"#{name}"
        others = self._line.join(channel)
        if others:
            self._line.say("PART", channel, "in use")
            raise NameTaken(f"{channel} is in use on IRC.")
        return channel

    def invite(self, channel: str, account: str) -> bool:
        """Invite everybody who is signed in under this account in a channel that we share; False where nobody is."""
        nicks = self._line.nicks_of(account)
        for nick in nicks:
            self._line.say("INVITE", nick, channel)
        return bool(nicks)

    def set_topic(self, channel: str, text: str) -> None:
        """The channel's topic, cut as the server wants."""
        self._back(channel)
        self._line.say("TOPIC", channel, text)

    def post(self, channel: str, post: Post, mark: str) -> str:
        """Say it, line by line; returned when the server has answered what came behind."""
        self._back(channel)
        for line in lines(post):
            self._line.tell(channel, line)
        self._line.settle()
        return mark

    def update(self, channel: str, message: str, post: Post) -> None:
        """Nothing: what was said stays said."""

    def pin(self, channel: str, message: str) -> None:
        """Nothing: the topic is what is kept in view."""

    def find(self, channel: str, mark: str) -> str:
        """Nothing: IRC keeps no messages, so after a fault in the middle of it a post may come twice."""
        del channel, mark
        return ""

    def _back(self, channel: str) -> None:
        """Into a channel that we have left, by a restart or a broken line."""
        if not self._line.is_in(channel):
            try:
                self._line.join(channel)
            except ChatFault as fault:
                raise ChannelGone(str(fault), code=fault.code) if fault.code else fault from None


def lines(post: Post) -> Iterator[str]:
    """A post as lines; the commands by which it is answered at the end."""
    if post.title:
        yield post.title
    yield from post.lines
    if post.fields:
        yield "; ".join(f"{name}: {value}" for name, value in post.fields)
    if post.command:
        yield from (f"> {line}" for line in post.command.split("\n"))
    if post.hint:
        yield f"Answer: {ASK} {post.hint}" + (f", or {ASK} {post.refusal}" if post.refusal else "")
    if post.url:
        yield post.url


def _credentials(settings: Irc) -> str:
    """What SASL PLAIN sends; empty without a password. Source: RFC 4616."""
    if not settings.password.value:
        return ""
    account = settings.account or settings.nick
    return base64.b64encode(f"{account}\0{account}\0{settings.password.value}".encode()).decode()


def _context(settings: Irc) -> ssl.SSLContext | None:
    if not settings.tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca or None)
    except OSError as error:
        raise Invalid(f"The file {settings.ca!r} can't be read: {error.strerror}.", where="[irc] ca") from None
