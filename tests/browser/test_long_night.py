"""Pages at their worst: everything on them at once, on a small phone, in the dark, by keyboard alone, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browser import ferry
from tests.browser.bakery import TOKENS
from tests.browser.conftest import DEADLINE, House, axe_source, log_in, war_room
from tocsin.service.respond import exists

SMALL = {"width": 360, "height": 740}
THUMB = 44
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What stands in a line of text, or says the same as something larger, may be smaller than a thumb.
TOO_SMALL = """() => [...document.querySelectorAll('button, summary, a, input:not([type=hidden]), select, textarea')]
    .filter(one => one.checkVisibility() && !one.closest('.sr, .skip, label.check, .output, [aria-hidden]'))
    .filter(one => !(one.matches('a') && ['inline', 'block'].includes(getComputedStyle(one).display)))
    .filter(one => !one.matches('.line, .quiet, .sr') && one.getBoundingClientRect().height < 43.5)
    .map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The ferry line with everything at once; only looked at."""
    with ferry.quay(tmp_path_factory.mktemp("ferry")) as house:
        ferry.long_night(house)
        yield house


@pytest.fixture
def quay(tmp_path: Any) -> Iterator[House]:
    """The ferry line, to be worked with."""
    with ferry.quay(tmp_path) as house:
        yield house


@pytest.fixture
def visit(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Opens INC-1 of a house for somebody; a script error fails the test."""
    contexts: list[Any] = []
    faults: list[str] = []

    def open_page(house: House, who: str = "mara", **options: Any) -> Any:
        contexts.append(chromium.new_context(**{"reduced_motion": "reduce", **options}))
        contexts[-1].set_default_timeout(DEADLINE * 1000)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        log_in(page, house.url, who)
        if options.get("java_script_enabled", True):
            war_room(page, house)
        else:
            page.goto(f"{house.url}/incidents/INC-1")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def pages(house: House) -> tuple[str, ...]:
    """One of each kind."""
    run = exists(house.bakery.app, "INC-1").steps[ferry.step(house, "Read the long log")].run
    inside = ("", f"/runs/{run}/output", "/review")
    lists = (
        "",
        "approvals",
        "incidents",
        "alerts",
        "account",
        "runbooks",
        "runbooks/0",
        "runbooks/0?as=page",
        "nowhere",
    )
    return (*(f"/incidents/INC-1{path}" for path in inside), *(f"/{path}" for path in lists))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_small_phone_and_a_thumb_and_has_no_fault_that_axe_finds(
    visit: Callable[..., Any], night: House, scheme: str
) -> None:
    """360 pixels wide, nothing scrolls sideways, nothing to tap is lower than 44, and WCAG 2.2 AA holds."""
    axe = axe_source()
    page = visit(night, viewport=SMALL, is_mobile=True, has_touch=True, color_scheme=scheme)

    found = []
    for path in pages(night):
        page.goto(night.url + path)
        width = page.evaluate("() => document.documentElement.scrollWidth")
        found += [f"{path} is {width} wide"] if width > SMALL["width"] else []
        found += [f"{path} {one}" for one in page.evaluate(TOO_SMALL)]
        page.evaluate(axe)
        result = page.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
        found += [f"{path} {fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in result["violations"]]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [320, 640, 1100, 1280])
def test_nothing_is_cut_off_when_the_page_is_zoomed(visit: Callable[..., Any], night: House, width: int) -> None:
    """400 and 200 percent of a usual screen, and what lies between."""
    page = visit(night, viewport={"width": width, "height": 500})

    wide = []
    for path in pages(night):
        page.goto(night.url + path)
        wide += [path] if page.evaluate("() => document.documentElement.scrollWidth") > width else []

    assert wide == []


def test_what_sets_a_change_back_stands_in_its_branch(visit: Callable[..., Any], night: House) -> None:
    """Right behind the change, and the branch is not cut in two by it."""
    branch = visit(night).get_by_role("region", name="If >20 passengers wait")

    expect(branch).to_have_count(1)
    expect(branch.get_by_role("article", name="Set back to full speed")).to_be_visible()


def test_a_command_shows_every_character_and_stands_there_once(visit: Callable[..., Any], night: House) -> None:
    """No two characters are drawn as one sign, and what waits for a yes is not shown twice."""
    page = visit(night)
    command = page.get_by_role("article", name="Send the second ferry").locator(".command")

    expect(command).to_have_count(1)
    expect(command).to_have_text(ferry.LONG)
    assert command.evaluate("one => getComputedStyle(one).fontVariantLigatures") == "none"


def test_a_page_in_the_dark_is_printed_dark_on_light(visit: Callable[..., Any], night: House) -> None:
    """Without what can only be clicked, and with the whole output."""
    page = visit(night, color_scheme="dark")

    page.emulate_media(media="print")

    assert page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "light"
    expect(page.locator("button:visible, #side:visible")).to_have_count(0)
    output = page.get_by_role("log", name="Output of Read the long log")
    assert output.evaluate("one => one.scrollHeight <= one.clientHeight + 1")


def test_all_of_an_output_is_a_page_for_people_and_text_for_programs(visit: Callable[..., Any], night: House) -> None:
    """In the frame of every other page, and to the byte where that is wanted."""
    page = visit(night)
    page.get_by_role("article", name="Read the long log").get_by_role("link", name="all of it").click()
    expect(page.get_by_label("Output", exact=True).last).to_contain_text("00001 INFO crossing 1 departed")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()

    told = {"Authorization": f"Bearer {TOKENS['mara']}"}
    assert httpx2.get(page.url, headers=told).text.startswith("00000 INFO crossing 0 departed\n00001")
    page.get_by_role("link", name="as plain text").click()
    assert page.evaluate("() => document.contentType") == "text/plain"


def test_a_step_is_found_and_approved_with_tab_and_enter_alone(visit: Callable[..., Any], quay: House) -> None:
    """No mouse, no shortcut: from the top of the page to the question, and back to the step afterwards."""
    page = visit(quay)

    tab_to(page, "See it")
    page.keyboard.press("Enter")
    tab_to(page, "Approve and run")
    page.keyboard.press("Enter")

    question = page.locator(".ask-box")
    expect(question).to_contain_text("1 given by Mara Okafor")
    expect(question).to_contain_text("You have said yes; it takes somebody else too.")
    expect(question.get_by_role("button", name="Approve and run")).to_have_count(0)
    expect(page.get_by_role("article", name="Send the second ferry")).to_be_focused()


def test_the_step_keeps_the_focus_where_the_live_change_comes_before_the_answer(
    visit: Callable[..., Any], quay: House
) -> None:
    """The update takes the button away while its request is still under way."""
    page = visit(quay)
    held: list[Any] = []
    page.route("**/incidents/*/approve", lambda route: held.append((route, route.fetch())))
    step = page.get_by_role("article", name="Send the second ferry")

    button = step.get_by_role("button", name="Approve and run")
    button.focus()
    page.keyboard.press("Enter")

    expect(button).to_have_count(0)
    expect(step).to_be_focused()
    route, response = held[0]
    route.fulfill(response=response)
    expect(page.locator(".ask-box")).to_contain_text("1 given by Mara Okafor")
    expect(step).to_be_focused()


def tab_to(page: Any, words: str) -> None:
    """Press Tab until what has the focus begins with these words; each stop on the way shows that it has it."""
    for _ in range(150):
        page.keyboard.press("Tab")
        look = (
            "one => [one.innerText, getComputedStyle(one.matches('.sr') ? one.nextElementSibling : one).outlineStyle]"
        )
        text, outline = page.locator(":focus").evaluate(look)
        assert outline != "none", text
        if text.startswith(words):
            return
    raise AssertionError(f"{words} can't be reached with Tab")


def test_the_keys_lead_from_question_to_question_and_approve_the_one_that_has_the_focus(
    visit: Callable[..., Any], quay: House
) -> None:
    """On the page of all questions, too, what is asked once more is what was looked at."""
    ferry.ask_for_a_set(quay)
    page = visit(quay)
    page.goto(f"{quay.url}/approvals")

    page.keyboard.press("j")
    expect(page.locator(".ask-box").nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(".ask-box").nth(1)).to_be_focused()
    page.keyboard.press("a")

    expect(page.locator("#confirm")).to_contain_text("./ferryctl home")
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/INC-1")
    asked = [one for one in exists(quay.bakery.app, "INC-1").waiting_approvals if one.granted_by]
    assert [len(one.members) for one in asked] == [2]


def test_what_somebody_fills_in_and_where_they_are_outlast_a_live_change(
    visit: Callable[..., Any], quay: House
) -> None:
    """A question appears above, and neither half a value nor a choice nor the place on the screen is lost."""
    page = visit(quay, viewport=SMALL)
    page.locator("#ask-set > summary").click()
    ticked = page.get_by_role("checkbox", name="Start the engines again")
    ticked.set_checked(not ticked.is_checked())
    wanted = ticked.is_checked()
    page.locator("#more-assess > summary").click()
    page.locator("#more-assess select").select_option("P2")
    value = page.get_by_role("article", name="Look at one engine").get_by_label("<engine-name>", exact=True)
    value.click()
    page.keyboard.type("engine-")
    before = value.bounding_box()["y"]

    quay.make(
        "request_set", steps=(ferry.step(quay, "Announce a delay"), ferry.step(quay, "Bring the second ferry home"))
    )
    expect(page.locator(".ask-box")).to_have_count(2)

    expect(value).to_have_value("engine-")
    expect(value).to_be_focused()
    assert abs(value.bounding_box()["y"] - before) < 5
    expect(ticked).to_be_checked(checked=wanted)
    expect(page.locator("#more-assess select")).to_have_value("P2")


def test_a_refusal_is_in_sight_however_far_down_one_is(visit: Callable[..., Any], quay: House) -> None:
    """On a phone the top of the page is many screens away; when it has been read, it can be put away."""
    page = visit(quay, viewport=SMALL, is_mobile=True, has_touch=True)

    page.get_by_role("article", name="Stop an engine").get_by_role("button", name="Run").tap()

    expect(page.get_by_role("alert")).to_contain_text("<engine-name>")
    expect(page.get_by_role("alert").locator("p")).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Close this").tap()
    expect(page.get_by_role("alert").locator("p")).to_have_count(0)


def test_a_value_is_chosen_without_a_script_and_the_page_comes_back_to_its_step(
    visit: Callable[..., Any], quay: House
) -> None:
    """The button says where the value comes from, and the command has it."""
    page = visit(quay, java_script_enabled=False)
    step = page.get_by_role("article", name="Look at one engine")

    step.get_by_role("button", name=re.compile("engine-2 .*row 2 of “List the engines”")).click()

    expect(step.locator(".command").first).to_have_text("grep engine-2 engines.txt")
    expect(step).to_be_in_viewport()


def test_a_long_incident_is_a_small_answer(visit: Callable[..., Any], quay: House) -> None:
    """What is sent anew with each change is compressed, and of a long timeline the newest stand open."""
    for number in range(120):
        quay.make("note", text=f"Note {number}: the quay master says that the second berth is free again.")

    told = {"Authorization": f"Bearer {TOKENS['mara']}", "Accept-Encoding": "gzip"}
    with httpx2.stream("GET", f"{quay.url}/incidents/INC-1", headers=told) as answer:
        page = "".join(answer.iter_text())
    assert page.rstrip().endswith("</html>")
    assert answer.num_bytes_downloaded < len(page) / 6

    timeline = visit(quay).locator(".timeline")
    expect(timeline).to_contain_text("Note 119:")
    expect(timeline.get_by_text("Note 2:")).to_be_hidden()
    timeline.get_by_text("older ones").click()
    expect(timeline.get_by_text("Note 2:")).to_be_visible()
