"""What a responder does on an incident's page, in a real browser against a real server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser import bakery
from tests.browser.conftest import House, eventually, log_in, served, war_room

FEED = "If the oven feed is down"


def take_branch(page: Any, words: str, why: str) -> None:
    """Through the form of the branch."""
    branch = page.get_by_role("region", name=words)
    branch.get_by_label("Why this branch").fill(why)
    branch.get_by_role("button", name="Take this branch").click()


def stamp(page: Any) -> None:
    """Leave a mark that a reload would wipe away."""
    page.evaluate("() => { window.untouched = true; }")


def not_reloaded(page: Any) -> bool:
    """Whether the mark is still there."""
    return bool(page.evaluate("() => window.untouched === true"))


def test_a_branch_is_taken_and_its_command_approved_with_the_keyboard_while_output_arrives_live(
    page: Any, house: House
) -> None:
    """From the choice to the last line of output nothing is reloaded, and ``a`` asks before it approves."""
    stamp(page)

    take_branch(page, FEED, "the oven log is silent")
    box = page.locator(".ask-box")
    expect(box).to_contain_text("./push-feed.sh")
    expect(box).to_contain_text("asked by Mara Okafor")

    page.locator("body").press("a")
    expect(page.locator("#confirm")).to_contain_text("./push-feed.sh")
    assert house.bakery.app.db.read(lambda tx: tx.all("select * from runs where step like '%push%'")) == []
    page.keyboard.press("Enter")

    output = page.get_by_role("log", name="Output of Push the feed by hand")
    expect(output).to_contain_text("stopping")
    house.bakery.open_gate("by a test")
    expect(output).to_contain_text("(by a test)")
    step = page.get_by_role("article", name="Push the feed by hand")
    expect(step).to_contain_text("succeeded · exit 0")
    expect(page.get_by_role("log", name="What happened")).to_contain_text("the oven log is silent")
    assert not_reloaded(page)


def test_the_question_before_an_approval_can_be_answered_with_no(page: Any) -> None:
    """Escape in the question leaves the approval waiting."""
    take_branch(page, FEED, "to see")
    page.locator(".ask-box").wait_for()

    page.locator("body").press("a")
    page.locator("#confirm").wait_for()
    page.keyboard.press("Escape")

    expect(page.locator("#confirm")).to_be_hidden()
    expect(page.locator(".ask-box")).to_have_count(1)


def test_what_somebody_types_survives_what_others_do(page: Any, house: House) -> None:
    """Typed text, the focus, the cursor and what was opened stay while the page changes around them."""
    page.locator("#more-assign summary").click()
    note = page.get_by_label("Note", exact=True)
    note.fill("half a sentence")
    page.evaluate("() => document.querySelector('#note-text').setSelectionRange(4, 4)")

    house.make("note", text="Somebody else was here.")

    expect(page.locator(".entries li").first).to_contain_text("Somebody else was here.")
    expect(note).to_have_value("half a sentence")
    expect(note).to_be_focused()
    assert page.evaluate("() => document.querySelector('#note-text').selectionStart") == 4
    expect(page.get_by_role("button", name="Give the role")).to_be_visible()


def test_a_note_is_posted_and_its_field_is_empty_again(page: Any) -> None:
    """The note stands at the top of the timeline at once."""
    note = page.get_by_label("Note", exact=True)
    note.fill("The queue at the counter\nreaches the door.")
    page.get_by_role("button", name="Post").click()

    expect(page.locator(".entries li").first).to_contain_text("reaches the door.")
    expect(note).to_have_value("")


def test_an_answer_that_was_overtaken_takes_nothing_back(page: Any, house: House) -> None:
    """A page that was made before the one that is open is not shown, however late it comes."""
    held: list[Any] = []
    page.route("**/incidents/INC-1/note", lambda route: held.append((route, route.fetch())))
    note = page.get_by_label("Note", exact=True)
    note.fill("The older one")
    page.get_by_role("button", name="Post").click()
    eventually(lambda: page.wait_for_timeout(50) or held, "the answer to the older note")
    house.make("note", text="The newer one")
    expect(page.locator(".entries li").first).to_contain_text("The newer one")

    route, answer = held[0]
    route.fulfill(response=answer)

    expect(note).to_have_value("")  # the answer has come
    expect(page.locator(".entries li").first).to_contain_text("The newer one")


def test_a_refused_resolution_says_why_and_keeps_the_words(page: Any) -> None:
    """Resolving before recovery is refused with every reason; the summary is still there."""
    page.locator("#pop-resolve > summary").click()
    page.get_by_label("What it was").fill("An empty basket")
    page.locator("#pop-resolve").get_by_role("button", name="Resolve").click()

    expect(page.get_by_role("alert")).to_contain_text("has not recovered")
    expect(page.get_by_role("alert")).to_contain_text("OrdersFail still fires")
    expect(page.get_by_label("What it was")).to_have_value("An empty basket")
    expect(page.locator(".top")).not_to_contain_text("Reopen")


def test_a_refusal_and_the_words_outlive_the_next_live_change(page: Any, house: House) -> None:
    """What others do meanwhile takes neither the sentence nor what was typed, also where the focus is elsewhere."""
    page.locator("#pop-resolve > summary").click()
    page.get_by_label("What it was").fill("An empty basket")
    page.locator("#pop-resolve").get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("alert")).to_contain_text("has not recovered")

    house.make("note", text="Somebody else was here.")

    expect(page.locator(".entries li").first).to_contain_text("Somebody else was here.")
    expect(page.get_by_role("alert")).to_contain_text("has not recovered")
    expect(page.get_by_label("What it was")).to_have_value("An empty basket")


def test_a_reason_resolves_all_the_same(page: Any) -> None:
    """With an override the incident is resolved and leads to its post-mortem."""
    page.locator("#pop-resolve > summary").click()
    page.get_by_label("Resolve all the same, because").fill("the alert is stuck")
    page.locator("#pop-resolve").get_by_role("button", name="Resolve").click()

    page.get_by_role("link", name="Post-mortem").click()
    expect(page.get_by_role("heading", name="Post-mortem of INC-1", level=1)).to_be_visible()
    expect(page.locator(".document")).to_contain_text("the alert is stuck")


def test_a_gap_is_filled_in_and_the_command_runs(page: Any) -> None:
    """A value for the placeholder unblocks the step; ``r`` runs it."""
    step = page.get_by_role("article", name="Look up one order")
    step.get_by_label("<order_id>").fill("311")
    step.get_by_role("button", name="Fill in").click()
    expect(step.locator(".command")).to_have_text("grep 311 logs/shop.log")

    step.focus()
    page.keyboard.press("r")

    expect(step.get_by_role("log")).to_contain_text("basket 311 paid")


def test_a_gap_that_is_not_filled_refuses_to_run(page: Any) -> None:
    """The refusal names the gap."""
    page.get_by_role("article", name="Look up one order").get_by_role("button", name="Run").click()

    expect(page.get_by_role("alert")).to_contain_text("<order_id>")


def test_the_keys_move_between_steps_switch_the_light_and_jump(page: Any) -> None:
    """j and k move the focus, t switches and is remembered, / finds, ? tells the keys."""
    page.locator("body").press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("article", name="Check the shop's log for errors")).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_role("article", name="Check recent releases")).to_be_focused()

    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.locator("body").press("/")
    page.keyboard.type("order look")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Look up one order")).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("post update")
    page.keyboard.press("Enter")
    expect(page.get_by_label("For", exact=True)).to_be_focused()
    page.keyboard.press("Escape")

    page.locator("main").press("n")
    expect(page.get_by_label("Note", exact=True)).to_be_focused()
    page.keyboard.type("j?")  # letters again, not keys
    expect(page.get_by_label("Note", exact=True)).to_have_value("j?")
    page.evaluate("() => document.activeElement.blur()")
    page.locator("body").press("?")
    expect(page.get_by_role("dialog")).to_contain_text("next and previous step")


def test_the_clocks_count(page: Any) -> None:
    """The elapsed time moves without a change of the incident."""
    elapsed = page.locator(".clocks b").first
    before = elapsed.inner_text()
    assert re.fullmatch(r"\d+:\d\d", before)

    eventually(lambda: elapsed.inner_text() != before, "the next second")


def test_the_timeline_shows_one_kind_of_entry(page: Any) -> None:
    """The filter is CSS alone: what is not chosen is not displayed."""
    page.get_by_text("commands", exact=True).click()

    shown = page.locator(".entries li:visible")
    expect(shown.first).to_contain_text("Check")
    assert set(shown.evaluate_all("items => items.map(item => item.dataset.shown)")) == {"commands"}


def test_a_signal_is_drawn_and_its_value_follows(page: Any, house: House) -> None:
    """The chart replaces the still picture, and a new reading reaches the open page."""
    figure = page.locator("figure.signal")
    expect(figure.locator("canvas")).to_be_visible()
    expect(figure.locator("svg.chart")).to_be_hidden()
    expect(figure.locator("figcaption b")).to_have_class("bad")

    house.bakery.metrics.error_rate = 0.4

    expect(figure.locator("figcaption b")).to_have_class("good")
    expect(page.locator("#gate")).to_contain_text("holds for")


def test_a_page_opens_one_stream(page: Any, house: House) -> None:
    """One tab, one connection, also after the page has changed."""
    house.make("note", text="A change")
    expect(page.locator(".entries li").first).to_contain_text("A change")

    assert len(house.web.state.watchers["INC-1"].tabs) == 1


def test_a_stream_that_could_not_begin_is_tried_again(page: Any, house: House) -> None:
    """A first connection that fails is told, and followed by another one."""
    page.route("**/live?*", lambda route: route.abort())
    page.reload()
    expect(page.locator("#pulse")).to_contain_text("Not live")

    page.unroute("**/live?*")

    expect(page.locator("#pulse")).to_have_text("Live", timeout=10_000)


def test_an_open_page_finds_its_way_back_when_the_server_was_away(chromium: Any, tmp_path: Path) -> None:
    """What happened while the server was gone is on the page again without a reload."""
    with bakery.metrics_page() as metrics, chromium.new_context() as context:
        bakery.furnish(tmp_path, metrics)
        place = bakery.enter(tmp_path, metrics)
        bakery.orders_fail(place.app)
        page = context.new_page()
        with served(place) as house:
            log_in(page, house.url)
            war_room(page, house)
            stamp(page)
        bakery.make(place, "note", "ines", text="Nobody was listening.")

        with served(place, int(house.url.rpartition(":")[2])):
            expect(page.locator(".entries")).to_contain_text("Nobody was listening.", timeout=15_000)
            expect(page.locator("#pulse")).to_have_text("Live")
            assert not_reloaded(page)
        place.app.db.close()


def test_who_only_looks_on_is_offered_no_move(browse: Any, house: House) -> None:
    """A viewer reads everything and is offered nothing; a move sent all the same is refused."""
    page = browse("gast")
    war_room(page, house)

    buttons = page.locator("#app form[method='post']:not([action='/theme'], [action='/logout']) button")
    expect(buttons).to_have_count(0)
    send = "() => fetch('/incidents/INC-1/note', {method: 'POST', body: new URLSearchParams({text: 'x'})})"
    assert page.evaluate(f"async () => (await ({send})()).status") == 403


def test_a_responder_may_ask_but_not_approve(browse: Any, house: House) -> None:
    """The approval shows what would run, and who is needed."""
    page = browse("ines")
    war_room(page, house)

    take_branch(page, FEED, "to see")

    expect(page.locator(".ask-box")).to_contain_text("It takes an approver")
    expect(page.get_by_role("button", name="Approve and run")).to_have_count(0)


def test_a_page_whose_session_has_ended_leads_to_the_login(page: Any, house: House) -> None:
    """A form sent without a session leads to the login, and the login back to a page."""
    page.context.clear_cookies()
    page.get_by_label("Note", exact=True).fill("too late")
    page.get_by_role("button", name="Post").click()

    page.wait_for_url(re.compile("/login"))
