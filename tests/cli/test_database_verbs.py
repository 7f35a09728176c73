"""The verbs that open the database themselves: token, doctor, export."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.build import NOW
from tests.cli.terminal import TOKEN, Done, folder_with_runbook, here, running
from tocsin.app import App
from tocsin.core.facts import Actor
from tocsin.core.run import Outcome
from tocsin.ids import new_id
from tocsin.service import act, respond
from tocsin.service.opening import open_app
from tocsin.service.respond import Declaration
from tocsin.store import intake, outbox, runs

CONFIG = """
[people.ana]
name = "Ana"

[roles]
"on-call" = "ana"
"team lead" = "ana"

[signals."failed payments"]
probe = "prometheus"
url = "http://127.0.0.1:9"
query = "up"
"""
LOOSE = """
# Shop

## Checkout fails

**Symptoms:**
- failed payments > 5 %

### Diagnosis

```bash
# Ask the shop
shopctl status --key "$SHOP_KEY"

# Look around
./scripts/look.sh
```

## Escalation
- If unresolved after 15 minutes, page the team lead
"""
ANA = Actor("person", "ana")


@contextmanager
def opened(folder: Path) -> Iterator[App]:
    """The application over the folder's database, without its engine."""
    (folder / "tocsin-data").mkdir(exist_ok=True)
    app = open_app(
        runbooks=[folder / "shop.md"], config=folder / "tocsin.toml", database=str(folder / "tocsin-data/tocsin.db"),
        environ={},
    )  # fmt: skip
    try:
        yield app
    finally:
        app.db.close()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder whose database holds one incident, and in which everything is bound."""
    folder = folder_with_runbook(tmp_path / "kept", config=CONFIG)
    with opened(folder) as app:
        respond.declare_by_hand(app, Declaration(scenario="checkout", why="a test"), ANA)
        for run in app.db.read(lambda tx: runs.queued(tx, 10)):
            assert act.started(app, run)
            act.finished(app, run, Outcome(status="succeeded", exit_code=0, output="as it should be"))
    return folder


def doctor(folder: Path, *arguments: str) -> Done:
    """Run `tocsin doctor` in a folder."""
    return here("doctor", "shop.md", *arguments, cwd=folder)


def tamper(folder: Path, *statements: str) -> None:
    """Change the file behind Tocsin's back, as somebody with a tool would."""
    with closing(sqlite3.connect(folder / "tocsin-data/tocsin.db")) as connection, connection:
        triggers = connection.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f'drop trigger "{name}"')
        for statement in statements:
            assert connection.execute(statement).rowcount, statement


def test_sound_records_are_said_to_be_sound(kept: Path) -> None:
    """Exit code 0 and no finding."""
    done = doctor(kept)

    assert (done.code, done.out) == (0, ""), done.out
    nobody = "Nobody outside notices when Tocsin itself is down: set [deadman] url.\n"
    assert done.err == f"{nobody}1 incident checked: each is what its timeline tells; no findings.\n"
    assert doctor(kept, "--json").json == {"incidents": 1, "findings": []}


def test_rows_of_an_earlier_release_are_no_fault(kept: Path) -> None:
    """Other code folded them: the doctor says so once instead of once for each, and the next start mends them."""
    tamper(kept, "update incidents set state = replace(state, '\"P1\"', '\"P2\"')", "delete from folded")
    done = doctor(kept)
    assert (done.code, done.out) == (0, ""), done.out
    assert "The rows are of an earlier release; the next `tocsin up` writes them anew" in done.err
    assert doctor(kept, "--json").json == {"incidents": 1, "findings": [], "earlier_release": True}
    with opened(kept):
        pass
    assert "each is what its timeline tells" in doctor(kept).err


def test_without_an_incident_the_configuration_of_this_folder_counts(tmp_path: Path) -> None:
    """A fresh server is looked at by what its folder says; where nothing was read, nothing is said of its settings."""
    shop = folder_with_runbook(tmp_path / "fresh", config=CONFIG)
    with opened(shop):
        pass
    assert "Nobody outside notices" in here("doctor", cwd=shop).err
    (shop / "tocsin.toml").unlink()
    done = here("doctor", cwd=shop)
    assert "No configuration was read" in done.err
    assert "Nobody outside notices" not in done.err


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update incidents set severity = 'P4'", "severity is not what the timeline tells"),
        ("update incidents set state = replace(state, '\"P1\"', '\"P2\"')", "differs from the timeline"),
        ("update incidents set state = '{'", "can't be read"),
        ("delete from incidents", "has a timeline but no row"),
    ],
)
def test_a_row_that_is_not_its_timeline_is_found_and_rebuilt(statement: str, words: str, kept: Path) -> None:
    """Exit code 1; --rebuild makes the row what the timeline tells, and its clocks run again."""
    with opened(kept) as app:
        woken = app.db.read(lambda tx: tx.one("select wake_at from incidents"))
    tamper(kept, statement)
    found = doctor(kept)
    assert (found.code, words in found.out, "--rebuild" in found.out) == (1, True, True), found.out

    mended = doctor(kept, "--rebuild")
    assert (mended.code, mended.err.splitlines()[0]) == (0, "INC-1 was written anew from its timeline.")
    assert doctor(kept).code == 0
    with opened(kept) as app:
        assert app.db.read(lambda tx: tx.one("select wake_at from incidents"))[0] == woken[0]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update timeline set body = replace(body, 'a test', 'a joke')", "changed after it was written"),
        ("update timeline set actor = 'mallory' where seq = 1", "changed after it was written"),
        ("delete from timeline where seq = 2", "is missing from the timeline"),
        ("update timeline set kind = 'Exploded' where seq = 1", "can't be folded"),
    ],
)
def test_a_timeline_that_was_changed_is_found_and_never_smoothed_over(statement: str, words: str, kept: Path) -> None:
    """A row can be rebuilt; a broken chain stays a finding."""
    tamper(kept, statement)
    for arguments in ((), ("--rebuild",), ()):
        found = doctor(kept, *arguments)
        assert (found.code, words in found.out) == (1, True), found.out + found.err


def test_what_was_set_aside_given_up_or_interrupted_is_listed(kept: Path) -> None:
    """A message that could not be merged, a notice that reached nobody, a command in doubt."""
    with opened(kept) as app:
        arrival = intake.Arrival(id=new_id("in", NOW), received_at=NOW, source="generic", body="[]")
        app.db.write(lambda tx: intake.append(tx, [arrival]))
        app.db.write(lambda tx: intake.failed(tx, arrival.id, "no labels", give_up_after=1))
        notice = outbox.Effect(id="n1", kind="notify", incident="INC-1", body="{}", due_at=NOW, created_at=NOW)
        app.db.write(lambda tx: outbox.put(tx, notice))
        app.db.write(lambda tx: outbox.bury(tx, "n1", "ana: no such mailbox"))
        step = next(step.id for step in app.books[0].steps() if step.command == "touch marked-one")
        asked = act.request_step(app, "INC-1", step, ANA)
        act.approve(app, "INC-1", asked.waiting_approvals[0].id, "", ANA)
        run = app.db.read(lambda tx: runs.queued(tx, 1))[0]
        assert act.started(app, run)
        act.doubted(app, run, "the machine went away")

    found = doctor(kept, "--json").json["findings"]
    assert sorted(each["kind"] for each in found) == ["intake", "notice", "run"]
    told = doctor(kept).out
    assert all(words in told for words in ("no labels", "no such mailbox", f"INC-1: {step} was interrupted"))


def test_what_would_not_work_is_found_before_the_incident(tmp_path: Path) -> None:
    """Roles, metrics, variables and programs that the runbook names and nobody provides."""
    folder = folder_with_runbook(tmp_path / "loose", LOOSE, config="[target]\nworkdir = '.'\n")
    with opened(folder):
        pass
    found = {(each["kind"], each["where"]) for each in doctor(folder, "--json").json["findings"]}

    expected = {"role": "team lead", "metric": "failed payments", "variable": "SHOP_KEY", "tool": "shopctl"}
    assert set(expected.items()) <= found
    (folder / "scripts").mkdir()
    (folder / "scripts/look.sh").write_text("#!/bin/sh\n")
    after = {(each["kind"], each["where"]) for each in doctor(folder, "--json").json["findings"]}
    assert found - after == {("tool", "./scripts/look.sh")}


def test_without_runbooks_those_that_incidents_used_are_checked(kept: Path) -> None:
    """With the configuration that lies beside them."""
    assert here("doctor", cwd=kept).code == 0
    (kept / "tocsin.toml").unlink()

    assert "team lead" in here("doctor", cwd=kept).out


def test_rebuilding_under_a_running_server_is_refused(kept: Path) -> None:
    """Looking is allowed meanwhile."""
    with running(kept) as server:
        assert doctor(kept).code == 0
        refused = doctor(kept, "--rebuild")

        assert (refused.code, f"process {server.process.pid}" in refused.err) == (1, True)


@pytest.mark.parametrize("verb", [("doctor",), ("export",), ("token", "list"), ("token", "add", "ana")])
def test_no_database_is_made_by_looking_for_one(verb: tuple[str, ...], tmp_path: Path) -> None:
    """One sentence, exit code 1, and the folder is as it was."""
    done = here(*verb, cwd=tmp_path)

    assert (done.code, done.out) == (1, "")
    assert "There is no database" in done.err and "--data" in done.err
    assert list(tmp_path.iterdir()) == []


def test_the_export_holds_everything_that_was_stored(kept: Path) -> None:
    """Every line is JSON, each type is there, and what refers to something comes after it."""
    with opened(kept) as app:
        from tocsin.service.review import open_review

        open_review(app, "INC-1", ANA)
    lines = [json.loads(line) for line in here("export", cwd=kept).out.splitlines()]

    assert lines[0] == {"type": "export", "schema": "tocsin.export/1"}
    types = list(dict.fromkeys(line["type"] for line in lines))
    assert types == ["export", "runbook", "incident", "timeline", "run", "review"]
    told = [line for line in lines if line["type"] == "timeline"]
    incident = next(line["incident"] for line in lines if line["type"] == "incident")
    assert [line["seq"] for line in told] == list(range(1, incident["version"] + 1))
    assert incident["runbook_digest"] == next(line["digest"] for line in lines if line["type"] == "runbook")
    assert here("export", "--output", "all.jsonl", cwd=kept).code == 0
    assert len((kept / "all.jsonl").read_text().splitlines()) == len(lines)
    assert here("export", "--output", "no/such/folder", cwd=kept).code == 2


def test_a_token_lets_in_until_it_is_revoked(kept: Path) -> None:
    """Made, listed and revoked while the server runs; only its hash is in the file."""
    with running(kept) as server:
        made = server("token", "add", "ben", "--role", "viewer")
        token = made.out.strip()
        assert (made.code, len(token) >= 16, "shown this once" in made.err) == (0, True, True)
        assert server("incident", "list", TOCSIN_TOKEN=token).code == 0
        assert server("incident", "declare", "x", TOCSIN_TOKEN=token).code == 1
        assert [each["name"] for each in server("token", "list", "--json").json["tokens"]] == ["ben"]
        assert server("token", "revoke", "ben").code == 0
        assert server("incident", "list", TOCSIN_TOKEN=token).code == 1
        assert server("incident", "list", TOCSIN_TOKEN=TOKEN).code == 0
        again = server("token", "revoke", "ben")
        assert (again.code, "No token of 'ben' is in force" in again.err) == (1, True)
        assert all(token.encode() not in file.read_bytes() for file in (kept / "tocsin-data").iterdir())


def test_a_token_reaches_what_its_scopes_say_and_is_listed_with_them(kept: Path) -> None:
    """Narrowed, used, listed, and ended alone by its id while another one of the same name goes on."""
    with running(kept) as server:
        wanted = (("--scope", "incidents:read", "--expires", "90d"), ("--role", "viewer"))
        tokens = [server("token", "add", "board", *options, "--json").json for options in wanted]
        narrow, whole = (each["token"] for each in tokens)
        assert server("incident", "list", TOCSIN_TOKEN=narrow).code == 0
        assert "scopes do not reach" in server("incident", "declare", "x", TOCSIN_TOKEN=narrow).err
        listed = server("token", "list", "--json").json["tokens"]
        assert [(each["scopes"], each["expires_at"] is not None) for each in listed] == [
            (["incidents:read"], True), ([], False),
        ]  # fmt: skip
        assert listed[0]["last_used_at"] is not None
        assert "incidents:read" in server("token", "list").out
        assert server("token", "revoke", tokens[0]["id"]).code == 0
        assert server("incident", "list", TOCSIN_TOKEN=narrow).code == 1
        assert server("incident", "list", TOCSIN_TOKEN=whole).code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scope", "incidents:reed"), "'incidents:reed' is not a scope"),
        (("--scope", "alerts:send", "--scope", "incident:INC-1"), "leave nothing"),
        (("--expires", "soon"), "not a duration"),
        (("--expires", "0s"), "not a span"),
        (("--expires", "9000d"), "at most 366d"),
    ],
)
def test_a_scope_or_a_span_that_means_nothing_is_refused(options: tuple[str, ...], said: str, kept: Path) -> None:
    """One sentence, exit code 2, and no token."""
    done = here("token", "add", "ben", *options, cwd=kept)

    assert (done.code, done.out, said in done.err) == (2, "", True)
    assert here("token", "list", "--json", cwd=kept).json == {"tokens": []}


def test_the_first_name_of_the_verb_still_works(kept: Path) -> None:
    """`token create` stands in people's scripts."""
    assert len(here("token", "create", "ben", cwd=kept).out.strip()) >= 16


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x1bb"])
def test_a_name_that_could_not_be_shown_is_refused(name: str, kept: Path) -> None:
    """A token's name stands on every timeline."""
    assert here("token", "add", name, cwd=kept).code == 2


def test_an_address_of_no_database_is_refused(kept: Path) -> None:
    """One sentence for each."""
    for database in ("mysql://x/y", "sqlite://", "sqlite:///:memory:", str(kept)):
        done = here("token", "list", "--database", database, cwd=kept)
        assert (done.code, "Traceback" in done.err) == (2, False)
