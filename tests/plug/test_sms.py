"""What a text message says of how it is answered."""

from __future__ import annotations

from dataclasses import replace

from tocsin.core.notices import Notice
from tocsin.notifiers.twilio_sms import text

LINK = "https://tocsin.example.org/answer/acknowledge/7-1-x"


def test_a_page_says_how_it_is_answered(notice: Notice) -> None:
    """By a number where replies come in, else by the link; the team's own words stand in for both."""
    linked = replace(notice, answers={"acknowledge": LINK})
    heard = replace(notice, answers={"acknowledge": LINK, "voice": "https://tocsin.example.org/answers/voice/x"})
    assert text(linked).endswith(f"Take it: {LINK}")
    assert text(heard).endswith("Reply 1 to take it, 2 to call the next one.") and LINK not in text(heard)
    assert text(heard, "Call the harbour.").endswith("Call the harbour.")
    assert text(notice).endswith(notice.url)


def test_words_that_ask_for_nothing_offer_nothing(notice: Notice) -> None:
    """A text message about an end is not to be answered."""
    assert "Reply 1" not in text(replace(notice, kind="inform", answers={"voice": "https://x.example/"}))
