"""The value before a change is read by a proved command, and the way back sets exactly that value."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from tocsin.safety import classify
from tocsin.safety.before import before

IMAGE = """{.spec.template.spec.containers[?(@.name=="web")].image}"""
KNOWN = [  # kind, change, what the reading prints, the reading, the way back
    (
        "shell",
        "kubectl scale deployment/oven --replicas=5 -n shop",
        "3",
        "kubectl get deployment/oven -o jsonpath={.spec.replicas} -n shop",
        "kubectl scale deployment/oven --replicas=3 -n shop",
    ),
    (
        "shell",
        "kubectl -n shop scale --replicas 5 deployment oven",
        "3",
        "kubectl get deployment oven -o jsonpath={.spec.replicas} -n shop",
        "kubectl scale deployment oven --replicas=3 -n shop",
    ),
    (
        "shell",
        "kubectl set image deployment/oven web=bakery/web:12 -n shop",
        "bakery/web:11",
        f"kubectl get deployment/oven -o jsonpath='{IMAGE}' -n shop",
        "kubectl set image deployment/oven web=bakery/web:11 -n shop",
    ),
    (
        "shell",
        "redis-cli config set maxmemory 2gb",
        "maxmemory\n1gb\n",
        "redis-cli config get maxmemory",
        "redis-cli config set maxmemory 1gb",
    ),
    (
        "shell",
        "docker service scale oven=0",
        "4",
        "docker service inspect --format '{{.Spec.Mode.Replicated.Replicas}}' oven",
        "docker service scale oven=4",
    ),
    (
        "shell",
        "git config bakery.mode 'slow oven'",
        "it's hot",
        "git config --get bakery.mode",
        "git config bakery.mode 'it'\"'\"'s hot'",
    ),
    (
        "shell",
        "systemctl stop oven",
        "active\n",
        "systemctl is-active oven",
        "systemctl start oven",
    ),
    (
        "sql",
        "ALTER SYSTEM SET work_mem = '64MB';",
        " work_mem \n----------\n 4MB\n(1 row)\n",
        "show work_mem",
        "alter system set work_mem = '4MB'",
    ),
]


@pytest.mark.parametrize(("kind", "command", "output", "read", "back"), KNOWN)
def test_the_value_before_is_read_and_can_be_set_back(
    kind: str, command: str, output: str, read: str, back: str
) -> None:
    """The reading is proved; the options that say where are carried over; the value is quoted for its place."""
    found = before(kind, command)
    assert found is not None
    assert (found.read, classify(kind, found.read).word) == (read, "read")
    value = found.value_in(output)
    assert value is not None
    assert found.set_back(value) == back


@pytest.mark.parametrize(
    "command",
    [
        "kubectl scale deployment/oven --replicas=5; reboot",
        "kubectl scale deployment/oven --replicas=$N",
        "kubectl scale deployment/oven --replicas=5 --all",
        "kubectl scale -f oven.yaml --replicas=5",
        "docker service scale oven=0 ferry=0",
        "git config --global bakery.mode slow",
        "git config bakery.mode",
        "npx convex env set OVEN_TOKEN off",
        "npx convex env set OVEN_URL off",
        "npx convex env set OVEN off --anything",
        "npx convex env remove OVEN",
        "kubectl set image deployment/oven web=bakery/web:12 side=bakery/side:3",
        "kubectl set image deployment/oven *=bakery/web:12",
        "ovenctl off",
        "",
    ],
)
def test_what_is_not_surely_known_is_not_read(command: str) -> None:
    """More words, other words, a reading that is not proved: nothing runs before the change."""
    assert before("shell", command) is None


@pytest.mark.parametrize(
    ("command", "read", "back"),
    [
        ("npx convex env set OVEN off", "npx convex env get OVEN", "npx convex env set OVEN on"),
        ("npx convex env set --prod OVEN 2", "npx convex env get OVEN --prod", "npx convex env set OVEN on --prod"),
    ],
)
def test_a_reading_that_is_not_proved_is_told_to_who_is_asked(command: str, read: str, back: str) -> None:
    """It is named to the byte, it is no change, and only a short word or number is taken from what it prints."""
    found = before("shell", command)
    assert found is not None
    assert (found.proved, found.read, classify("shell", found.read).word) == (False, read, "unknown")
    assert f"`{read}`" in found.announcement
    assert found.value_in("on\n") == "on"
    assert found.set_back("on") == back
    for output in ("no such variable\n", "9f86d081884c7d659a2feaa0c55ad015\n", "https://oven.example.org\n", ""):
        assert found.value_in(output) is None


@pytest.mark.parametrize("output", ["", "one\ntwo\n", "x" * 300, "Error from server:\n not found"])
def test_an_output_that_is_no_value_is_none(output: str) -> None:
    """An error or several lines set nothing back."""
    found = before("shell", "kubectl scale deployment/oven --replicas=5")
    assert found is not None
    assert found.value_in(output) is None


def test_a_state_without_a_way_back_has_none() -> None:
    """A unit that had failed is not started."""
    found = before("shell", "systemctl stop oven")
    assert found is not None
    assert found.set_back("failed") is None


def test_no_change_of_the_list_is_a_read() -> None:
    """Each pattern, filled with plain words, is a command that needs an approval, and so is its way back."""
    text = files("tocsin.safety").joinpath("specs", "before.toml").read_text("utf-8")
    for pair in tomllib.loads(text)["before"]:
        backs = pair["back"].values() if isinstance(pair["back"], dict) else [pair["back"]]
        for pattern in (pair["change"], *backs):
            filled = pattern.replace("<old>", "7").replace("{value}", "7")
            for name in ("resource", "kind", "name", "service", "unit"):
                filled = filled.replace(f"{{{name}}}", "oven")
            assert classify(pair.get("kind", "shell"), filled).word != "read", filled
