"""One connection to an IRC server: signed in, kept, and begun anew when it breaks."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from tocsin.chats import irclines
from tocsin.chats.irclines import Line
from tocsin.chats.ircsession import Session
from tocsin.errors import TocsinError
from tocsin.plug.chat import Answer, ChatFault, Hear, Heard

CONNECT_SECONDS = 10.0
QUIET_SECONDS = 60.0
"""After so long without a line we ask whether the server is there; after twice that the line counts as broken."""
WAIT_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 120.0
LONGEST_TEXT = 380
BURST, GAP = 5, 0.6
"""So many lines at once, then one each so many seconds: servers end connections that talk faster."""


class Connection:
    """Says and hears lines. Everything that waits for the server raises `ChatFault` where it does not answer."""

    def __init__(  # noqa: PLR0913  what a connection needs, each named
        self,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        *,
        nick: str,
        wished: Sequence[str],
        credentials: str,
        channels: Sequence[str],
        ask: str,
        hear: Hear,
    ) -> None:
        self._address, self._context, self._ask, self._hear = (host, port), context, ask, hear

        def begin() -> Session:
            return Session(
                nick, wished=wished, credentials=credentials, channels=channels, send=self._send, hear=self._overhear
            )

        self._anew = begin
        self._session = begin()
        self._socket: socket.socket | None = None
        self._stopping = threading.Event()
        self._news = threading.Condition()
        self._sending, self._using = threading.Lock(), threading.Lock()
        self._thread = threading.Thread(target=self._live, name="tocsin-irc", daemon=True)
        self._asked: deque[Line] = deque(maxlen=100)
        self._answering = threading.Thread(target=self._answer_all, name="tocsin-irc-answers", daemon=True)
        self._tokens, self._filled = float(BURST), time.monotonic()
        self._counter = 0
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why it does not listen now; empty while it does."""
        return self._session.problem if self._socket is not None else self._problem or self._session.problem

    @property
    def longest_channel(self) -> int:
        """Characters of a channel's name, as the server says."""
        return self._session.longest_channel

    # --- from any thread -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Connect, and go on trying for as long as it is not stopped."""
        self._thread.start()
        self._answering.start()

    def stop(self) -> None:
        """Say good-bye and end."""
        self._stopping.set()
        with contextlib.suppress(ChatFault):
            self.say("QUIT", "Tocsin ends")
        self._close()
        with self._news:
            self._news.notify_all()
        for thread in (self._thread, self._answering):
            if thread.is_alive():
                thread.join(5)

    def say(self, command: str, *params: str) -> None:
        """Send one line, not faster than servers bear. Raises `ChatFault` without a connection."""
        self._pace()
        self._send(irclines.write(command, *params))

    def tell(self, target: str, text: str) -> None:
        """Say a text to a channel or somebody, in as many lines as it takes."""
        for piece in irclines.pieces(text, LONGEST_TEXT):
            self.say("PRIVMSG", target, piece)

    def settle(self) -> None:
        """Wait until the server has dealt with everything that was sent to it."""
        with self._news:
            self._counter += 1
            mark = f"tocsin-{self._counter}"
        self.say("PING", mark)
        self._await(lambda: mark in self._session.pongs, "answer")

    def join(self, channel: str) -> frozenset[str]:
        """Join a channel; the nicks of the others who are in it."""
        with self._news:
            self._session.members.pop(channel.casefold(), None)
            self._session.refused.pop(channel.casefold(), None)
        self.say("JOIN", channel)
        key = channel.casefold()
        self._await(lambda: key in self._session.listed or key in self._session.refused, f"let us into {channel}")
        with self._news:
            code = self._session.refused.get(key, "")
            if code:
                raise ChatFault(f"The IRC server does not let us into {channel} ({code}).", code=code, permanent=True)
            return frozenset(self._session.members.get(key, set())) - {self._session.nick}

    def is_in(self, channel: str) -> bool:
        """Whether we are in a channel now."""
        with self._news:
            return channel.casefold() in self._session.listed

    def nicks_of(self, account: str) -> list[str]:
        """The nicks that are signed in under this account, of those whom we see."""
        with self._news:
            return sorted(nick for nick, theirs in self._session.accounts.items() if theirs == account)

    # --- the life of the connection --------------------------------------------------------------------------------

    def _live(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                self._connect()
                self._read()
                self._problem = "" if self._stopping.is_set() else "The server ended the connection."
            except (OSError, ValueError, ChatFault) as error:
                self._problem = str(error) if isinstance(error, ChatFault) else f"The connection broke: {error}"
            pause = FIRST_PAUSE if self._session.ready else min(pause * 2, LONGEST_PAUSE)
            self._close()
            self._stopping.wait(pause)

    def _connect(self) -> None:
        with self._news:
            self._session = self._anew()
        plain = socket.create_connection(self._address, CONNECT_SECONDS)
        made = self._context.wrap_socket(plain, server_hostname=self._address[0]) if self._context else plain
        made.settimeout(WAIT_SECONDS)
        self._socket = made

    def _read(self) -> None:
        self._session.begin()
        rest, asked = b"", False
        while not self._stopping.is_set():
            data = self._receive()
            if data is None:
                if asked:
                    raise ChatFault("The IRC server says nothing any more.")
                self._send(irclines.write("PING", "still-there"))
                asked = True
                continue
            asked = False
            if not data:
                return
            *whole, rest = (rest + data).split(b"\n")
            if len(rest) > irclines.LONGEST_TAGS + irclines.LONGEST_LINE:
                raise ChatFault("The IRC server sends a line without an end.")
            for raw in whole:
                line = irclines.read(raw)
                if line is not None:
                    with self._news:
                        self._session.take(line)
                        self._news.notify_all()

    # --- commands --------------------------------------------------------------------------------------------------

    def _overhear(self, line: Line) -> None:
        if self._meant(line):
            self._asked.append(line)

    def _meant(self, line: Line) -> bool:
        first = line.param(1).strip().casefold()
        private = not line.param(0).startswith(("#", "&"))
        return private or first.startswith((f"{self._ask} ", "note:")) or first == self._ask

    def _answer_all(self) -> None:
        while not self._stopping.is_set():
            with self._news:
                self._news.wait_for(lambda: self._asked or self._stopping.is_set(), 1.0)
                line = self._asked.popleft() if self._asked else None
            if line is not None:
                with contextlib.suppress(ChatFault):
                    self._answer(line)

    def _answer(self, line: Line) -> None:
        heard = self._heard(line)
        try:
            answer = self._hear(heard)
        except TocsinError as error:
            answer = Answer(text=str(error))
        alone = answer.private or not answer.ok or not heard.shared
        for piece in (part for text in answer.text.split("\n") for part in irclines.pieces(text, LONGEST_TEXT)):
            self.say("NOTICE" if alone else "PRIVMSG", line.nick if alone else line.param(0), piece)

    def _heard(self, line: Line) -> Heard:
        """What was said, by the account that the server vouches for with this very message; a nick tells nothing."""
        account = line.tags.get("account", "") if self._session.tags else ""
        text, shared = line.param(1).strip(), line.param(0).startswith(("#", "&"))
        name = line.tags.get("msgid", "")
        note = text.casefold().startswith("note:") and shared
        words = text[5:].strip() if note else text
        if not note and words.casefold().startswith(self._ask):
            words = words[len(self._ask) :].strip()
        return Heard(
            how="note" if note else "command", account=account, author=account, text=words, shared=shared,
            channel=line.param(0) if shared else "", id=f"irc/{name}" if name else "",
        )  # fmt: skip

    def _receive(self) -> bytes | None:
        """What comes next; None where nothing comes for a while. One thread at a time uses a connection over TLS."""
        line = self._socket
        if line is None:
            return b""
        if not select.select([line], [], [], QUIET_SECONDS)[0]:
            return None
        with self._using:
            data = line.recv(65_536)
            while isinstance(line, ssl.SSLSocket) and data and line.pending():
                data += line.recv(65_536)
        return data

    # --- below -----------------------------------------------------------------------------------------------------

    def _await(self, what: Callable[[], bool], said: str) -> None:
        with self._news:
            if not self._news.wait_for(lambda: what() or self._socket is None, WAIT_SECONDS) or not what():
                raise ChatFault(f"The IRC server did not {said} in time.", certain=False)

    def _pace(self) -> None:
        """A bucket of lines that fills again; whoever finds it empty waits."""
        with self._sending:
            now = time.monotonic()
            self._tokens, self._filled = min(self._tokens + (now - self._filled) / GAP, float(BURST)), now
            if self._tokens < 1:
                self._stopping.wait((1 - self._tokens) * GAP)
            self._tokens -= 1

    def _send(self, data: bytes) -> None:
        line = self._socket
        if line is None:
            raise ChatFault("There is no connection to the IRC server.", self.problem, certain=True)
        try:
            with self._using:
                line.sendall(data)
        except OSError as error:
            raise ChatFault(f"The connection to the IRC server broke: {error}.", certain=False) from None

    def _close(self) -> None:
        line, self._socket = self._socket, None
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        with self._news:
            self._session.ready = False
            self._session.listed.clear()
            self._news.notify_all()
