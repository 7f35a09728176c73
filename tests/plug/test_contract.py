"""What every plugin that is discovered must hold, ours and others'."""

from __future__ import annotations

import dataclasses
import importlib
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tocsin.core.notices import Notice
from tocsin.errors import Invalid, TocsinError, Undelivered, Unread
from tocsin.plug.kinds import Address, Example, Executor, Inbound, Job, Notifier, Probe, Source
from tocsin.plug.neutral import clean_environment
from tocsin.plug.registry import bind, describe, discover

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SOCKETS = {
    "tocsin.sources": Source, "tocsin.notifiers": Notifier, "tocsin.executors": Executor, "tocsin.probes": Probe,
}  # fmt: skip
PLUGINS = [
    pytest.param(package, cls, id=f"{package.removeprefix('tocsin.')}:{kind}")
    for package, socket in SOCKETS.items()
    for kind, cls in discover(package, socket).items()
]


def examples(cls: type) -> tuple[Example, ...]:
    return tuple(importlib.import_module(cls.__module__).EXAMPLES)


def of(package: str) -> list[type]:
    return list(discover(package, SOCKETS[package]).values())


@pytest.mark.parametrize(("package", "cls"), PLUGINS)
def test_it_is_documented_and_frozen(package: str, cls: type) -> None:
    """A docstring that is a sentence, every setting explained, nothing that can be changed later."""
    found = describe(cls)
    assert len(found.summary) > 20
    assert found.summary[0].isupper()
    assert not [setting.name for setting in found.settings if not setting.description]
    assert cls.__dataclass_params__.frozen  # type: ignore[attr-defined]


@pytest.mark.parametrize(("package", "cls"), PLUGINS)
def test_its_examples_bind(package: str, cls: type) -> None:
    """The settings of every example are accepted, secrets are not shown, and a wrong one is refused with its place."""
    shown = examples(cls)
    assert shown
    for example in shown:
        plugin: Any = bind(cls, example.settings, "[example]")
        assert "not-a-real-one" not in repr(plugin)
    with pytest.raises(Invalid, match=r"\[example\]: there is no setting 'no-such-setting'"):
        bind(cls, {**shown[0].settings, "no-such-setting": 1}, "[example]")


@pytest.mark.parametrize("cls", of("tocsin.sources"))
class TestSources:
    def test_examples_yield_their_alerts(self, cls: type) -> None:
        """Each given body yields the named alerts, with moments in UTC; parsing twice yields the same."""
        given = [example for example in examples(cls) if example.given]
        assert given
        for example in given:
            source: Any = bind(cls, example.settings, "")
            came = inbound(example.given, dict(example.headers))
            alerts = source.parse(came)
            assert tuple(alert.name for alert in alerts) == example.gives
            assert all(alert.starts_at.utcoffset() == timedelta(0) for alert in alerts)
            assert source.parse(came) == alerts
            changes = source.changes(came) if hasattr(source, "changes") else []
            assert tuple(change.what for change in changes) == example.changes
            assert all(change.at.utcoffset() == timedelta(0) for change in changes)

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"null", b"[1]", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}', b'{"alerts": 5}',
            b'{"alerts": [5]}', b'{"alerts": [{"labels": {"alertname": 5}}]}', b'{"a": 1, "a": 2}', b'{"a": "\\u0000"}',
        ],
    )  # fmt: skip
    def test_hostile_bodies_are_invalid(self, cls: type, body: bytes) -> None:
        """Whatever comes in, the answer is a sentence about the input and never a crash."""
        source: Any = bind(cls, examples(cls)[0].settings, "")
        with pytest.raises(Invalid) as caught:
            source.parse(inbound(body))
        assert caught.value.status in (400, 413)

    def test_token_is_asked_for(self, cls: type) -> None:
        """With a token set, a request without it is refused, before the body is looked at."""
        source: Any = bind(cls, {**examples(cls)[0].settings, "token": "the-right-one"}, "")
        for headers in (
            {},
            {"authorization": "Bearer wrong"},
            {"authorization": "Basic !"},
            {"authorization": "Bearer"},
        ):
            with pytest.raises(TocsinError) as caught:
                source.parse(inbound(b"{", headers))
            assert caught.value.status == 401
        for headers in ({"Authorization": "Bearer the-right-one"}, {"authorization": "basic dTp0aGUtcmlnaHQtb25l"}):
            with pytest.raises(Invalid):
                source.parse(inbound(b"{", headers))


@pytest.mark.parametrize("cls", of("tocsin.notifiers"))
def test_a_notifier_fails_only_with_undelivered(cls: type, notice: Notice, capsys: pytest.CaptureFixture[str]) -> None:
    """To a person without any address it either delivers by itself or says what is missing, for good."""
    notifier: Any = bind(cls, examples(cls)[0].settings, "")
    settings = {field.name for field in dataclasses.fields(cls)}
    notifier = dataclasses.replace(notifier, url="") if "url" in settings else notifier
    fault = _fault(notifier, notice)
    if fault is None:
        assert notice.subject in capsys.readouterr().err
    else:
        assert fault.permanent
        assert "Ana" in str(fault)


def _fault(notifier: Notifier, notice: Notice) -> Undelivered | None:
    try:
        notifier.send(notice, Address(name="Ana"), timedelta(seconds=1))
    except Undelivered as error:
        return error
    return None


def _read(cls: type, settings: dict[str, Any]) -> None:
    probe: Any = bind(cls, settings, "")
    probe.read(NOW, timedelta(seconds=1))


@pytest.mark.parametrize("cls", of("tocsin.probes"))
@pytest.mark.parametrize("url", ["", "file:///etc/hostname", "gopher://x", "http://169.254.169.254/", "http://u:p@x/"])
def test_a_probe_that_must_not_ask_has_no_value(cls: type, url: str) -> None:
    """Wrong and forbidden addresses are refused or end in Unread, never in a number."""
    if "url" not in examples(cls)[0].settings:
        return
    with pytest.raises((Unread, Invalid)):
        _read(cls, {**examples(cls)[0].settings, "url": url})


@pytest.mark.parametrize("cls", of("tocsin.executors"))
def test_an_executor_runs_its_examples(cls: type) -> None:
    """Each given command succeeds and prints what is promised."""
    for example in (one for one in examples(cls) if one.given):  # the others need a server: their own tests have it
        env = clean_environment("/usr/bin:/bin", {})
        job = Job(
            kind="shell", command=example.given.decode(), plan=None, env=env, workdir="/", timeout=timedelta(seconds=20)
        )
        executor: Any = bind(cls, example.settings, "")
        outcome = executor.run(job, lambda piece: None, threading.Event())
        assert outcome.status == "succeeded"
        assert tuple(outcome.output.splitlines()) == example.gives


def test_plugins_load_no_heavy_library() -> None:
    """Looking at plugins (for `--help` or `check`) stays fast: HTTP libraries come when something is asked."""
    code = """
import sys
from tocsin.plug import registry, kinds
for name, socket in {"sources": kinds.Source, "notifiers": kinds.Notifier, "probes": kinds.Probe}.items():
    registry.discover("tocsin." + name, socket)
print([name for name in ("httpx2", "httpcore2", "starlette") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def inbound(body: bytes, headers: dict[str, str] | None = None) -> Inbound:
    return Inbound(body=body, headers=headers or {}, received_at=NOW)
