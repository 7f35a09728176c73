"""What people, systems and faults say is kept, sent and logged without its secrets; on both databases."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.build import an_alert
from tests.house import ANA, CONFIG, boarding_stops, open_house
from tocsin.app import App
from tocsin.core.notices import Notice
from tocsin.errors import Invalid
from tocsin.plug.kinds import Secret
from tocsin.plug.masking import MARK
from tocsin.service import catalogue, discretion, ingest
from tocsin.service.opening import open_app
from tocsin.service.respond import Declaration, declare_by_hand, exists
from tocsin.settings import read_settings
from tocsin.store import alerts, incidents, outbox, runs

SECRET, WORD = "hunter2-and-more", "ferry"


@pytest.fixture
def app(tmp_path: Path, db_url: str) -> Iterator[App]:
    """INC-1 is open; a long secret and one that is an ordinary word are declared."""
    opened = open_house(tmp_path / "house", db_url)
    opened.settings = replace(opened.settings, secrets=(SECRET, WORD))
    boarding_stops(opened)
    yield opened
    opened.db.close()


def test_words_on_the_timeline_are_masked_and_names_stay(app: App) -> None:
    """The row is still the fold of the timeline, and a step is still the step that it was."""
    catalogue.make(app, "note", "INC-1", catalogue.Note(text=f"it is {SECRET}"), ANA, "admin")
    declare_by_hand(app, Declaration(title=f"The {SECRET} is out", why=SECRET), ANA)
    told = repr(app.db.read(lambda tx: [incidents.timeline(tx, ref) for ref in ("INC-1", "INC-2")]))

    assert SECRET not in told and f"it is {MARK}" in told
    assert exists(app, "INC-2").title == f"The {MARK} is out"
    assert exists(app, "INC-1").runbook == "Ferry runbook"


def test_a_command_is_kept_to_the_byte_and_the_notice_about_it_is_masked(app: App) -> None:
    """What is approved is what runs; what leaves the house holds no secret."""
    command = f"echo {SECRET} >> gate.txt"
    step = next(step for step in app.books[0].steps() if step.title == "Push the gate")
    book = app.books[0]
    scenario = replace(
        book.scenarios[0],
        steps=tuple(replace(each, command=command) if each.id == step.id else each for each in book.scenarios[0].steps),
    )
    app.pinned[book.digest] = replace(book, scenarios=(scenario,))
    catalogue.make(app, "choose_branch", "INC-1", catalogue.Branch(branch="If the gate hangs"), ANA, "admin")
    (approval,) = exists(app, "INC-1").waiting_approvals
    notices = "".join(row["body"] for row in app.db.read(lambda tx: tx.all("select body from outbox")))

    assert approval.command == command
    assert SECRET not in notices and MARK in notices
    catalogue.make(app, "approve", "INC-1", catalogue.ApprovalAnswer(approval=approval.id), ANA, "admin")
    assert command in [run.command for run in app.db.read(lambda tx: runs.queued(tx, 10))]


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("bind", catalogue.Binding(placeholder="<pid>", value=f"x{SECRET}")),
        ("assign", catalogue.Assignment(role="scribe", person=SECRET)),
        ("assign", catalogue.Assignment(role="ghp_" + "a1B2" * 9, person="ana")),
    ],
)
def test_a_secret_that_could_not_be_masked_is_refused(app: App, name: str, request_: object) -> None:
    """What must stand as it is can't be a secret; nothing is on record."""
    before = exists(app, "INC-1").version
    with pytest.raises(Invalid, match="is a secret, or holds one"):
        catalogue.make(app, name, "INC-1", request_, ANA, "admin")
    assert exists(app, "INC-1").version == before


def test_alerts_are_stored_without_secrets_and_keep_their_names(app: App) -> None:
    """Annotations are masked; labels only where there is no doubt, because they say which alert it is."""
    labels = {"alertname": "LampOut", "service": WORD, "url": f"http://x/{SECRET}"}
    heard = replace(an_alert(), labels=labels, annotations={"note": f"{WORD} {SECRET}"}, url=f"http://p/?q={SECRET}")
    ingest.accept(app, "test", [heard])
    kept = "".join(row["body"] for row in app.db.read(lambda tx: tx.all("select body from intake")))
    ingest.merge_waiting(app)
    (alert,) = [each for each in app.db.read(alerts.listing) if each.name == "LampOut"]

    assert SECRET not in kept
    assert alert.labels == {"alertname": "LampOut", "service": WORD, "url": f"http://x/{MARK}"}
    assert alert.annotations == {"note": f"{MARK} {MARK}"}
    assert SECRET not in repr(exists(app, alert.incident or ""))


def test_ordinary_alerts_keep_their_identity(app: App) -> None:
    """Nothing is masked, nothing is another object's fingerprint."""
    heard = an_alert("BoardingStops", labels={"alertname": "BoardingStops", "pod": "shop-7d4b9c6f5-x2x9k"})

    assert discretion.in_alert(app, heard).fingerprint == heard.fingerprint


def test_notices_hide_what_the_timeline_hides(app: App) -> None:
    """Subject, reason and body."""
    notice = Notice(id="n", incident="INC-1", kind="page", to="ana", why=SECRET, subject=SECRET, body=f"a {SECRET}")
    masked = discretion.in_notice(app, notice)

    assert (masked.why, masked.subject, masked.body, masked.id) == (MARK, MARK, f"a {MARK}", "n")
    assert app.db.read(outbox.counts)


def test_the_log_holds_no_secret(app: App) -> None:
    """Messages, arguments and tracebacks, of every logger of ours."""
    discretion.watch_logs(app.settings)
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    for name in discretion.LOGGERS:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        try:
            raise ValueError(f"bad {SECRET}")  # noqa: TRY301
        except ValueError:
            logger.exception("It failed with %s.", SECRET)
        logger.removeHandler(handler)

    assert SECRET not in said.getvalue()
    assert said.getvalue().count(f"It failed with {MARK}.") == said.getvalue().count(f"bad {MARK}") >= 3


def test_what_is_secret_without_being_called_so_counts_too(tmp_path: Path) -> None:
    """Tokens, keys of notifiers, the password of our own database; but not a word that also stands elsewhere."""
    key = "whsec_c2lnbmVkLXdpdGgtMDEyMzQ1Njc4OS1hYmNkZWY="
    text = (
        f'{CONFIG}[notifiers.hook]\nkind = "webhook"\nurl = "http://127.0.0.1:1/"\nsecret = "{key}"\n'
        '[tokens.ana]\ntoken = "token-0123456789abcdef"\n'
    )
    (tmp_path / "tocsin.toml").write_text(text)
    settings = read_settings(tmp_path / "tocsin.toml", {})
    address = "postgresql://tocsin:p%40ss-word-1@db/tocsin"

    whole = discretion.with_all_secrets(settings, address, {"TOCSIN_TOKEN": "0123456789-admin"})
    assert {"token-0123456789abcdef", "p@ss-word-1", "0123456789-admin"} <= set(whole.secrets)
    assert any(key in secret or secret in key for secret in whole.secrets)
    plain = discretion.with_all_secrets(settings, "postgresql://tocsin:postgres@db/tocsin", {})
    assert "postgres" not in plain.secrets
    assert str(Secret("x")) == "•••"


def test_an_application_is_opened_with_all_of_them(tmp_path: Path) -> None:
    """Not only those of the target."""
    (tmp_path / "tocsin.toml").write_text('[tokens.ana]\ntoken = "token-0123456789abcdef"\n')
    opened = open_app(runbooks=[], config=tmp_path / "tocsin.toml", database=str(tmp_path / "t.db"), environ={})
    opened.db.close()
    assert opened.settings.secrets == ("token-0123456789abcdef",)
