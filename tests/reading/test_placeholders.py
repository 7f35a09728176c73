"""Gaps to fill in are told from tags, links, code and mark-up that look like them."""

from __future__ import annotations

import pytest

from tocsin.reading import read
from tocsin.reading.placeholders import find_placeholders


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("Ferry [FERRY_ID] of [OWNER]", ["[FERRY_ID]", "[OWNER]"]),
        ("Since [START] until [END], [AMOUNT] late", ["[START]", "[END]", "[AMOUNT]"]),
        ("| [NOM] | [TELEFONE] |", ["[NOM]", "[TELEFONE]"]),
        ("[SEV-X] Harbour", ["[SEV-X]"]),
        ("Severity: [HIGH/LOW], up: [YES/NO]", ["[HIGH/LOW]", "[YES/NO]"]),
        ("Cost: $[Amount]", ["[Amount]"]),
        ("- [Time]: the pier broke", ["[Time]"]),
        ("1. [Next thing]", ["[Next thing]"]),
        ("[RESOLVED] The pier", []),
        ("**[SEV2 UPDATE]** The pier", []),
        ("Subject: [INVESTIGATING] the pier", []),
        ("[Resolved] The pier", []),
        ("| Lead | [Update] |", ["[Update]"]),
        ("look for `[PIER_ERROR]` in the log", []),
        ("[1/8] Moor", []),
        ("[y/N] then enter", []),
        ("warn('[pierLight] off')", []),
        ("tags: [ferry, harbour, pier]", []),
        ("# [pier.lights]", []),
        ("--query Reservations[].[Id,State.Name]", []),
        ("locator('[data-id=\"pier\"]')", []),
        ("[pier]: https://pier.example", []),
        ("see [pier](#pier) and [quay][q]", []),
        ("fn: () => Promise<T>", []),
        ("a <span>word</span> and <strong>one</strong>", []),
        ("Code: &lt;ferryId&gt;", ["<ferryId>"]),
        ("ring your_bell_id at votre-pier.example", ["your_bell_id", "votre-pier"]),
        ("#fog-YYYY-MM-DD-HHMM", ["YYYY-MM-DD-HHMM"]),
        ("dump-AAAAMMDDTHHMMSSZ.gz", ["AAAAMMDDTHHMMSSZ"]),
    ],
)
def test_gaps_are_told_from_what_looks_like_them(text: str, gaps: list[str]) -> None:
    """As written, in order, each once."""
    assert list(find_placeholders(text)) == gaps


@pytest.mark.parametrize(
    ("command", "gaps"),
    [
        ("ferry stop FERRY_NAME --at PORT_ID", ["FERRY_NAME", "PORT_ID"]),
        ("pier show arn:sea:3:ACCOUNT:berth/BERTH_ID", ["ACCOUNT", "BERTH_ID"]),
        ("grep FERRY_ID pier.conf", []),
        ("pier secret put PIER_URL", []),
        ("FERRY_ID=3 ferry stop FERRY_ID", []),
        ("SELECT 1 WHERE day = CURRENT_DATE", []),
    ],
)
def test_in_a_command_capitals_are_gaps_unless_they_are_names(command: str, gaps: list[str]) -> None:
    """A bare name in capitals is to be replaced, unless the command is about the variable of that name."""
    assert list(find_placeholders(command, command=True)) == gaps


def test_a_comment_among_commands_only_names_things() -> None:
    """Capitals in a comment are no gaps; brackets are. What stands before the document is no text of it."""
    front = "---\ntags: [pier]\nowner: <nobody>\n---\n"
    text = f"{front}# Pier\n\n```bash\n# set PIER_URL for [whom]\npier stop PIER_NAME\n```\n"
    found = read(text.encode(), "pier.md").placeholders
    assert [(one.text, one.places[0].line) for one in found] == [("[whom]", 8), ("PIER_NAME", 9)]


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("mail ops@your-bakery.example", ("your-bakery",)),
        ("负责人：【请填写负责人】，【重要】", ("【请填写负责人】",)),
        ("<alert | customer report | drill>", ("<alert | customer report | drill>",)),
        ("restore oven_YYYYMMDD_HHMMSS.gz", ("YYYYMMDD_HHMMSS",)),
        ("restore YYYYMMDD_HHMMSS.gz", ("YYYYMMDD_HHMMSS",)),
        ("see [[dough-tables]]", ()),
        ("[15 min] knead, [staging only], [optional]", ()),
        ("`${{ bakery.SECRET }}`", ()),
    ],
)
def test_gaps_of_other_shapes(text: str, gaps: tuple[str, ...]) -> None:
    """Brackets to fill in are gaps; wiki links, remarks, times and variables of a pipeline are none."""
    assert find_placeholders(text) == gaps


def test_gaps_of_hosts_in_commands() -> None:
    """A host in capitals and a name in brackets within one are gaps of a command; an index isn't."""
    assert find_placeholders("curl https://OVEN_HOST/live", command=True) == ("OVEN_HOST",)
    assert find_placeholders("psql postgres://db.[PROJECT_REF].example/x", command=True) == ("[PROJECT_REF]",)
    assert find_placeholders("jq '.[0].items[name]'", command=True) == ()
