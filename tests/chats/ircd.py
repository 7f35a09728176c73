"""A real IRC server with real accounts: InspIRCd and Anope's services, on loopback, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSWORD = "a-password-of-a-test"
MODULES = (
    "cap", "ircv3", "ircv3_accounttag", "ircv3_ctctags", "ircv3_echomessage", "ircv3_msgid", "ircv3_servertime", "sasl",
    "hidechans", "globops", "services_account", "spanningtree", "ssl_gnutls",
)  # fmt: skip
INSPIRCD = """
<server name="irc.test" description="A test" network="Test">
<admin name="nobody" nick="nobody" email="nobody@example.org">
<bind address="127.0.0.1" port="{port}" type="clients" sslprofile="Clients">
<bind address="127.0.0.1" port="{link}" type="servers">
<sslprofile name="Clients" provider="gnutls" certfile="{folder}/cert.pem" keyfile="{folder}/key.pem" hash="sha256">
<connect allow="*" timeout="30" localmax="100" globalmax="100" useident="no" resolvehostnames="no" fakelag="no"
 commandrate="100000" threshold="10000" recvq="1M" softsendq="1M" hardsendq="4M">
<link name="services.test" ipaddr="127.0.0.1" port="{link}" allowmask="127.0.0.1" sendpass="linked" recvpass="linked">
<uline server="services.test" silent="yes">
<sasl target="services.test" requiressl="no">
<performance softlimit="1000" netbuffersize="10240">
<options casemapping="ascii" syntaxhints="no" exemptchanops="" defaultmodes="not">
<path configdir="{folder}" datadir="{folder}" logdir="{folder}" moduledir="{modules}" runtimedir="{folder}">
{loaded}
"""
ANOPE = """
uplink {{ host = "127.0.0.1"; ipv6 = no; ssl = no; port = {link}; password = "linked" }}
serverinfo {{ name = "services.test"; description = "Services"; pid = "{folder}/services.pid"; motd = "{folder}/motd" }}
module {{ name = "inspircd3" }}
networkinfo {{ networkname = "Test"; nicklen = 30; userlen = 10; hostlen = 64; chanlen = 60; modelistsize = 100;
 vhost_chars = "abcdefghijklmnopqrstuvwxyz0123456789.-"; disallow_start_or_end = ".-" }}
options {{ casemap = "ascii"; passlen = 32; seed = 9866235; retrywait = 1s; readtimeout = 5s; warningtimeout = 4h;
 timeoutcheck = 3s; defaultlanguage = "en_US.UTF-8" }}
service {{ nick = "NickServ"; user = "services"; host = "services.test"; gecos = "Accounts" }}
module {{ name = "nickserv"; client = "NickServ"; forceemail = no; defaults = "ns_private"; expire = 0;
 nonicknameownership = yes }}
module {{ name = "ns_register"; registration = "none"; nickregdelay = 0s; regdelay = 0s }}
command {{ service = "NickServ"; name = "REGISTER"; command = "nickserv/register" }}
module {{ name = "ns_identify" }}
command {{ service = "NickServ"; name = "IDENTIFY"; command = "nickserv/identify" }}
module {{ name = "m_sasl" }}
module {{ name = "db_flatfile"; database = "anope.db" }}
module {{ name = "enc_sha256" }}
log {{ target = "services.log"; logage = 1; user = "*"; admin = "*"; other = "*"; servers = "*"; users = "other" }}
"""


@dataclass(frozen=True)
class Server:
    """Where it is, and the file with its authority."""

    port: int
    ca: Path


@dataclass
class Person:
    """Somebody on IRC, with a client of a few lines."""

    server: Server
    nick: str
    lines: list[str] = field(default_factory=list)
    _rest: bytes = b""

    def __post_init__(self) -> None:
        context = ssl.create_default_context(cafile=str(self.server.ca))
        plain = socket.create_connection(("127.0.0.1", self.server.port), 10)
        self._socket = context.wrap_socket(plain, server_hostname="127.0.0.1")
        self.say(f"NICK {self.nick}\r\nUSER {self.nick} 0 * :{self.nick}")
        self.wait_for(" 001 ")

    def say(self, line: str) -> None:
        """Send a line."""
        self._socket.sendall(f"{line}\r\n".encode())

    def wait_for(self, words: str, seconds: float = 15.0) -> str:
        """The next line that holds these words, of those that were not waited for yet."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            while self.lines:
                line = self.lines.pop(0)
                if words in line:
                    return line
            self._take(deadline - time.monotonic())
        raise AssertionError(f"{self.nick} never got {words!r}")

    def everything(self, until: str) -> list[str]:
        """Every line up to one that holds these words."""
        found = [""]
        while until not in found[-1]:
            while not self.lines:
                self._take(15)
            found.append(self.lines.pop(0))
        return found[1:]

    def signs_in(self) -> Person:
        """Under the account that is called as the nick."""
        self.say(f"PRIVMSG NickServ :IDENTIFY {self.nick} {PASSWORD}")
        self.wait_for(" 900 ")
        return self

    def close(self) -> None:
        """Go."""
        self._socket.close()

    def _take(self, seconds: float) -> None:
        self._socket.settimeout(max(seconds, 0.01))
        try:
            data = self._socket.recv(65536)
        except TimeoutError:
            return
        assert data, f"the server ended {self.nick}'s connection"
        *whole, self._rest = (self._rest + data).split(b"\r\n")
        for raw in whole:
            line = raw.decode("utf-8", "replace")
            if line.startswith("PING"):
                self.say(line.replace("PING", "PONG", 1))
            else:
                self.lines.append(line)


def programs() -> tuple[str, str, Path] | None:
    """InspIRCd, Anope and the folder of InspIRCd's modules; None where one is missing."""
    path = "/usr/sbin:/usr/bin:/usr/local/bin"
    ircd, services = shutil.which("inspircd", path=path), shutil.which("anope", path=path)
    modules = Path("/usr/lib/inspircd/modules")
    return (ircd, services, modules) if ircd and services and modules.is_dir() else None


@contextmanager
def running(accounts: tuple[str, ...]) -> Iterator[Server]:
    """A server on which these accounts are registered; it is stopped and removed at the end."""
    found = programs()
    assert found is not None
    ircd, services, modules = found
    folder = Path(tempfile.mkdtemp(prefix="irc-test-"))
    port, link = _free_port(), _free_port()
    _certificate(folder)
    loaded = "\n".join(f'<module name="{name}">' for name in MODULES)
    settings = {"port": port, "link": link, "folder": folder, "modules": modules, "loaded": loaded}
    (folder / "inspircd.conf").write_text(INSPIRCD.format(**settings), "utf-8")
    (folder / "services.conf").write_text(ANOPE.format(**settings), "utf-8")
    (folder / "motd").write_text("", "utf-8")
    root = ["--runasroot"] if os.geteuid() == 0 else []
    log = (folder / "output").open("wb")
    started = [subprocess.Popen([ircd, f"--config={folder}/inspircd.conf", "--nofork", "--nopid", *root],
                                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)]  # fmt: skip
    try:
        _until_it_listens(port)
        started.append(
            subprocess.Popen(
                [services, f"--confdir={folder}", f"--dbdir={folder}", f"--logdir={folder}",
                 "--modulesdir=/usr/lib/anope", "--nofork"],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        )  # fmt: skip
        server = Server(port, folder / "cert.pem")
        _register(server, accounts)
        yield server
    except AssertionError as error:
        raise AssertionError(f"{error}\n{(folder / 'output').read_text('utf-8', 'replace')[-3000:]}") from None
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(20)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _register(server: Server, accounts: tuple[str, ...]) -> None:
    with ThreadPoolExecutor() as hands:
        list(hands.map(lambda name: _register_one(server, name), accounts))


def _register_one(server: Server, name: str) -> None:
    person = Person(server, name)
    for _ in range(100):  # the services link a moment after they begin
        person.say(f"PRIVMSG NickServ :REGISTER {PASSWORD} {name}@example.org\r\nPING :there")
        said = person.everything("there")
        if any(" 900 " in line or "registered" in line for line in said):
            return person.close()
        time.sleep(0.1)
    raise AssertionError(f"{name} can't be registered: {said}")


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "irc.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("InspIRCd does not listen.")
