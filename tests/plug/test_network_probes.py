"""Probes that ask over the network, against real servers; and what none of them may ask."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.plug.serving import Site, serving
from tocsin.errors import Unread
from tocsin.plug.jsonpath import first_number, parse_comparison, parse_path
from tocsin.plug.kinds import Probe, Secret
from tocsin.probes.http import Http
from tocsin.probes.prometheus import Prometheus
from tocsin.probes.scrape import Scrape
from tocsin.probes.sql import Sql
from tocsin.probes.statuspage import Statuspage
from tocsin.probes.tcp import Tcp

SOON = timedelta(seconds=5)
METADATA = "169.254.169.254"
BAKERY = {"oven": {"state": "warm", "doors": 2}, "jobs": [{"state": "stuck"}, {"state": "done"}, {"state": "stuck"}]}


@pytest.fixture
def bakery(site: Site) -> Site:
    """A health endpoint that answers with JSON."""
    site.headers, site.body = {"content-type": "application/json"}, json.dumps(BAKERY).encode()
    return site


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class TestJson:
    @pytest.mark.parametrize(
        ("place", "expect", "value"),
        [
            ("oven.state", "== warm", 1), ("$.oven.state", '== "warm"', 1), ("oven.state", "!= warm", 0),
            ("oven.doors", "< 3", 1), ("oven.doors", ">= 3", 0), ("oven.gone", "== warm", 0),
            ("jobs[1].state", "== done", 1), ("jobs[*].state", "== stuck", 0), ("oven.doors", "== '2'", 0),
        ],
    )  # fmt: skip
    def test_a_place_must_hold_what_is_expected(
        self, bakery: Site, now: datetime, place: str, expect: str, value: float
    ) -> None:
        """A missing place, another type and one wrong entry of several are each not what was expected."""
        assert Http(url=bakery.url, json=place, expect=expect).read(now, SOON).value == value

    @pytest.mark.parametrize(
        ("place", "value"),
        [("oven.doors", 2), ("jobs", 3), ('jobs[?state == "stuck"]', 2), ("jobs[?(@.state == 'gone')]", 0)],
    )
    def test_a_place_is_the_value(self, bakery: Site, now: datetime, place: str, value: float) -> None:
        """A number is itself, a list is how many entries it has, and a choice how many were chosen."""
        assert Http(url=bakery.url, measure="json", json=place).read(now, SOON).value == value

    @pytest.mark.parametrize("place", ["oven.state", "oven", "oven.gone", "jobs[*].state"])
    def test_what_is_no_number_has_no_value(self, bakery: Site, now: datetime, place: str) -> None:
        """Words, objects, nothing and several values are no number, and never zero."""
        if place == "jobs[*].state":
            bakery.body = b'{"jobs": [{"state": 1}, {"state": 2}]}'
        with pytest.raises(Unread, match="no data"):
            Http(url=bakery.url, measure="json", json=place).read(now, SOON)

    def test_html_is_no_json(self, bakery: Site, now: datetime) -> None:
        """A web page at the address has no number, and is not healthy."""
        bakery.body = b"<html>"
        with pytest.raises(Unread, match="not with JSON"):
            Http(url=bakery.url, measure="json", json="jobs").read(now, SOON)
        assert Http(url=bakery.url, json="oven.state", expect="== warm").read(now, SOON).value == 0

    @pytest.mark.parametrize("text", ["", "a[", "a b", "[?x]", "a..b", "$"])
    def test_a_path_that_is_none_is_refused(self, text: str) -> None:
        """When the configuration is read, not in the night."""
        with pytest.raises(ValueError, match="path into JSON"):
            parse_path(text)

    def test_comparisons_and_numbers_in_texts(self) -> None:
        """Truth is not one, sizes of unlike things are not compared, and a number is found between words."""
        assert not parse_comparison("== 1").holds(value=True)
        assert parse_comparison("== true").holds(value=True)
        assert not parse_comparison("> 1").holds("2")
        assert [first_number(text) for text in ("p95: 12.5 ms", "-3", "v2 has 7")] == [12.5, -3, 7]
        with pytest.raises(ValueError, match="no number"):
            first_number("all is well")


class TestRedirects:
    def test_are_followed_as_far_as_told(self, site: Site, now: datetime) -> None:
        """Not at all unless told; the token stays with the host that it is for."""
        with serving() as other:
            site.status, site.headers = 302, {"location": f"{other.url}/there"}
            token = Secret("tok")
            assert Http(url=site.url, token=token).read(now, SOON).detail == "answers 302, expected 2xx"
            assert Http(url=site.url, token=token, follow=1).read(now, SOON).value == 1
            assert other.asked[0].path == "/there"
            assert "authorization" not in other.asked[0].headers
            assert site.asked[-1].headers["authorization"] == "Bearer tok"

    def test_a_circle_ends(self, site: Site, now: datetime) -> None:
        """After as many hops as are allowed the last answer counts."""
        site.status, site.headers = 307, {"location": "/again"}
        assert Http(url=site.url, follow=3).read(now, SOON).value == 0
        assert len(site.asked) == 4

    @pytest.mark.parametrize("place", [f"http://{METADATA}/latest", "file:///etc/passwd", "gopher://127.0.0.1/"])
    def test_no_hop_leads_where_nobody_may_go(self, site: Site, now: datetime, place: str) -> None:
        """Each hop is checked like the first address; a refusal is no reading."""
        site.status, site.headers = 302, {"location": place}
        with pytest.raises(Unread):
            Http(url=site.url, follow=5).read(now, SOON)


class TestNobodyMayBeAsked:
    @pytest.mark.parametrize(
        "probe",
        [
            Http(url=f"http://{METADATA}/"), Http(url="https://[fe80::1]/", measure="tls_days"),
            Tcp(host=METADATA, port=80), Statuspage(url="http://127.0.0.1:1"),
            Scrape(url=f"http://{METADATA}", gauge="x"),
            Prometheus(url=f"http://{METADATA}", query="up"), Tcp(host="127.0.0.1", port=1, allow=("10.0.0.0/8",)),
            Sql(url=Secret(f"postgresql://a@{METADATA}/b"), query="select 1"),
            Sql(url=Secret(f"postgresql://a@localhost/b?hostaddr={METADATA}"), query="select 1"),
            Sql(url=Secret(f"postgresql://a@localhost,{METADATA}/b"), query="select 1"),
            Http(url="http://[::ffff:169.254.169.254]/"), Tcp(host="127.0.0.1", port=1, allow=False),
        ],
    )  # fmt: skip
    def test_metadata_and_what_is_not_allowed(self, probe: Probe, now: datetime) -> None:
        """Every probe over the network checks the number before it connects, and says which setting would allow it."""
        with pytest.raises(Unread, match=r"was not asked.*`allow`"):
            probe.read(now, SOON)

    def test_the_checked_number_is_the_one_that_is_connected_to(
        self, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name that resolves otherwise the second time gains nothing: it is resolved once."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            answers = iter([[(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]])
            resolve = socket.getaddrinfo

            def once(host: Any, *arguments: Any, **options: Any) -> Any:
                return next(answers) if host == "ovens.test" else resolve(host, *arguments, **options)

            monkeypatch.setattr(socket, "getaddrinfo", once)
            assert Tcp(host="ovens.test", port=server.getsockname()[1]).read(now, SOON).value == 1


class TestTcp:
    def test_somebody_listens(self, now: datetime) -> None:
        """1, or the time that the connection took."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            assert Tcp(host="127.0.0.1", port=port).read(now, SOON).value == 1
            assert 0 < Tcp(host="localhost", port=port, measure="milliseconds").read(now, SOON).value < 5000

    def test_nobody_listens(self, now: datetime) -> None:
        """0; a time of none is no time."""
        port = free_port()
        assert Tcp(host="127.0.0.1", port=port).read(now, SOON).value == 0
        with pytest.raises(Unread, match="no data"):
            Tcp(host="127.0.0.1", port=port, measure="milliseconds").read(now, SOON)

    def test_an_unknown_name_is_zero_with_its_reason(self, now: datetime) -> None:
        """That a name is gone is a way of being down."""
        reading = Tcp(host="no-such-host.invalid", port=80).read(now, SOON)
        assert (reading.value, "not known" in reading.detail) == (0, True)


def certificate(folder: Path, days: int) -> Path:
    """A certificate for localhost, its own authority, valid for so many days."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    key, made, names = folder / "key.pem", folder / "cert.pem", folder / "names"
    names.write_text("subjectAltName=DNS:localhost\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    wish = subprocess.run(
        [program, "req", "-new", *curve, "-nodes", "-subj", "/CN=localhost", "-keyout", key],
        capture_output=True, check=True,
    )  # fmt: skip
    subprocess.run(
        [program, "x509", "-req", "-signkey", key, "-days", str(days), "-extfile", names, "-out", made],
        input=wish.stdout, capture_output=True, check=True,
    )  # fmt: skip
    whole = folder / "whole.pem"
    whole.write_bytes(key.read_bytes() + made.read_bytes())
    return whole


@contextmanager
def tls(file: Path) -> Iterator[int]:
    """A server that shakes hands with this certificate; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


class TestCertificates:
    @pytest.mark.parametrize(("days", "left"), [(20, 20.0), (-1, 0.0)])
    def test_days_left(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, left: float) -> None:
        """The days until it ends; one that has ended has none left."""
        file = certificate(tmp_path, days)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        with tls(file) as port:
            reading = Http(url=f"https://localhost:{port}/", measure="tls_days").read(datetime.now(UTC), SOON)
        assert reading.value == pytest.approx(left, abs=0.1)

    def test_one_that_nobody_trusts_has_no_days(self, tmp_path: Path, now: datetime) -> None:
        """A stranger's certificate says nothing about ours."""
        with tls(certificate(tmp_path, 20)) as port, pytest.raises(Unread, match="not trusted"):
            Http(url=f"https://localhost:{port}/", measure="tls_days").read(now, SOON)

    def test_what_speaks_no_tls_has_none(self, site: Site, now: datetime) -> None:
        """A plain server is told as such."""
        with pytest.raises(Unread, match="does not speak TLS"):
            Http(url=site.url.replace("http:", "https:"), measure="tls_days").read(now, SOON)


PAGE = {
    "status": {"indicator": "minor", "description": "Slow deliveries"},
    "components": [{"name": "Card payments", "status": "partial_outage"}, {"name": "Flour", "status": "operational"}],
    "incidents": [{"name": "Vans are late"}],
}


class TestStatuspage:
    @pytest.mark.parametrize(
        ("component", "value", "said"),
        [
            ("", 1, "Slow deliveries; Vans are late"),
            ("card payments", 2, "partial outage"),
            ("Flour", 0, "operational"),
        ],
    )
    def test_says_how_bad_they_say_it_is(
        self, site: Site, now: datetime, component: str, value: float, said: str
    ) -> None:
        """The page's indicator or a component's state as a number, with their words beside."""
        site.body = json.dumps(PAGE).encode()
        reading = Statuspage(url=site.url, component=component, allow=True).read(now, SOON)
        assert (reading.value, said in reading.detail) == (value, True)
        assert site.asked[0].path == "/api/v2/summary.json"

    @pytest.mark.parametrize(
        ("body", "component"),
        [
            (b"<html>", ""), (b"[]", ""), (b"{}", ""), (b'{"status": {"indicator": "purple"}}', ""),
            (b'{"status": 7, "components": 7}', ""), (json.dumps(PAGE).encode(), "Ovens"),
        ],
    )  # fmt: skip
    def test_another_shape_has_no_value(self, site: Site, now: datetime, body: bytes, component: str) -> None:
        """A page that says nothing we know is no data, never "all is well"."""
        site.body = body
        with pytest.raises(Unread, match="no data"):
            Statuspage(url=site.url, component=component, allow=True).read(now, SOON)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tcp(host="a", port=0), lambda: Tcp(host=" ", port=1), lambda: Http(url="http://a", follow=11),
        lambda: Http(url="http://a", measure="json"), lambda: Http(url="http://a", expect="== 1"),
        lambda: Http(url="http://a", json="x", expect="ok"), lambda: Http(url="http://a", measure="tls_days"),
        lambda: Tcp(host="a", port=1, allow=("everything",)),
    ],
)  # fmt: skip
def test_settings_that_can_t_be_are_refused(make: Any) -> None:
    """When they are read, with a sentence."""
    with pytest.raises(ValueError, match=r"\w+ .*\."):
        make()
