"""Values for gaps are found in what earlier steps printed, each with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.offers import offers_in
from tocsin.core.rendering import Gap

SESSIONS = (
    "  pid  | usename | state  \n-------+---------+--------\n  4711 | baker   | active \n"
    "  4712 | ferry   | idle   \n(2 rows)\n"
)
PODS = (
    "NAME                  READY   STATUS             RESTARTS   AGE\n"
    "oven-7d9f-abcde       1/1     Running            0          5d\n"
    "ferry-5c88-x2x4p      0/1     CrashLoopBackOff   12         1h\n"
)
PROCESSES = "  PID TTY          TIME CMD\n   12 pts/0    00:00:00 oven\n  345 pts/0    00:00:00 ferry\n"
NARROW = "    PID COMMAND\n  38911 oven\n     12 baker --fast\n"
LOADS = (
    "USER         PID %CPU %MEM COMMAND\nbaker      38911  0.0  0.1 oven --at 212\nferry         12 99.0  0.1 ferry\n"
)
CONTAINERS = (
    "CONTAINER ID   IMAGE      STATUS          NAMES\n1f2e3d4c5b6a   oven:1     Up 3 hours      bakery-oven-1\n"
)
SERVICES = (
    'NAME            IMAGE    COMMAND    SERVICE   STATUS\nbakery-oven-1   oven:1   "bake"     oven      Up 3 hours\n'
)
RELEASES = "Age     Deployment                       Status\n3m      https://oven-abc.example.app     Ready\n"
MYSQL = "+----+-------+\n| id | kind  |\n+----+-------+\n| 7  | rye   |\n+----+-------+\n"
CASES = [
    (SESSIONS, "<pid>", "integer", "list sessions psql", ["4711", "4712"], "row 1"),
    (PODS, "<pod-name>", "name", "kubectl get pods", ["oven-7d9f-abcde", "ferry-5c88-x2x4p"], "row 1"),
    (PODS, "<pod>", "name", "kubectl get pods -n shop", ["oven-7d9f-abcde", "ferry-5c88-x2x4p"], "row 1"),
    (PODS, "<service>", "name", "kubectl get pods", [], ""),
    (PROCESSES, "<PID>", "integer", "ps", ["12", "345"], "row 1"),
    (NARROW, "<pid>", "integer", "ps", ["38911", "12"], "row 1"),
    (LOADS, "<pid>", "integer", "ps aux", ["38911", "12"], "row 1"),
    (LOADS, "<user>", "name", "ps aux", ["baker", "ferry"], "row 1"),
    (CONTAINERS, "<container-name>", "name", "docker ps containers", ["bakery-oven-1"], "row 1"),
    (CONTAINERS, "<container-id>", "id", "docker ps", ["1f2e3d4c5b6a"], "row 1"),
    (SERVICES, "<service>", "name", "docker compose ps", ["oven"], "row 1"),
    (SERVICES, "<service-name>", "name", "docker compose ps", ["oven"], "row 1"),
    (RELEASES, "[deployment-url]", "url", "vercel ls deployments", ["https://oven-abc.example.app"], "an address"),
    (MYSQL, "<id>", "id", "select from loaves", ["7"], "row 1"),
    ('{"items": [{"orderId": 7}, {"orderId": 9}]}', "<order_id>", "id", "orders", ["7", "9"], "$.items[0].orderId"),
    ("revision: 12\nstatus: failed\n", "<revision>", "integer", "history", ["12"], "line 1"),
    (SESSIONS, "<pid>", "integer", "", ["4711", "4712"], "row 1"),
    ("nothing of the sort", "<pid>", "integer", "list", [], ""),
    ("", "<pid>", "integer", "list", [], ""),
]  # fmt: skip


@pytest.mark.parametrize(("output", "gap", "read_as", "about", "values", "place"), CASES)
def test_values_are_offered_with_their_place(
    output: str, gap: str, read_as: str, about: str, values: list[str], place: str
) -> None:
    """The column or member that the gap names, or the names of what was listed."""
    found = offers_in(output, Gap(text=gap, read_as=read_as), about)
    assert [value for value, *_ in found] == values
    assert not place or found[0][1].startswith(place)


def test_a_value_that_could_not_stand_there_is_not_offered() -> None:
    """A column of the right name with words in it fills no number."""
    output = " pid \n-----\n none \n 7\n"
    assert [value for value, *_ in offers_in(output, Gap(text="<pid>", read_as="integer"), "")] == ["7"]


def test_a_value_of_a_table_is_offered_with_its_row() -> None:
    """Of two numbers only the row tells which is which; a table of one column has nothing to tell."""
    (first, second) = offers_in(SESSIONS, Gap(text="<pid>", read_as="integer"), "")
    assert (first[0], second[0]) == ("4711", "4712")
    assert first[2] and second[2] and "4711" not in first[2]
    alone = offers_in(" pid \n-----\n 7\n", Gap(text="<pid>", read_as="integer"), "")
    assert [row for *_, row in alone] == [""]
    (wide,) = offers_in("PID COMMAND\n7 " + "x" * 300 + "\n", Gap(text="<pid>", read_as="integer"), "ps")
    assert len(wide[2]) <= 81


@given(output=st.text(alphabet=st.sampled_from('AB ab|-+\n{}[]:",=17\x1b\u202e'), max_size=300))
def test_no_output_breaks_the_search(output: str) -> None:
    """Outputs come from outside; whatever is offered may stand in the gap."""
    for value, *_ in offers_in(output, Gap(text="<ab>", read_as="text"), "AB ab"):
        assert value.isprintable()
