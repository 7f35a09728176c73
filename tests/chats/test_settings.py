"""`[slack]`, `[irc]` and the accounts of people: what is refused at the start, and what follows from them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chats import house
from tests.chats.house import open_bakery
from tests.chats.workspace import BOT
from tocsin.chats.slack import Slack
from tocsin.errors import Invalid
from tocsin.notifiers.slack import Slack as SlackNotifier
from tocsin.plug.kinds import Secret

SLACK = f'[slack]\nbot_token = "{BOT}"\n'


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (SLACK + 'channel = "#incidents"', "the same channel for every incident"),
        (SLACK + 'severities = ["P9"]', "not a severity of any runbook"),
        (SLACK + 'colour = "red"', "there is no setting 'colour'"),
        ("[slack]\ndrills = true", "bot_token is missing"),
        ('[irc]\nserver = "irc.example.org"\ntls = false', "read by everybody on the way"),
        ('[irc]\nserver = "irc.example.org"\nport = 70000', "70000 is not a port"),
        ('[irc]\nserver = "irc.example.org"\nca = "/nowhere.pem"', "can't be read"),
        ('[people.dora]\nslack = "U0ANA"', "ana has the same account"),
    ],
)
def test_what_can_t_work_is_refused_at_the_start(tmp_path: Path, more: str, said: str) -> None:
    """One sentence with its place, before anything is served."""
    with pytest.raises(Invalid, match=said):
        _connected(tmp_path, more)


def _connected(folder: Path, more: str) -> None:
    app = open_bakery(folder, f"{house.CONFIG}\n{more}\n")
    for chat in app.settings.chats.values():
        chat.connect(lambda _: house.Answer())


def test_the_app_tells_people_too(tmp_path: Path) -> None:
    """`notify test --via slack` needs no further table: the app's token and the person's account are taken.

    The account is no address of any other chat: a push service would take it for a topic of its own.
    """
    app = open_bakery(tmp_path, f"{house.CONFIG}\n{SLACK}")
    notifier = app.settings.notifiers["slack"]
    assert isinstance(notifier, SlackNotifier) and notifier.token.value == BOT
    ana = app.settings.directory.people["ana"]
    assert (ana.contacts["slack"], ana.contacts.get("chat", "")) == ("U0ANA", "")
    assert BOT in app.settings.secrets
    app.db.close()


def test_a_notifier_of_that_name_stays_what_it_is(tmp_path: Path) -> None:
    """The team's own table counts."""
    own = '[notifiers.slack]\nkind = "slack"\ntoken = "another-token-of-theirs"\n'
    app = open_bakery(tmp_path, f"{house.CONFIG}\n{SLACK}{own}")
    notifier = app.settings.notifiers["slack"]
    assert isinstance(notifier, SlackNotifier) and notifier.token.value == "another-token-of-theirs"
    app.db.close()


def test_secrets_of_a_chat_never_show_themselves() -> None:
    """Not in a repr."""
    assert BOT not in repr(Slack(bot_token=Secret(BOT)))


def test_nothing_of_slack_s_library_is_loaded_without_need() -> None:
    """Neither by the settings, the engine nor the web: only when something comes in."""
    code = (
        "import sys, tocsin.cli.up, tocsin.web.server, tocsin.settings\n"
        "sys.exit(any(name.partition('.')[0] in ('slack_bolt', 'slack_sdk') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
