"""A fence becomes logical commands with titles, branches, alternatives and expected results."""

from __future__ import annotations

import pytest

from tocsin.reading.commands import Piece, command_language, pieces
from tocsin.reading.fences import mask
from tocsin.reading.shellwords import inline_command, seems_to_change


def _read(body: str, language: str = "bash") -> tuple[Piece, ...]:
    (fence,) = mask(f"```{language}\n{body}\n```\n").fences
    return pieces(fence)


def _commands(body: str, language: str = "bash") -> list[str]:
    return [piece.text for piece in _read(body, language) if piece.kind in ("shell", "sql")]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("ls\npwd", 2),
        ("ls && pwd; date | wc", 1),
        ("curl -s x \\\n  -H 'a: b' \\\n  -d '{}'", 1),
        ("grep a log |\n  wc -l", 1),
        ("grep a log \\\n  | wc -l", 1),
        ('psql -c "\n  SELECT 1;\n\n  SELECT 2;\n"\ndate', 2),
        ("cat <<'END' > f\nls\nEND\ndate", 2),
        ("for host in a b; do\n  ping $host\ndone\ndate", 2),
        ("if true; then\n  ls\nfi", 1),
        ("while read -r x; do echo $x; done < f\nls", 2),
        ("clean() {\n  rm a\n}\nclean", 2),
        ("x=$(\n  date\n)", 1),
        ("$ ls\n$ pwd", 2),
        ("#!/bin/sh\nls\npwd", 1),
        ("echo don't\nls\npwd", 3),
        ("SELECT a\nFROM b\nWHERE c = ';';\nls", 2),
        ("# only words\n# and more", 0),
        ("LIMIT=3", 0),
        ("LIMIT=3\necho $LIMIT", 2),
        ("NOW=$(date)", 1),
        ("export A=b", 1),
        ("WATER_KEY  # the key\nWATER_URL", 0),
    ],
)
def test_a_logical_line_is_one_command(body: str, count: int) -> None:
    """Continuations, quotes, here-documents, loops, functions, prompts and raw SQL are counted as a human counts."""
    assert len(_commands(body)) == count


@pytest.mark.parametrize(
    ("language", "commands"),
    [
        ("bash", ["ferry list\\\n  --late"]),
        ("bash", ["awk '{\n  print $1\n}' log", "date"]),
        ("bash", ["curl -d '{\n  \"a\": 1\n}' x", "date"]),
        ("bash", ["cat <<< hello", "date"]),
        ("bash", ["cat <<-'EOF' > f\n\n# no comment\n\tEOF", "date"]),
        ("bash", ["cat f | while read -r x; do\n  echo $x\ndone", "date"]),
        ("bash", ["for a in 1 2; do\n  if x; then\n    y\n  fi\ndone", "date"]),
        ("bash", ["case $1 in\n  a) x;;\nesac"]),
        ("bash", ["ring()\n{\n  bell\n}", "ring"]),
        ("bash", ["function ring {\n  bell\n}", "ring"]),
        ("bash", ["for the ferry", "ferry list"]),
        ("bash", ["if wet; then ring", "ferry list", "date"]),
        ("bash", ["select a from b;", "date"]),
        ("bash", ["ls &&\n  date"]),
        ("bash", ["ls \\\n  && date"]),
        ("bash", ['echo "a\n# b"', "date"]),
        ("bash", ["UPDATE ferries\nSET late = 0\nWHERE id = 1;", "date"]),
        ("bash", ["psql -c 'SELECT 1;\nSELECT 2;'"]),
        ("bash", ['label_replace(\n  rate(a[5m]),\n  "b"\n)\n\nor\n\n# others\nrate(c[5m])']),
        ("powershell", ["Get-Ferry |\n  Where-Object Late", "Stop-Ferry 3"]),
        ("powershell", ["Get-Ferry `\n  -Late", "Get-Date"]),
        ("powershell", ["foreach ($f in $all) {\n  if ($f.Late) {\n    Stop-Ferry $f\n  }\n}", "Get-Date"]),
        ("sql", ["DO $$\nBEGIN\n  PERFORM 1;\nEND\n$$;", "SELECT 1;"]),
        ("sql", ["\\dt", "SELECT 1;"]),
        ("sql", ["SHOW PROCESSLIST\\G", "SELECT 1;"]),
    ],
)
def test_commands_are_found_whole(language: str, commands: list[str]) -> None:
    """However a command goes on, it is one, and the next one begins on its own line."""
    assert _commands("\n".join(commands), language) == commands


@pytest.mark.parametrize(
    ("language", "body", "commands"),
    [
        ("bash", "ring --loud  # twice\nring 'a # b'", ["ring --loud", "ring 'a # b'"]),
        ("bash", "SELECT 1; SELECT 2;", ["SELECT 1;", "SELECT 2;"]),
        ("bash", "1. Open the page\n2. Press stop", []),
        ("bash", "Menu → Ferries → Stop", []),
        ("bash", "https://ferry.example/status", []),
        ("bash", "- [ ] Ask the pilot first", []),
        ("bash", "# in crontab\n0 3 * * * ferry tidy", []),
        ("bash", "+----+----+\n| a  | b  |\n+----+----+", []),
        ("bash", 'ferry list\n{\n  "late": 3\n}', ["ferry list"]),
        ("bash", 'ferry list\n\n{ "late": 3 }', ["ferry list"]),
        ("bash", "ferry list\n2026-01-01T00:00:00Z late", ["ferry list"]),
        ("bash", "$ ferry list\nIsolde late\n$ ferry stop\nstopped", ["ferry list", "ferry stop"]),
        ("bash", "$ cat <<EOF\n$ no\nEOF\n$ date", ["cat <<EOF\n$ no\nEOF", "date"]),
        ("bash", "harbour@pier:~$ ferry list\nIsolde", ["ferry list"]),
        ("bash", "[root@pier ~]# ferry list\nIsolde", ["ferry list"]),
        ("console", "$ ferry list\nls\ndate\n\n% date", ["ferry list", "date"]),
        ("shell", "❯ ferry list\nIsolde", ["ferry list"]),
        ("powershell", "PS C:\\> Get-Ferry\nIsolde late", ["Get-Ferry"]),
        ("powershell", '$env:BERTH = "3"', []),
        ("cmd", "REM look\nferry list ^\n  /late\ndir", ["ferry list ^\n  /late", "dir"]),
        ("sql", "SELECT 1; -- one\nSELECT 2;", ["SELECT 1;", "SELECT 2;"]),
        ("sql", "SELECT a\n\nFROM b;\n\nSELECT 2", ["SELECT a\n\nFROM b;", "SELECT 2"]),
        ("sql", "SELECT '; --' AS a;\n/* SELECT 0; */\nSELECT 2;", ["SELECT '; --' AS a;", "SELECT 2;"]),
        ("sql", "SELECT 1\nGO\nSELECT 2\nGO", ["SELECT 1", "SELECT 2"]),
        ("sql", "SELECT id FROM ferries;\n id | late\n----+-----\n  1 | t\n(1 row)", ["SELECT id FROM ferries;"]),
        ("sql", "mysql> SELECT 1;", ["SELECT 1;"]),
        ("promql", "rate(a[5m])\n  / rate(b[5m])\n\nsum(c)", ["rate(a[5m])\n  / rate(b[5m])", "sum(c)"]),
        ("", "$ ferry list\nIsolde", ["ferry list"]),
        ("", "ls -l\r\ndate", ["ls -l", "date"]),
    ],
)
def test_what_stands_beside_commands_is_none(language: str, body: str, commands: list[str]) -> None:
    """Settings, menus, addresses, points, tables, logs and answers; a prompt belongs to no command."""
    assert _commands(body, language) == commands


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("# 1. Look\nferry list\n# 2. Stop\nferry stop", [("shell", "Look"), ("shell", "Stop")]),
        ("# === Look ===\nferry list", [("shell", "Look")]),
        ("# Look\n\nferry list", [("shell", "Look")]),
        ("# Look\n# closely\n\nferry list", [("manual", "Look"), ("shell", "")]),
        ("ferry list\n# Ring the bell\n\nferry stop", [("shell", ""), ("manual", "Ring the bell"), ("shell", "")]),
        ("ferry list  # look", [("shell", "look")]),
        ("ferry list  # tocsin: ignore=endless-command", [("shell", "")]),
        ("# tocsin: ignore=endless-command\nferry list", [("shell", "")]),
        ("# Look\n# tocsin: ignore=endless-command\nferry list", [("shell", "Look")]),
        ("# tocsin: ignore=comments-only", []),
        ("ferry list\n# Output:\n# Isolde late\n# Tristan in time", [("shell", "")]),
        ("ferry list\n# Example output\n# Isolde late", [("shell", ""), ("manual", "Example output")]),
        ("# As it should be\n+---+\n| a |\n+---+", []),
        ("# Schritt 1: Nachsehen\nferry list", [("shell", "Nachsehen")]),
        ("# Paso 2. Mirar\nferry list", [("shell", "Mirar")]),
        ("BERTH_KEY\nBERTH_URL  # where", [("manual", "BERTH_KEY")]),
        ("1. Open the page\n2. Press stop", [("manual", "Open the page"), ("manual", "Press stop")]),
    ],
)
def test_comments_become_titles_and_things_to_do(body: str, told: list[tuple[str, str]]) -> None:
    """The comment above names a command; words that name none are done by hand; what was printed is neither."""
    assert [(piece.kind, piece.title) for piece in _read(body)] == told


@pytest.mark.parametrize(
    ("comment", "branch"),
    [
        ("If the pier is wet:", "If the pier is wet"),
        ("2. If wet", "If wet"),
        ("Wenn es regnet", "Wenn es regnet"),
        ("Si llueve:", "Si llueve"),
        ("Se chover", "Se chover"),
        ("S'il pleut", None),
        ("如果下雨：", "如果下雨"),
        ("만약 비가 오면", "만약 비가 오면"),
        ("Если дождь", "Если дождь"),
        ("When did it rain?", None),
        ("Iffy weather", None),
        ("Look", None),
    ],
)
def test_a_condition_is_one_in_every_language(comment: str, branch: str | None) -> None:
    """A comment that begins with a condition governs its command; a question does not."""
    (piece,) = _read(f"# {comment}\nferry stop")
    assert piece.branch == branch


@pytest.mark.parametrize(
    ("comment", "yes"),
    [
        ("Or by hand", True),
        ("OR: by hand", True),
        ("Alternative: by hand", True),
        ("Option B: by hand", True),
        ("Opción 2: a mano", True),
        ("Oder von Hand", True),
        ("Ou à la main", True),
        ("或手动", True),
        ("или вручную", True),
        ("Option A: by hand", False),
        ("Order the rope", False),
        ("Outside", False),
    ],
)
def test_an_alternative_is_one_in_every_language(comment: str, yes: bool) -> None:
    """A comment that offers another way sets its command against the one before."""
    _, second = _read(f"ferry stop\n\n# {comment}\nbell ring")
    assert second.alternative is yes


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("Expected: dry", "dry"),
        ("Expected output: dry", "dry"),
        ("Expected\n# - dry\n# - warm", "- dry\n- warm"),
        ("Expected:\n# dry", "dry"),
        ("Should return dry", "dry"),
        ("All should be dry", "dry"),
        ("→ Expected: dry", "dry"),
        ("Result: dry", "dry"),
        ("Output: a\n# b", "a\nb"),
        ("Erwartet: trocken", "trocken"),
        ("Esperado: seco", "seco"),
        ("预期: 干", "干"),
        ("Ожидается: сухо", "сухо"),
        ("Expect the pilot to be late", "the pilot to be late"),
        ("Results vary", None),
        ("Unexpected", None),
    ],
)
def test_an_expected_result_is_one_in_every_language(comment: str, expected: str | None) -> None:
    """What a comment below a command says that it should print belongs to that command."""
    assert _read(f"ferry list\n# {comment}")[0].expected == expected


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("SELECT 1;\nSELECT 2;", 2),
        ("-- why\nSELECT a,\n b\nFROM c;", 1),
        ("SELECT ';' FROM a;", 1),
        ("SELECT 1", 1),
        ("SELECT 1; ", 1),
        ("SELECT 1; SELECT 2", 2),
    ],
)
def test_sql_is_one_step_for_each_statement(body: str, count: int) -> None:
    """A semicolon within quotes ends nothing."""
    assert len(_commands(body, "sql")) == count


def test_comments_become_titles_without_their_numbers() -> None:
    """Each numbered comment is the title of the command below it, on that command's line."""
    found = _read("# 1. Look at the pump\npump status\n\n# 2) Read its log\npump log --last 5")
    assert [(piece.title, piece.line) for piece in found] == [("Look at the pump", 3), ("Read its log", 6)]


def test_a_comment_without_a_command_is_a_step_by_hand() -> None:
    """Words in a fence stay visible; they never become the title of a later command."""
    found = _read("# Open the valve\n# Turn it left\n\n# Read the gauge\ngauge read")
    assert [(piece.kind, piece.line, piece.end_line) for piece in found] == [("manual", 2, 3), ("shell", 6, 6)]
    assert found[0].text == "Open the valve\nTurn it left"


def test_expected_results_belong_to_the_command_above() -> None:
    """``# Expected: …`` over one or more lines is what the command should print."""
    found = _read('pump status\n# Expected: { "on": true }\npump log\n# Expected:\n# - no line\n# - or two')
    assert [piece.expected for piece in found] == ['{ "on": true }', "- no line\n- or two"]


def test_an_alternative_is_marked_with_what_follows_it_at_once() -> None:
    """ "Or …" sets its commands against those before; a new comment ends that."""
    found = _read("pump off\n\n# Or cut the power\nbreaker open\nbreaker lock\n\n# Check\npump status")
    assert [piece.alternative for piece in found] == [False, True, True, False]


def test_an_alternative_by_hand_keeps_its_list() -> None:
    """ "Or in the panel:" with numbered lines is one alternative, not several steps."""
    found = _read("pump off\n\n# Or at the panel:\n# 1. Press stop\n# 2. Turn the key")
    assert [(piece.kind, piece.alternative) for piece in found] == [("shell", False), ("manual", True)]


def test_a_condition_in_a_comment_is_a_branch() -> None:
    """``# If …`` governs the command below it."""
    (piece,) = _read("# If the tank is full:\npump off")
    assert piece.branch == "If the tank is full"


def test_a_setting_is_no_command() -> None:
    """``NAME=value`` alone is kind "set", and so are lines of a named configuration file."""
    assert [piece.kind for piece in _read("LIMIT=3")] == ["set"]
    assert [piece.kind for piece in _read("# in pump.conf\nlevel high\nspeed 3")] == ["set", "set"]


@pytest.mark.parametrize(
    ("body", "language", "kind"),
    [
        ("ls -l\nps aux", "", "shell"),
        ("$ anything here", "", "shell"),
        ("Menu → Pumps → Stop", "", ""),
        ("https://water.example/status", "", ""),
        ("ERROR: no water", "", ""),
        ("+---+\n| a |", "", ""),
        ("a: b", "yaml", ""),
        ("print(1)", "python", ""),
        ("rate(x[5m])", "promql", "query"),
    ],
)
def test_only_plain_shell_counts_in_an_untagged_fence(body: str, language: str, kind: str) -> None:
    """Menus, addresses, samples and drawings are no commands."""
    (fence,) = mask(f"```{language}\n{body}\n```\n").fences
    assert command_language(fence) == kind


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("git log -3", True),
        ("./check.sh now", True),
        ("SELECT a FROM b", True),
        ("UPDATE a SET b = 1", True),
        ("GET /health", False),
        ("pump.conf", False),
        ("kubectl", False),
        ("status: ok", False),
        ("A_NAME", False),
    ],
)
def test_inline_code_is_a_command_only_where_it_is_a_whole_one(text: str, yes: bool) -> None:
    """A program with an argument, or a whole statement."""
    assert inline_command(text) is yes


@pytest.mark.parametrize(
    ("command", "changes"),
    [
        ("kubectl get pods", False),
        ("grep restart log", False),
        ("systemctl restart pump", True),
        ("curl -X POST x", True),
        ("bellctl dump > out", False),
        ("echo 1 > out", True),
        ("show <berth> more", False),
        ("ls > /dev/null", False),
    ],
)
def test_the_stage_guess_separates_looking_from_changing(command: str, changes: bool) -> None:
    """Only used where the document doesn't say under which stage a command stands."""
    assert seems_to_change(command) is changes


REQUESTS = """\
# Is the oven on
GET https://oven.example/health HTTP/1.1
Accept: text/plain

### How many loaves
GET /loaves?state=<state>

HTTP/1.1 200 OK
Content-Type: application/json

{"loaves": 3}

###
// Out with them
POST /loaves/out
Content-Type: application/json

{"why": "burnt",

 "n": 3}
### The door
GET /door
GET /lamp
"""


def test_a_fence_of_requests_is_one_command_for_each() -> None:
    """Separators and comments are titles, a body goes on over blank lines, an answer is shown and not sent."""
    found = _read(REQUESTS, "http")
    assert [(piece.kind, piece.title, piece.line) for piece in found] == [
        ("http", "Is the oven on", 3), ("http", "How many loaves", 7), ("http", "Out with them", 16),
        ("http", "The door", 23), ("http", "", 24),
    ]  # fmt: skip
    assert [piece.text for piece in found] == [
        "GET https://oven.example/health HTTP/1.1\nAccept: text/plain",
        "GET /loaves?state=<state>",
        'POST /loaves/out\nContent-Type: application/json\n\n{"why": "burnt",\n\n "n": 3}',
        "GET /door",
        "GET /lamp",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "HTTP/1.1 503 Service Unavailable\nRetry-After: 3\n\nGET /health",
        "# what it says\nHTTP/2 200\ncontent-type: text/plain",
        "https://oven.example/health",
        "get /health",
        "X-Request-Id: 4711",
        "BAKING takes an hour",
        "",
    ],
)
def test_what_begins_with_no_request_is_shown_only(body: str) -> None:
    """An answer, an address, headers or words in such a fence tell nothing to do."""
    assert _read(body, "http") == ()


def test_words_below_a_get_are_its_body_unless_they_begin_something_else() -> None:
    """Nothing is left out silently: what can't be told from a body goes with the request, which then is not proved."""
    (one,) = _read('GET /loaves\n\n{"state": "burnt"}', "http")
    assert one.text.endswith('{"state": "burnt"}')
    (first, second) = _read("GET /loaves\n\n# Then\nGET /door", "http")
    assert (first.text, second.text, second.title) == ("GET /loaves", "GET /door", "Then")


def test_a_request_in_another_fence_is_no_command() -> None:
    """Only the tag makes it one."""
    assert [piece.kind for piece in _read("GET /loaves", "text")] == []
    assert [piece.kind for piece in _read("GET /loaves", "")] == []
