"""Values in gaps arrive byte for byte where they were written, and nothing else runs."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers import PostgresServer
from tocsin.core.placeholders import KINDS, choices_of, kind_of, problem_of
from tocsin.core.rendering import Gap, may_be_variable, render
from tocsin.errors import Refused

SHOW = 'show() { printf "%s\\0" "$@"; }\n'
TEXT = st.text(
    st.characters(
        min_codepoint=32, exclude_characters="\x7f\x85\u2028\u2029", exclude_categories=("Cs", "Cf", "Co", "Cc")
    ),
    min_size=1,
    max_size=60,
)
NASTY = st.text(st.sampled_from("'\"\\$`!;&|<>(){}[]*?~#=-% \tab\u00e9/@:,.^"), min_size=1, max_size=24).filter(
    lambda text: "\t" not in text
)


def fill(command: str, values: dict[str, str], *, read_as: str = "text", language: str = "shell") -> str:
    """The command with every gap of one kind."""
    return render(command, language, [Gap(text=gap, read_as=read_as) for gap in values], values, {})


def arguments(command: str) -> list[str]:
    """What a real bash hands to the program ``show``, and nothing on its error stream."""
    done = subprocess.run(["bash", "-c", SHOW + command], capture_output=True, check=True, timeout=20)
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


PLACES = [
    ("show -m <x>", ["-m", "{}"]),
    ('show -m "<x>"', ["-m", "{}"]),
    ("show -m '<x>'", ["-m", "{}"]),
    ('show -m "about <x>, at once" end', ["-m", "about {}, at once", "end"]),
    ("show 'about <x>'\"<x>\"<x>", ["about {}{}{}"]),
    ("show --text=<x> last", ["--text={}", "last"]),
    ('show --text="<x>" && show <x>', ["--text={}", "{}"]),
    ("A=<x>; show \"$A\" <x> | cat", ["{}", "{}"]),
    ("show <x> # about <y>", ["{}"]),
    ("show \\\n  <x> \\\n  'a'", ["{}", "a"]),
    ('show "${NOTHING:-a}" <x>', ["a", "{}"]),
]  # fmt: skip


@pytest.mark.parametrize(("command", "wanted"), PLACES)
@settings(max_examples=25, deadline=None)
@given(value=st.one_of(TEXT, NASTY))
def test_a_real_bash_hands_over_exactly_the_value(command: str, wanted: list[str], value: str) -> None:
    """Whatever is written, the program gets the same arguments with the value in their place, and nothing else runs."""
    if value.startswith("-"):
        value = f"a{value}"
    filled = fill(command, {"<x>": value})
    assert arguments(filled) == [part.replace("{}", value) for part in wanted]


@settings(max_examples=60, deadline=None)
@given(value=st.one_of(TEXT, NASTY), quote=st.sampled_from("'\""))
def test_a_string_of_json_in_an_argument_holds_the_value(value: str, quote: str) -> None:
    """JSON inside either kind of quotes stays JSON."""
    body = '{"note": "about <x>", "list": ["<x>", 7]}'
    command = f"show -d '{body}'" if quote == "'" else 'show -d "' + body.replace('"', '\\"') + '"'
    [_, text] = arguments(fill(command, {"<x>": value}))
    assert json.loads(text) == {"note": f"about {value}", "list": [value, 7]}


@settings(max_examples=60, deadline=None)
@given(value=st.one_of(TEXT, NASTY))
def test_a_part_of_an_address_is_percent_encoded(value: str) -> None:
    """A value in the path or the query stays in its part; only a climbing path is refused."""
    command = 'show "https://shop.example/api/<x>/log?note=<x>#<x>"'
    if any(part in (".", "..") for part in value.split("/")):
        with pytest.raises(Refused, match="another address"):
            fill(command, {"<x>": value})
        return
    [url] = arguments(fill(command, {"<x>": value}))
    path, _, rest = url.removeprefix("https://shop.example/api/").partition("/log?note=")
    query, _, fragment = rest.partition("#")
    assert (unquote(path), unquote(query), unquote(fragment)) == (value, value, value)
    assert not set("/?#& '\"") & set(path)
    assert not set("?#& '\"") & set(query)


@settings(max_examples=150, deadline=None)
@given(value=st.one_of(TEXT, NASTY))
def test_sqlite_reads_the_value_and_no_more_of_it(value: str) -> None:
    """In a string, as a value and as a quoted name, alone and inside a shell's quotes."""
    database = sqlite3.connect(":memory:")
    database.execute("create table loaves (kind text)")
    statement = "select '<x>', <x>, 'two ' || '<x>' from (select 1) as <name> where '<x>' = <x> or 1"
    values = {"<x>": value, "<name>": "Oven"}
    if "\\" in value:
        with pytest.raises(Refused, match="backslash"):
            fill(statement, values, language="sql")
        return
    filled = fill(statement, values, language="sql")
    alone, bare, joined = database.execute(filled).fetchone()
    assert (alone, joined) == (value, f"two {value}")
    assert bare == value or bare == float(value)
    in_shell = 'sqlite3 file "' + statement.replace("<name>", "a") + '"'
    asked = fill(in_shell, {"<x>": value}).replace("sqlite3 file", 'printf "%s"')
    handed = subprocess.run(["bash", "-c", asked], capture_output=True, check=True, timeout=20)
    assert database.execute(handed.stdout.decode()).fetchone()[0] == value
    assert database.execute("select count(*) from loaves").fetchone() == (0,)


@settings(max_examples=80, deadline=None)
@given(value=NASTY)
def test_a_name_in_double_quotes_is_that_name(value: str) -> None:
    """A column is called exactly as the value says."""
    try:
        filled = fill('select 1 as "<x>"', {"<x>": value}, language="sql")
    except Refused:
        assert "\\" in value
        return
    assert sqlite3.connect(":memory:").execute(filled).description[0][0] == value


REFUSED = [
    ("kubectl logs <pod>", "name", "web; reboot", "one name"),
    ("kill <pid>", "integer", "4711 1", "whole number"),
    ("ferry stop <x>", "text", "-rf", "hyphen"),
    ("ferry stop '<x>'", "text", "--all", "hyphen"),
    ("curl -d <x> https://a.example", "text", "@/etc/passwd", "@"),
    ("curl -d text=<x> https://a.example", "text", "@/etc/passwd", "@"),
    ("bash -c 'echo <x>'", "text", "a; reboot", "code"),
    ("ssh db 'systemctl restart <x>'", "text", "a b", "code"),
    ("echo <x> | sh", "text", "a b", "code"),
    ("echo <x> | psql", "text", "drop table a", "code"),
    ("find . -exec <x> {} +", "text", "rm -rf", "code"),
    ("awk '/<x>/ {print}' a", "text", "a/ {system(1)}", "code"),
    ("docker exec web sh -c 'cat <x>'", "text", "a b", "code"),
    ("<x> --version", "text", "rm -rf", "code"),
    ("sudo <x> --version", "text", "rm -rf", "code"),
    ("if true; then <x>; fi", "text", "a b", "code"),
    ("cat <<END\n<x>\nEND", "text", "$(reboot)", "code"),
    ("echo $(date -d <x>)", "text", "a b", "code"),
    ("echo `date -d <x>`", "text", "a b", "code"),
    ("echo \"$(jq '.a' b) <x>\"", "text", "$(reboot)", "code"),
    ("echo 'never closed <x>", "text", "a b", "code"),
    ("echo $'a <x>'", "text", "a b", "code"),
    ("echo $<x>", "text", "HOME", "variable"),
    ('echo "$<x>"', "text", "HOME", "variable"),
    ("echo \\<x>", "text", "$(reboot)", "code"),
    ('echo "\\<x>"', "text", "$(reboot)", "code"),
    ("echo $((1 + <x>))", "text", "a[$(reboot)]", "code"),
    ("(( <x> ))", "text", "a[$(reboot)]", "code"),
    ('psql -c "select <x>"', "integer", "1; drop table a", "whole number"),
    ('psql -c "select 1 where a = <x>"', "text", "a\\' or 1=1", "backslash"),
    ('psql -c "\\d <x>"', "text", "a b", "code"),
    ('mysql -e "select * from <x>"', "text", "a b", "it must be"),
    ("curl https://<x>/health", "text", "evil.example/x?", "host"),
    ("curl https://<x>.shop.example/health", "text", "evil.example#", "host"),
    ("curl https://shop.example/<x>", "text", "../admin", "another address"),
    ("curl -d '{\"n\": <x>}' https://a.example", "text", "1, 2", "number"),
    ("ferry stop <x>", "text", "a\nb", "line breaks"),
    ("ferry stop <x>", "text", "a\x00b", "control"),
    ("ferry stop <x>", "text", "a\u202eb", "invisible"),
    ("cat <x>", "path", "~/a", "not expanded"),
    ("date -d <x>", "date", "2024-02-31", "calendar"),
]


@pytest.mark.parametrize(("command", "read_as", "value", "why"), REFUSED)
def test_what_could_be_code_is_refused_with_its_reason(command: str, read_as: str, value: str, why: str) -> None:
    """A place that is not understood takes plain values only, and the refusal says what it takes."""
    gap = next(name for name in ("<x>", "<pod>", "<pid>") if name in command)
    with pytest.raises(Refused) as refused:
        fill(command, {gap: value}, read_as=read_as)
    assert why in str(refused.value)
    assert gap in str(refused.value)


SQL_REFUSED = [
    ("select <x>.a", "text", "a b"),
    ("select 1 -- <x>", "text", "a\tb"),
    ("select $$ <x> $$", "text", "$$; drop table a"),
    ("select E'<x>'", "text", "' or 1=1"),
    ("explain <x>", "sql", "select 1 -- all"),
    ("explain <x>", "sql", "select 1; drop table a"),
    ("select a -<x>", "text", "-1"),
    ('select \'it is {"a": "<x>"}\'', "text", '", "b": "'),
    ("select a @@ <x>", "text", "a b"),
]


@pytest.mark.parametrize(("statement", "read_as", "value"), SQL_REFUSED)
def test_sql_that_could_become_other_sql_is_refused(statement: str, read_as: str, value: str) -> None:
    """Where a value has no quotes around it and can't get any, only a number or a simple name may stand."""
    with pytest.raises(Refused):
        fill(statement, {"<x>": value}, read_as=read_as, language="sql")


@pytest.mark.parametrize(
    ("statement", "read_as", "value", "filled"),
    [
        ("select end_session(<x>)", "integer", "4711", "select end_session(4711)"),
        ("select * from <x>", "name", "orders", "select * from orders"),
        ("select * from <x>", "name", "Orders", 'select * from "Orders"'),
        ("select * from <x>", "name", "shop.orders", "select * from shop.orders"),
        ("select 1 where id = <x>", "id", "o-7", "select 1 where id = 'o-7'"),
        ("select 1 where id = <x>", "id", "007", "select 1 where id = '007'"),
        ("select 1 where id = '<x>'", "person", "O'Neil", "select 1 where id = 'O''Neil'"),
        ("explain <x>", "sql", "select a from b where c = 'd'", "explain select a from b where c = 'd'"),
        ('set a = \'{"b": "<x>"}\'', "id", "3f2a-77", 'set a = \'{"b": "3f2a-77"}\''),
    ],
)
def test_sql_is_written_for_the_place(statement: str, read_as: str, value: str, filled: str) -> None:
    """A number bare, a string quoted, a name as the catalogue has it."""
    assert fill(statement, {"<x>": value}, read_as=read_as, language="sql") == filled


def test_a_value_that_looks_like_another_gap_is_not_filled_again() -> None:
    """Gaps are found in the document's text alone."""
    filled = fill("show <a> <b>", {"<a>": "<b>", "<b>": "c"})
    assert arguments(filled) == ["<b>", "c"]


def test_a_gap_in_capitals_is_only_filled_where_it_is_a_word() -> None:
    """`PID` is no part of `PIDFILE` or `$PID`."""
    assert render("show PID $PID PIDFILE", "shell", [Gap(text="PID", read_as="integer")], {"PID": "7"}, {}) == (
        "show 7 $PID PIDFILE"
    )


def test_a_gap_without_a_value_stays_as_it_is_written() -> None:
    """The page shows what is still missing."""
    gaps = [Gap(text="<a>", read_as="text"), Gap(text="<b>", read_as="text")]
    assert render("show <a> <b>", "shell", gaps, {"<a>": "x y"}, {}) == "show 'x y' <b>"


@pytest.mark.parametrize(
    ("command", "filled"),
    [
        ("show <key>", 'show "${KEY}"'),
        ('show "Bearer <key>"', 'show "Bearer ${KEY}"'),
        ('show "Bearer <key>" <key>', 'show "Bearer ${KEY}" "${KEY}"'),
        ("show 'Bearer <key>'", None),
        ("cat <<END\n<key>\nEND", None),
    ],
)
def test_a_secret_becomes_a_variable_where_a_shell_reads_one(command: str, filled: str | None) -> None:
    """Its value never stands in the command."""
    gap = Gap(text="<key>", read_as="secret")
    assert may_be_variable(command, "<key>") is (filled is not None)
    if filled is not None:
        assert render(command, "shell", [gap], {}, {"<key>": "KEY"}) == filled


def test_every_kind_takes_its_own_examples() -> None:
    """What a person is told fits what is checked."""
    for kind in KINDS.values():
        assert all(kind.pattern.fullmatch(example) for example in kind.examples), kind.name
        assert kind.examples or kind.name == "secret"


@pytest.mark.parametrize(
    ("gap", "read_as", "kind"),
    [
        ("<pid>", "integer", "integer"),
        ("<invoice-number>", "integer", "identifier"),
        ("[EMAIL]", "contact", "email"),
        ("[Contact Info]", "contact", "text"),
        ("YOUR_DOMAIN", "url", "host"),
        ("<db-host>", "name", "host"),
        ("<customer name>", "name", "text"),
        ("<first_name>", "name", "text"),
        ("<container-name>", "name", "identifier"),
        ("<username>", "name", "identifier"),
        ("<timeout>", "time", "text"),
        ("<start-time>", "time", "time"),
        ("[What prevents this next time]", "time", "text"),
        ("<oven>", "something of a later reader", "text"),
    ],
)
def test_a_gap_has_the_kind_that_its_words_name(gap: str, read_as: str, kind: str) -> None:
    """A word that often means something else is no reason to refuse a value."""
    assert kind_of(gap, read_as).name == kind


@pytest.mark.parametrize(
    ("gap", "choices"),
    [
        ("[P0/P1/P2]", ("P0", "P1", "P2")),
        ("<north|south>", ("north", "south")),
        ("[owner/repo]", ()),
        ("<namespace/pod>", ()),
        ("<path/to/dump>", ()),
        ("[yes]", ()),
        ("a/b", ()),
    ],
)
def test_the_choices_of_a_text_are_told_from_paths(gap: str, choices: tuple[str, ...]) -> None:
    """One of them must be chosen."""
    assert choices_of(gap) == choices
    assert not choices or (
        problem_of(gap, "choice", choices[0]) == "" and "one of" in problem_of(gap, "choice", "else")
    )


@pytest.mark.postgres
def test_a_real_psql_gets_the_value_through_a_real_shell(postgres_server: PostgresServer) -> None:
    """Both layers at once: SQL inside a shell's double quotes, on a real server."""
    if shutil.which("psql") is None:
        pytest.skip("no psql on this machine")
    url = postgres_server.url(postgres_server.ready)
    nasty = [
        "O'Neil",
        "$(reboot)",
        "a`b`",
        'say "hi"',
        "%s :x :'y'",
        "; drop table a; --",
        "/* b */",
        "é 漢 🙂",
        "$$",
        "E'x'",
    ]
    for value in nasty:
        values = {"<x>": value, "<name>": f"Oven {value}"[:40]}
        statement = "select '<x>', <x>::text from (select 1) as \\\"<name>\\\" where '<x>' = <x>"
        filled = fill(f'psql {url} -X -A -t -F "|" -c "{statement}"', values)
        done = subprocess.run(["bash", "-c", filled], capture_output=True, check=True, timeout=20)
        assert done.stdout.decode().rstrip("\n") == f"{value}|{value}"
