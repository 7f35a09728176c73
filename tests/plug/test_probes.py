"""Probes against a real Prometheus and real HTTP servers."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.plug.serving import Site
from tocsin.errors import Unread
from tocsin.plug.exposition import Series, parse_series
from tocsin.plug.kinds import Secret
from tocsin.probes.http import Http
from tocsin.probes.prometheus import Prometheus
from tocsin.probes.scrape import Scrape

SOON = timedelta(seconds=5)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running Prometheus."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus is not installed")
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 15s}\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [program, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
         f"--web.listen-address=127.0.0.1:{port}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_until_ready(server, f"http://127.0.0.1:{port}/-/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _wait_until_ready(server: subprocess.Popen[bytes], url: str) -> None:
    for _ in range(400):
        try:
            urlopen(url, timeout=2).close()
        except (URLError, OSError):
            try:
                server.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail("Prometheus did not start")
        else:
            return
    pytest.fail("Prometheus does not answer")


class TestPrometheus:
    @pytest.mark.parametrize(
        ("query", "scale", "value"), [("vector(0.05)", 100, 5.0), ("1 + 1", 1, 2.0), ("max(vector(7))", 1, 7.0)]
    )
    def test_reads_one_value(self, prometheus: str, query: str, scale: float, value: float) -> None:
        """A vector of one series or a scalar, in the unit of the document, with the moment of the evaluation."""
        now = datetime.now(UTC)
        reading = Prometheus(url=prometheus, query=query, scale=scale).read(now, SOON)
        assert reading.value == pytest.approx(value)
        assert abs(reading.at - now) < timedelta(milliseconds=1)

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("no_such_metric", "no data: the query matches no series"),
            ('label_replace(vector(1), "a", "1", "", "") or vector(2)', "yields 2 series"),
            ("vector(0) / 0", "NaN"),
            ("vector(1) / 0", "Inf"),
            ("up[5m]", "yields a matrix"),
            ("sum(", "refuses the query .*parse error"),
            ('"text"', "yields a string"),
        ],
    )
    def test_no_value_is_never_zero(self, prometheus: str, query: str, message: str) -> None:
        """No series, several, no number and a wrong query each end in their own sentence."""
        with pytest.raises(Unread, match=message):
            Prometheus(url=prometheus, query=query).read(datetime.now(UTC), SOON)

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"<html>", b"[]", b'{"status": "success"}', b'{"status": "success", "data": []}',
            b'{"status": "success", "data": {"resultType": "vector", "result": [{}]}}',
            b'{"status": "success", "data": {"resultType": "vector", "result": [7]}}',
            b'{"status": "success", "data": {"resultType": "scalar", "result": ["x", "1"]}}',
            b'{"status": "success", "data": {"resultType": "scalar", "result": [1e300, "1"]}}',
        ],
    )  # fmt: skip
    def test_what_is_not_prometheus_has_no_value(self, site: Site, now: datetime, body: bytes) -> None:
        """Whatever answers at that address, the probe says that it has no value."""
        site.body = body
        with pytest.raises(Unread):
            Prometheus(url=site.url, query="up").read(now, SOON)

    def test_token_and_query_are_sent(self, site: Site, now: datetime) -> None:
        """The query is quoted for the URL and the token goes into its header."""
        data = {"resultType": "vector", "result": [{"metric": {"job": "api"}, "value": [now.timestamp(), "3"]}]}
        site.body = json.dumps({"status": "success", "data": data}).encode()
        probe = Prometheus(url=f"{site.url}/prom/", query='up{a="b&c"}', token=Secret("tok"))
        reading = probe.read(now, SOON)
        assert (reading.value, reading.at, reading.detail) == (3.0, now, "job=api")
        assert site.asked[0].path.startswith("/prom/api/v1/query?query=up%7Ba%3D%22b%26c%22%7D&time=")
        assert site.asked[0].headers["authorization"] == "Bearer tok"


class TestHttp:
    @pytest.mark.parametrize(
        ("settings", "value", "detail"),
        [
            ({}, 1.0, "answers 200"),
            ({"status": "200, 204", "content_type": "application/json", "contains": '"ok"'}, 1.0, "answers 200"),
            ({"status": "204"}, 0.0, "answers 200, expected 204"),
            ({"status": "5xx"}, 0.0, "answers 200, expected 5xx"),
            ({"content_type": "text/html"}, 0.0, "content type application/json; charset=utf-8, expected text/html"),
            ({"contains": "ready"}, 0.0, "the body does not hold 'ready'"),
        ],
    )
    def test_says_whether_it_answers_as_expected(
        self, site: Site, now: datetime, settings: dict[str, str], value: float, detail: str
    ) -> None:
        """1 or 0, and why."""
        site.headers, site.body = {"content-type": "application/json; charset=utf-8"}, b'{"status": "ok"}'
        reading = Http(url=site.url, **settings).read(now, SOON)  # type: ignore[arg-type]
        assert (reading.value, reading.at) == (value, now)
        assert detail in reading.detail

    def test_an_unknown_path_that_answers_with_a_page_is_no_success(self, site: Site, now: datetime) -> None:
        """A web app answers 200 with HTML to everything: the content type tells."""
        site.headers, site.body = {"content-type": "text/html"}, b"<html>"
        assert Http(url=site.url, content_type="application/json").read(now, SOON).value == 0.0

    def test_nobody_listens_is_zero(self, now: datetime) -> None:
        """That a service does not answer is exactly what is asked."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        reading = Http(url=f"http://127.0.0.1:{port}").read(now, SOON)
        assert reading.value == 0.0
        assert "connection refused" in reading.detail

    def test_a_silent_service_is_zero(self, now: datetime) -> None:
        """So is one that accepts and says nothing."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            assert Http(url=url).read(now, timedelta(seconds=0.3)).value == 0.0

    @pytest.mark.parametrize("status", ["", "ok", "99", "20x", "200;204"])
    def test_a_status_that_is_none_is_refused(self, status: str) -> None:
        """When the configuration is read."""
        with pytest.raises(ValueError, match="is not a status"):
            Http(url="http://x", status=status)


PAGE = """# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{{code="200",path="/a"}} {ok}
http_requests_total{{code="500",path="/a"}} {failed} 1795216651000
queue_depth{{queue="mail"}} 12.5
queue_depth{{queue="web \\"x\\", y"}} 3
broken line
alone 1e3
nothing NaN
{{"queue.depth", queue="q"}} 9
"""


class TestScrape:
    def share(self, site: Site, **more: object) -> Scrape:
        return Scrape(
            url=site.url, errors='http_requests_total{code=~"5.."}', total="http_requests_total", **more  # type: ignore[arg-type]
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("gauge", "value"),
        [
            ('queue_depth{queue="mail"}', 12.5), ("alone", 1000.0), ('queue_depth{queue=~"web.*"}', 3.0),
            ('queue_depth{queue!="mail"}', 3.0), ("queue.depth", 9.0),
        ],
    )  # fmt: skip
    def test_reads_a_gauge(self, site: Site, now: datetime, gauge: str, value: float) -> None:
        """The one series that matches, also with quotes in a label and with a name in quotes."""
        site.body = PAGE.format(ok=1, failed=1).encode()
        assert Scrape(url=site.url, gauge=gauge).read(now, SOON).value == value
        assert Scrape(url=site.url, gauge=gauge, scale=2).read(now, SOON).value == 2 * value

    @pytest.mark.parametrize(
        ("gauge", "message"),
        [("missing", "no data"), ("queue_depth", "2 series match"), ("nothing", "is nan"), ("queue", "no data")],
    )
    def test_no_gauge_is_never_zero(self, site: Site, now: datetime, gauge: str, message: str) -> None:
        """A missing series, several and NaN are no value."""
        site.body = PAGE.format(ok=1, failed=1).encode()
        with pytest.raises(Unread, match=message):
            Scrape(url=site.url, gauge=gauge).read(now, SOON)

    def test_share_between_two_reads(self, site: Site, now: datetime) -> None:
        """Per cent of the growth; the first read and a time without traffic have no value."""
        probe = self.share(site)
        site.body = PAGE.format(ok=1000, failed=50).encode()
        with pytest.raises(Unread, match="second sample"):
            probe.read(now, SOON)
        site.body = PAGE.format(ok=1090, failed=60).encode()
        reading = probe.read(now + timedelta(seconds=15), SOON)
        assert (reading.value, reading.detail) == (10.0, "10 of 100 in 15 s")
        with pytest.raises(Unread, match="no requests in the last 15 s"):
            probe.read(now + timedelta(seconds=30), SOON)

    def test_a_restarted_program_counts_from_zero(self, site: Site, now: datetime) -> None:
        """Counters that fell were started anew."""
        probe = self.share(site)
        site.body = PAGE.format(ok=1000, failed=50).encode()
        with pytest.raises(Unread):
            probe.read(now, SOON)
        site.body = PAGE.format(ok=15, failed=5).encode()
        assert probe.read(now + timedelta(seconds=15), SOON).value == 25.0

    def test_the_first_error_ever_counts(self, site: Site, now: datetime) -> None:
        """A series that did not exist before has grown from nothing."""
        probe = self.share(site)
        site.body = b'http_requests_total{code="200"} 10\n'
        with pytest.raises(Unread):
            probe.read(now, SOON)
        site.body = b'http_requests_total{code="200"} 13\nhttp_requests_total{code="500"} 1\n'
        assert probe.read(now + timedelta(seconds=15), SOON).value == 25.0

    def test_a_window_looks_further_back(self, site: Site, now: datetime) -> None:
        """With a window the growth is measured against the newest sample that is old enough."""
        probe = self.share(site, window=timedelta(seconds=30))
        values = []
        for number, (ok, failed) in enumerate([(0, 0), (10, 0), (20, 0), (20, 10), (30, 10)]):
            site.body = PAGE.format(ok=ok, failed=failed).encode()
            if number:
                values.append(probe.read(now + timedelta(seconds=15 * number), SOON).value)
            else:
                with pytest.raises(Unread):
                    probe.read(now, SOON)
        assert values == [0.0, 0.0, 50.0, 50.0]

    def test_windows_of_two_probes_are_their_own(self, site: Site, now: datetime) -> None:
        """Equal settings do not share samples."""
        site.body = PAGE.format(ok=1000, failed=50).encode()
        for _ in range(2):
            with pytest.raises(Unread, match="second sample"):
                self.share(site).read(now, SOON)

    def test_a_web_page_is_no_metrics_page(self, site: Site, now: datetime) -> None:
        """A login page is named as what it is."""
        site.headers, site.body = {"content-type": "text/html"}, b"<html>alone 1</html>"
        with pytest.raises(Unread, match="web page"):
            Scrape(url=site.url, gauge="alone").read(now, SOON)
        site.status = 503
        with pytest.raises(Unread, match="answers 503"):
            Scrape(url=site.url, gauge="alone").read(now, SOON)

    @pytest.mark.parametrize(
        "settings",
        [{}, {"gauge": "a", "total": "b"}, {"errors": "a"}, {"total": "a"}, {"gauge": "a{b}"}, {"gauge": "a{b=~'('}"},
         {"gauge": '{x="y"}'}, {"gauge": "a b"}, {"gauge": "a{"}],
    )  # fmt: skip
    def test_faults_of_the_configuration(self, settings: dict[str, str]) -> None:
        """What can't be read is told when the configuration is read."""
        with pytest.raises(ValueError, match=r".{20}"):
            Scrape(url="http://x", **settings)  # type: ignore[arg-type]


def test_exposition_takes_what_programs_print() -> None:
    """Time stamps, exemplars, infinities, escapes, spaces and CRLF are read; broken lines are left out."""
    page = (
        'm{a="1"} 1 1795216651000\r\nm{a="2",} +Inf\nm { a = "3" } 3 # {trace="x"} 0.5 1795216651\n'
        'm{a="q\\"\\\\\\n}{"} 4\nm{a=5} 5\nm{a="6" 6\nm\nm x\nm 1_0\nmm 7\n# m 8\nm 9\n# EOF\n'
    )
    found = dict(parse_series(page, "m"))
    assert found == {
        Series("m", (("a", "1"),)): 1.0, Series("m", (("a", "2"),)): float("inf"), Series("m", (("a", "3"),)): 3.0,
        Series("m", (("a", 'q"\\\n}{'),)): 4.0, Series("m", ()): 9.0,
    }  # fmt: skip
