"""Limits of requests in the header fields of an answer, in all the spellings that services have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.plug.serving import Site
from tocsin.errors import Unread
from tocsin.plug.ratelimits import limited, rate_limit
from tocsin.probes.http import Http

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SOON = timedelta(seconds=5)
EPOCH = str(int(NOW.timestamp()) + 90)


class TestFields:
    @pytest.mark.parametrize(
        ("headers", "says"),
        [
            ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "3", "x-ratelimit-reset": EPOCH},
             "3 of 60 requests left, more in 1 min 30 s"),
            ({"x-rate-limit-limit": "60", "x-rate-limit-remaining": "0"}, "0 of 60 requests left"),
            ({"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "50", "ratelimit-reset": "5"},
             "50 of 100 requests left, more in 5 s"),
            ({"ratelimit": "limit=100, remaining=7, reset=30"}, "7 of 100 requests left, more in 30 s"),
            ({"ratelimit": '"default";r=7;t=30', "ratelimit-policy": '"default";q=100;w=60'},
             "7 of 100 requests left, more in 30 s"),
            ({"x-ratelimit-limit-requests": "9000", "x-ratelimit-remaining-requests": "8999",
              "x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": "10",
              "x-ratelimit-reset-tokens": "6m0s"}, "10 of 1000 requests left, more in 6 min"),
            ({"bakery-ratelimit-requests-limit": "50", "bakery-ratelimit-requests-remaining": "49",
              "bakery-ratelimit-requests-reset": "2026-03-02T03:00:20Z"}, "49 of 50 requests left, more in 20 s"),
            ({"retry-after": "Mon, 02 Mar 2026 03:02:00 GMT"}, "more in 2 min"),
            ({"retry-after": "12", "x-ratelimit-remaining": "0"}, "0 requests left, more in 12 s"),
        ],
    )  # fmt: skip
    def test_every_spelling_is_read_and_the_tightest_limit_counts(self, headers: dict[str, str], says: str) -> None:
        """Old and new drafts, one limit or several, seconds, moments and durations."""
        told = rate_limit(headers, NOW)
        assert told is not None
        assert told.says() == says

    @pytest.mark.parametrize(
        "headers",
        [
            {}, {"content-type": "text/plain"}, {"x-ratelimit-remaining": "lots"}, {"retry-after": "soon"},
            {"retry-after": "-5"}, {"retry-after": "nan"}, {"retry-after": "1e308"}, {"retry-after": "9" * 400},
            {"x-ratelimit-remaining": "9" * 4000 + "x", "x-ratelimit-used": "1"}, {"ratelimit": ";;;=,"},
            {"retry-after": "Mon, 99 Xxx 2026"}, {"retry-after": "1000000h"},
        ],
    )  # fmt: skip
    def test_what_says_nothing_or_nonsense_is_no_limit(self, headers: dict[str, str]) -> None:
        """A stranger's header can neither fail a reading nor be shown as a limit."""
        told = rate_limit(headers, NOW)
        assert told is None or told.after is None

    @pytest.mark.parametrize(
        ("status", "headers", "refuses"),
        [
            (429, {}, True), (403, {"x-ratelimit-remaining": "0"}, True), (503, {"ratelimit": "r=0;t=9"}, True),
            (403, {}, False), (503, {"retry-after": "30"}, False), (503, {"x-ratelimit-remaining": "5"}, False),
            (500, {"x-ratelimit-remaining": "0"}, False), (200, {"x-ratelimit-remaining": "0"}, False),
        ],
    )  # fmt: skip
    def test_a_refusal_by_a_limit_is_told_from_an_outage(
        self, status: int, headers: dict[str, str], refuses: bool
    ) -> None:
        """429 always is one; 403 and 503 are where nothing is left; maintenance and faults are none."""
        assert bool(limited(status, headers, NOW)) is refuses


class TestProbe:
    def test_a_limit_is_no_outage(self, site: Site) -> None:
        """Up has no value then, with the reason; an error of the service itself is down as ever."""
        site.status, site.headers = 429, {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "0", "retry-after": "30"}
        with pytest.raises(Unread, match="rate limited: answers 429, 0 of 100 requests left, more in 30 s"):
            Http(url=site.url).read(NOW, SOON)
        site.status, site.headers = 500, {}
        assert Http(url=site.url).read(NOW, SOON).value == 0

    def test_a_limit_that_is_expected_is_as_expected(self, site: Site) -> None:
        """Whoever writes that 429 is fine is believed."""
        site.status = 429
        assert Http(url=site.url, status="200, 429").read(NOW, SOON).value == 1

    def test_what_is_left_is_seen_while_all_is_well(self, site: Site) -> None:
        """Before the limit refuses, its fields stand beside the value."""
        site.headers = {"x-ratelimit-limit": "200", "x-ratelimit-remaining": "30"}
        assert "30 of 200 requests left" in Http(url=site.url).read(NOW, SOON).detail
        assert Http(url=site.url, measure="rate_left").read(NOW, SOON).value == 15
        assert Http(url=site.url, measure="rate_limited").read(NOW, SOON).value == 0

    def test_a_refusal_is_a_number_for_a_threshold(self, site: Site) -> None:
        """“rate_limited” is 1 then, and nothing is left; whoever tells nothing of a limit has no such value."""
        site.status = 429
        assert Http(url=site.url, measure="rate_limited").read(NOW, SOON).value == 1
        assert Http(url=site.url, measure="rate_left").read(NOW, SOON).value == 0
        site.status = 200
        with pytest.raises(Unread, match="no header field tells"):
            Http(url=site.url, measure="rate_left").read(NOW, SOON)

    def test_who_does_not_answer_is_not_limited(self) -> None:
        """No answer is no word about a limit."""
        with pytest.raises(Unread, match="no data"):
            Http(url="http://127.0.0.1:1", measure="rate_limited").read(NOW, SOON)
