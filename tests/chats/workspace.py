"""A Slack workspace on loopback, built from the shapes that docs.slack.dev publishes: Web API, limits, Socket Mode."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

BOT, APP, SECRET = "xoxb-not-a-real-one", "xapp-not-a-real-one", "8f742231b10e8888abcd99yyyzzz85a5"
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Channel:
    """A channel with all that was said in it."""

    id: str
    name: str
    private: bool
    topic: str = ""
    members: list[str] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What a reader sees of each message, the oldest first."""
        return [shown(message) for message in self.messages]


@dataclass
class Workspace:
    """What the server knows. ``faults``: method → what it answers next instead, each once."""

    channels: dict[str, Channel] = field(default_factory=dict)
    users: set[str] = field(default_factory=lambda: {"U0ANA", "U0BEN", "U0CLEO"})
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    faults: dict[str, list[Any]] = field(default_factory=dict)
    down: bool = False
    replies: list[dict[str, Any]] = field(default_factory=list)
    views: list[dict[str, Any]] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)
    acks: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    url: str = ""
    number: int = 0

    def named(self, name: str) -> Channel:
        """The channel of this name."""
        found = [channel for channel in self.channels.values() if channel.name == name]
        assert found, [channel.name for channel in self.channels.values()]
        return found[0]

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(each == method for each, _ in self.calls)

    def send(self, kind: str, payload: dict[str, Any], envelope: str = "e1") -> None:
        """Tell the app something by Socket Mode."""
        body = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True}
        self.sockets[-1].sendall(frame(json.dumps(body).encode()))


def shown(message: dict[str, Any]) -> str:
    """A message as it is read: the texts of its blocks."""
    return "\n".join(_texts(json.loads(message.get("blocks") or "[]"))) or str(message.get("text", ""))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def signed(body: bytes, at: int, secret: str = SECRET) -> dict[str, str]:
    """The headers of a request that Slack has signed."""
    base = b"v0:" + str(at).encode() + b":" + body
    return {
        "X-Slack-Request-Timestamp": str(at),
        "X-Slack-Signature": "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest(),
        "Content-Type": "application/x-www-form-urlencoded",
    }


def fields_of(body: bytes, kind: str) -> dict[str, str]:
    """The arguments of a method: a form, or JSON, whose lists are as text what a form has."""
    if kind.startswith("application/json"):
        told = json.loads(body or b"{}")
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in told.items()}
    return {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}


class Methods:
    """The methods of the Web API, by their names with underscores."""

    def __init__(self, workspace: Workspace) -> None:
        self._space = workspace

    def call(self, method: str, said: dict[str, str]) -> dict[str, Any]:
        """What a method answers."""
        do: Callable[[dict[str, str]], dict[str, Any]] | None = getattr(self, method.replace(".", "_"), None)
        return do(said) if do else {"ok": False, "error": "unknown_method"}

    def auth_test(self, _: dict[str, str]) -> dict[str, Any]:
        """Who the token is."""
        return {"ok": True, "user_id": "U0BOT", "bot_id": "B0BOT", "team_id": "T0", "url": self._space.url}

    def conversations_create(self, said: dict[str, str]) -> dict[str, Any]:
        """Slack's rules for names, and one channel for each."""
        name = said["name"]
        if len(name) > 80:
            return {"ok": False, "error": "invalid_name_maxlength"}
        if not name or any(letter not in "abcdefghijklmnopqrstuvwxyz0123456789-_" for letter in name):
            return {"ok": False, "error": "invalid_name_specials"}
        if any(channel.name == name for channel in self._space.channels.values()):
            return {"ok": False, "error": "name_taken"}
        made = Channel(f"C{len(self._space.channels):04}", name, said.get("is_private") == "true", members=["U0BOT"])
        self._space.channels[made.id] = made
        return {"ok": True, "channel": {"id": made.id, "name": name, "is_private": made.private}}

    def conversations_invite(self, said: dict[str, str]) -> dict[str, Any]:
        """Somebody joins."""
        channel = self._space.channels.get(said["channel"])
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        if said["users"] not in self._space.users:
            return {"ok": False, "error": "user_not_found"}
        if said["users"] in channel.members:
            return {"ok": False, "error": "already_in_channel"}
        channel.members.append(said["users"])
        return {"ok": True, "channel": {"id": channel.id}}

    def conversations_setTopic(self, said: dict[str, str]) -> dict[str, Any]:  # noqa: N802
        """The topic, 250 characters at most."""
        if len(said["topic"]) > 250:
            return {"ok": False, "error": "too_long"}
        return self._in(said, lambda channel: setattr(channel, "topic", said["topic"]))

    def conversations_history(self, said: dict[str, str]) -> dict[str, Any]:
        """The newest messages first."""
        channel = self._space.channels.get(said["channel"])
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        found = [each for each in channel.messages if said.get("latest") in (None, each["ts"])]
        told = [{**each, "metadata": json.loads(each.get("metadata") or "{}")} for each in reversed(found)]
        return {"ok": True, "messages": told[: int(said.get("limit", "100"))]}

    def chat_postMessage(self, said: dict[str, str]) -> dict[str, Any]:  # noqa: N802
        """A new message; one to a member is told in a channel that only they have."""
        self._space.number += 1
        if said["channel"] in self._space.users:
            direct = Channel(said["channel"], "", private=True, members=[said["channel"]])
            self._space.channels.setdefault(direct.id, direct)
        ts = f"1700000000.{self._space.number:06}"
        answer = self._in(said, lambda channel: channel.messages.append({**said, "ts": ts, "user": "U0BOT"}))
        return {**answer, "ts": ts, "channel": said["channel"]}

    def chat_update(self, said: dict[str, str]) -> dict[str, Any]:
        """A message says something else."""
        channel = self._space.channels.get(said["channel"])
        found = [each for each in channel.messages if each["ts"] == said["ts"]] if channel else []
        if not found:
            return {"ok": False, "error": "message_not_found"}
        found[0].update({"text": said["text"], "blocks": said["blocks"]})
        return {"ok": True, "ts": said["ts"]}

    def pins_add(self, said: dict[str, str]) -> dict[str, Any]:
        """A message is pinned."""
        return self._in(said, lambda channel: channel.pins.append(said["timestamp"]))

    def views_open(self, said: dict[str, str]) -> dict[str, Any]:
        """A form is shown."""
        self._space.views.append(json.loads(said["view"]))
        return {"ok": True, "view": {"id": "V1"}}

    def apps_connections_open(self, _: dict[str, str]) -> dict[str, Any]:
        """Where to connect for Socket Mode."""
        return {"ok": True, "url": self._space.url.replace("http://", "ws://") + "/socket"}

    def _in(self, said: dict[str, str], do: Callable[[Channel], Any]) -> dict[str, Any]:
        channel = self._space.channels.get(said["channel"])
        if channel is None:
            return {"ok": False, "error": "channel_not_found"}
        do(channel)
        return {"ok": True, "channel": {"id": channel.id}}


def answered(
    space: Workspace, methods: Methods, method: str, said: dict[str, str], token: str
) -> tuple[int, dict[str, Any]]:
    """The status and body of an answer: the fault that is planned, else what the method says."""
    space.calls.append((method, said))
    if space.down:
        return 503, {"ok": False}
    fault = (space.faults.get(method) or [None]).pop(0)
    if callable(fault):
        methods.call(method, said)  # it was done, and the answer is lost
        fault = fault()
    if fault == "ratelimited":
        return 429, {"ok": False, "error": "ratelimited"}
    if isinstance(fault, int):
        return fault, {"ok": False}
    if token != f"Bearer {APP if method == 'apps.connections.open' else BOT}":
        return 200, {"ok": False, "error": "invalid_auth"}
    return 200, {"ok": False, "error": fault} if fault else methods.call(method, said)


@contextmanager
def running() -> Iterator[Workspace]:
    """A workspace that answers on a free port."""
    space = Workspace()
    methods = Methods(space)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path.startswith("/reply/"):
                space.replies.append(json.loads(body))
                return self._give(200, {"ok": True})
            said = fields_of(body, self.headers.get("content-type", ""))
            with space.lock:
                token = self.headers.get("authorization", "")
                status, answer = answered(space, methods, self.path.removeprefix("/api/"), said, token)
            return self._give(status, answer, {"Retry-After": "7"} if status == 429 else {})

        def do_GET(self) -> None:
            key = (self.headers.get("sec-websocket-key") or "").encode()
            accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
            head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            self.wfile.write(f"{head}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
            self.wfile.flush()
            self.connection.sendall(frame(json.dumps({"type": "hello", "num_connections": 1}).encode()))
            space.sockets.append(self.connection)
            with suppress(OSError, struct.error):
                _listen(self.connection, space)
            self.close_connection = True

        def _give(self, status: int, said: dict[str, Any], headers: dict[str, str] | None = None) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    space.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="workspace")
    thread.start()
    try:
        yield space
    finally:
        for each in space.sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        server.shutdown()
        server.server_close()
        thread.join()


def frame(data: bytes, opcode: int = 1) -> bytes:
    """A frame as servers send it. Source: RFC 6455, 5.2."""
    size = len(data)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack("!H", size)
    return bytes([0x80 | opcode]) + length + data


def _listen(connection: socket.socket, space: Workspace) -> None:
    """Take the frames of the client, which are masked; answer its pings."""
    while True:
        opcode, size = _exactly(connection, 2)
        size &= 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", _exactly(connection, 2))
        mask = _exactly(connection, 4)
        data = bytes(byte ^ mask[place % 4] for place, byte in enumerate(_exactly(connection, size)))
        kind = opcode & 0x0F
        if kind == 8:
            return
        if kind == 9:
            connection.sendall(frame(data, 10))
        elif kind == 1:
            space.acks.append(json.loads(data))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise OSError("closed")
        data += more
    return data
