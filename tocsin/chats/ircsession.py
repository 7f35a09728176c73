"""What an IRC server has told about one connection: who we are there, who is in which channel, under which account.

Source: RFC 2812; IRCv3 capability negotiation, SASL 3.1, extended-join, account-notify; WHOX.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tocsin.chats import irclines
from tocsin.chats.irclines import Line
from tocsin.plug.chat import ChatFault

LONGEST_SASL = 400
_REFUSALS = {
    "403": "no_such_channel", "405": "too_many_channels", "471": "channel_is_full", "473": "invite_only",
    "474": "banned", "475": "bad_channel_key", "476": "bad_channel_mask", "477": "need_registered_nick",
    "479": "bad_channel_name",
}  # fmt: skip


class Session:
    """One life of a connection, from the first line to the last. ``listed`` are the channels that we are in.

    ``send`` takes what must be answered at once, ``hear`` what somebody else says.
    """

    def __init__(
        self,
        nick: str,
        *,
        wished: Sequence[str],
        credentials: str,
        channels: Sequence[str],
        send: Callable[[bytes], None],
        hear: Callable[[Line], None],
    ) -> None:
        self._wanted, self._wished, self._common = nick, tuple(wished), tuple(channels)
        self._credentials, self._send, self._hear = credentials, send, hear
        self._offered: set[str] = set()
        self.nick, self.ready, self.tags = nick, False, False
        self.problem = "It is not connected yet."
        self.longest_channel = 50
        self.members: dict[str, set[str]] = {}
        self.listed: set[str] = set()
        self.refused: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        self.pongs: set[str] = set()

    def begin(self) -> None:
        """Say who we are, and ask what the server can do."""
        self._send(irclines.write("CAP", "LS", "302"))
        self._send(irclines.write("NICK", self.nick))
        self._send(irclines.write("USER", self._wanted, "0", "*", "Tocsin"))

    def take(self, line: Line) -> None:
        """What one line of the server means."""
        take = getattr(self, f"_on_{line.command.lower()}", None)
        if take is not None:
            take(line)
        elif line.command in _REFUSALS:
            self.refused[line.param(1).casefold()] = _REFUSALS[line.command]

    def _on_error(self, line: Line) -> None:
        """The last word of a server that ends the connection."""
        raise ChatFault(f"The IRC server ended the connection: {irclines.harmless(line.param(0))[:200]}")

    def _on_ping(self, line: Line) -> None:
        self._send(irclines.write("PONG", line.param(0)))

    def _on_pong(self, line: Line) -> None:
        self.pongs = {line.param(1), *list(self.pongs)[:50]}

    def _on_cap(self, line: Line) -> None:
        kind, more, names = line.param(1).upper(), line.param(2) == "*", line.params[-1]
        if kind == "LS":
            self._offered |= {name.partition("=")[0] for name in names.split()}
            if not more:
                wanted = [name for name in self._wished if name in self._offered]
                wanted += ["sasl"] if self._credentials and "sasl" in self._offered else []
                self._send(irclines.write("CAP", "REQ", " ".join(wanted)) if wanted else irclines.write("CAP", "END"))
        elif kind == "ACK":
            granted = set(names.split())
            self.tags = "account-tag" in granted
            if "sasl" in granted:
                self._send(irclines.write("AUTHENTICATE", "PLAIN"))
            else:
                self._send(irclines.write("CAP", "END"))
        elif kind == "NAK":
            self._send(irclines.write("CAP", "END"))

    def _on_authenticate(self, line: Line) -> None:
        if line.param(0) == "+":
            parts = [self._credentials[at : at + LONGEST_SASL] for at in range(0, len(self._credentials), LONGEST_SASL)]
            for part in [*parts, *(["+"] if len(self._credentials) % LONGEST_SASL == 0 else [])]:
                self._send(irclines.write("AUTHENTICATE", part))

    def _on_903(self, _: Line) -> None:
        self._send(irclines.write("CAP", "END"))

    def _on_904(self, _: Line) -> None:
        raise ChatFault("The IRC server does not take our password.", "Look at [irc] account and password.")

    _on_902 = _on_905 = _on_904

    def _on_433(self, _: Line) -> None:
        """Somebody has our nick; ours is no proof of anything either, so any other will do."""
        if not self.ready:
            self.nick = f"{self.nick}_"[:30]
            self._send(irclines.write("NICK", self.nick))

    def _on_001(self, line: Line) -> None:
        self.ready, self.nick = True, line.param(0) or self.nick
        self.problem = ""
        if not self.tags:
            self.problem = "The server has no account-tag, so nobody can be known and no command is taken."
        for channel in self._common:
            self._send(irclines.write("JOIN", channel))

    def _on_005(self, line: Line) -> None:
        for word in line.params:
            name, _, value = word.partition("=")
            if name == "CHANNELLEN" and value.isdigit():
                self.longest_channel = max(int(value), 20)

    def _on_353(self, line: Line) -> None:
        nicks = {name.lstrip("~&@%+").partition("!")[0] for name in line.param(3).split()}
        self.members.setdefault(line.param(2).casefold(), set()).update(nicks)

    def _on_366(self, line: Line) -> None:
        self.listed.add(line.param(1).casefold())
        self._send(irclines.write("WHO", line.param(1), "%na"))

    def _on_354(self, line: Line) -> None:
        """The answer to ``WHO #channel %na``: nick and account; 0: not signed in."""
        self._signed(line.param(1), line.param(2))

    def _on_join(self, line: Line) -> None:
        self.members.setdefault(line.param(0).casefold(), set()).add(line.nick)
        if len(line.params) > 1:
            self._signed(line.nick, line.param(1))

    def _on_account(self, line: Line) -> None:
        self._signed(line.nick, line.param(0))

    def _on_nick(self, line: Line) -> None:
        account = self.accounts.pop(line.nick, "")
        if line.nick == self.nick:
            self.nick = line.param(0)
        self._signed(line.param(0), account)

    def _on_quit(self, line: Line) -> None:
        self.accounts.pop(line.nick, None)

    def _on_part(self, line: Line) -> None:
        if line.nick == self.nick:
            self.listed.discard(line.param(0).casefold())

    def _on_kick(self, line: Line) -> None:
        if line.param(1) == self.nick:
            self.listed.discard(line.param(0).casefold())

    def _on_privmsg(self, line: Line) -> None:
        if line.nick != self.nick:
            self._hear(line)

    def _signed(self, nick: str, account: str) -> None:
        self.accounts.pop(nick, None)
        if account not in ("", "0", "*"):
            self.accounts[nick] = account
