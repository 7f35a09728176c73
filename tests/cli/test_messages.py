"""``tocsin incident message``: list, answer, draft, show, send, against a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Server, folder_with_runbook, running

TEMPLATES = """
## Messages

### First message

```
[Incident ID]: customers see [symptom]. More every [X] minutes.
```
"""
CHANNELS = '\n[channels]\n"#counter" = { notify = ["console"], chat = "#counter" }\n'


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Server]:
    """A running shop whose runbook has a template, and whose team has a channel."""
    folder = folder_with_runbook(tmp_path / "told")
    book, config = folder / "shop.md", folder / "tocsin.toml"
    book.write_text(book.read_text("utf-8") + TEMPLATES, "utf-8")
    before = config.read_text("utf-8") if config.exists() else ""
    config.write_text(before + CHANNELS, "utf-8")
    with running(folder) as found:
        yield found


def test_a_message_is_answered_written_and_sent_from_the_terminal(told: Server, tmp_path: Path) -> None:
    """What is asked goes to stderr with its line, the text to stdout; a refusal is exit code 1, a wrong word 2."""
    assert told("incident", "declare", "Orders fail", "--severity", "P1", "--why", "a test").code == 0
    listed = told("incident", "message", "list", "INC-1")
    assert "* first-message" in listed.out and "asks symptom" in listed.err and "#counter" in listed.err
    refused = told("incident", "message", "send", "INC-1", "first-message")
    assert refused.code == 1 and "still asks" in refused.err
    assert told("incident", "message", "answer", "INC-1", "symptom").code == 2
    assert told("incident", "message", "answer", "INC-1", "symptom=empty baskets", "cadence=30").code == 0
    shown = told("incident", "message", "show", "INC-1", "first")
    assert shown.out == "INC-1: customers see empty baskets. More every 30 minutes.\n"
    file = tmp_path / "words.txt"
    file.write_text("Closed today.\n", "utf-8")
    assert told("incident", "message", "draft", "INC-1", "first-message", "--file", str(file)).code == 0
    found = json.loads(told("incident", "message", "show", "INC-1", "first-message", "--json").out)
    assert (found["text"], found["state"]) == ("Closed today.", "ready")
    assert told("incident", "message", "draft", "INC-1", "first-message", "--template").code == 0
    sent = told("incident", "message", "send", "INC-1", "first-message", "--to", "#counter")
    assert sent.code == 0 and "was sent to #counter" in sent.out
    assert told("incident", "message", "show", "INC-1", "third").code == 1
