"""Sets and doubts on a phone at night: asked, shown whole and answered, by keyboard, with and without a script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, House, axe_source, eventually
from tocsin.core.facts import Actor
from tocsin.service import act
from tocsin.service.respond import exists
from tocsin.store import runs

INES, MARA = Actor("person", "ines"), Actor("person", "mara")


def a_doubt(house: House) -> None:
    """Restarting the shop was cut off while it waited, after it had printed something."""
    app = house.bakery.app
    step = next(each for each in app.books[0].steps() if "restart.sh" in (each.command or ""))
    (waiting,) = act.request_step(app, "INC-1", step.id, INES).waiting_approvals
    act.approve(app, "INC-1", waiting.id, waiting.sha, MARA)
    eventually(lambda: exists(app, "INC-1").steps[step.id].status == "running", "the start")
    run = next(each for each in app.db.read(runs.running) if each.step == step.id)
    eventually(lambda: app.db.read(lambda tx: runs.output(tx, run.id)), "its first line")
    act.doubted(app, run, "The node died.")


def test_a_set_is_asked_for_and_answered_on_a_phone_without_a_script(browse: Callable[..., Any], house: House) -> None:
    """Every command stands there in full before the one answer; nothing scrolls sideways."""
    page = browse(java_script_enabled=False, viewport=PHONE, color_scheme="dark")
    page.goto(f"{house.url}/incidents/INC-1")
    page.locator("#ask-set > summary").click()
    form = page.locator("#ask-set form")
    for box in form.locator("input[name^=steps]").all()[:2]:
        box.check()
    form.get_by_role("button", name="Ask for them").click()

    page.goto(f"{house.url}/approvals")
    box = page.locator(".ask-box")
    expect(box).to_contain_text("2 commands need one approval")
    expect(box.locator(".members .command").nth(0)).to_be_visible()
    expect(box.locator(".members .command").nth(1)).to_be_visible()
    commands = " ".join(box.locator(".members .command").all_inner_texts())
    assert "git revert --no-edit HEAD" in commands and "./restart.sh shop" in commands

    box.get_by_role("button", name="Approve and run").click()

    eventually(lambda: any(one.status == "granted" for one in exists(house.bakery.app, "INC-1").approvals.values()),
               "the approval")  # fmt: skip


def test_a_set_is_approved_by_keyboard(page: Any, house: House) -> None:
    """The question before it shows every command."""
    wanted = [each.id for each in house.bakery.app.books[0].steps() if each.verdict != "read" and each.runnable][:2]
    house.make("request_set", steps=tuple(wanted))
    page.locator(".ask-box").wait_for()

    page.locator("body").press("a")

    for step in wanted:
        command = house.bakery.app.books[0].step(step).command
        expect(page.locator("#confirm")).to_contain_text(command.splitlines()[0])
    page.keyboard.press("Enter")
    expect(page.get_by_role("log", name="What happened")).to_contain_text("approved by mara, 1 of 2")


def test_a_doubt_is_shown_and_settled_by_keyboard(browse: Callable[..., Any], house: House) -> None:
    """What is known stands beside the three answers; the reason that was typed is kept."""
    a_doubt(house)
    page = browse(viewport=PHONE)
    page.goto(f"{house.url}/incidents/INC-1")
    doubt = page.locator(".doubt")
    for words in ("The node died.", "./restart.sh shop", "stopping shop", "The document names no way back"):
        expect(doubt).to_contain_text(words)

    doubt.get_by_label("How you know").focus()
    page.keyboard.type("the shop answers again")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(".doubt")).to_have_count(0)
    expect(page.locator(".entries")).to_contain_text("the shop answers again")
    expect(page.get_by_role("article", name="Restart the shop")).to_contain_text("done by hand")


def test_sets_and_doubts_are_narrow_enough_and_have_no_fault_that_axe_finds(
    browse: Callable[..., Any], house: House
) -> None:
    """In both themes, with everything on the page at once."""
    a_doubt(house)
    free = [each.id for each in house.bakery.app.books[0].steps() if each.verdict != "read" and each.runnable
            and "restart" not in (each.command or "") and not each.placeholders]  # fmt: skip
    house.make("request_set", steps=tuple(free[:2]))
    page = browse(viewport=PHONE)
    for path in ("/approvals", "/incidents/INC-1", "/"):
        page.goto(house.url + path)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"], path
    axe, found = axe_source(), []
    for scheme in ("light", "dark"):
        looking = browse(color_scheme=scheme)
        for path in ("/approvals", "/incidents/INC-1"):
            looking.goto(house.url + path)
            looking.evaluate(axe)
            result = looking.evaluate("() => axe.run({runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa']}})")
            found += [f"{path} {fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in result["violations"]]
    assert not found, "\n".join(found)
