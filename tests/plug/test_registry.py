"""Discovery, binding and description of plugins."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import pytest

from tocsin.errors import Invalid
from tocsin.plug.kinds import NO_SECRET, Executor, Notifier, Probe, Secret, Source
from tocsin.plug.registry import bind, describe, discover

WHERE = "tocsin.toml: [notifiers.mail]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One line about it.

    More about it.
    """

    host: Annotated[str, "Where it is"]
    port: Annotated[int, "TCP port"] = 25
    mode: Literal["fast", "safe"] = "safe"
    wait: timedelta = timedelta(seconds=90)
    token: Secret = NO_SECRET
    keys: Mapping[str, Secret] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    ratio: float | None = None
    _state: list[int] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        if self.port == 13:
            raise ValueError("port 13 brings bad luck.")


class TestBind:
    def test_values_get_their_types(self) -> None:
        """Durations and secrets are made from text, lists become tuples, whole numbers do for fractions."""
        table = {
            "host": "h", "wait": "1m 30s", "token": "s3cret", "keys": {"a": "k"}, "tags": ["x", "y"], "ratio": 1,
            "mode": "fast",
        }  # fmt: skip
        sample = bind(Sample, table, WHERE)
        assert sample == Sample(
            host="h", wait=timedelta(seconds=90), token=Secret("s3cret"), keys={"a": Secret("k")}, tags=("x", "y"),
            ratio=1.0, mode="fast",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("table", "message"),
        [
            ({"host": "h", "port": "25"}, f"{WHERE} port: port must be a whole number, not text. Write port = 3."),
            ({"host": "h", "prot": 25}, f"{WHERE}: there is no setting 'prot'. Did you mean 'port'?"),
            ({"host": "h", "zzz": 1}, "Known are: host, port"),
            ({"port": 25}, f"{WHERE}: host is missing."),
            ({"host": "h", "wait": 90}, f"{WHERE} wait: a duration is text with a unit, not 90."),
            ({"host": "h", "wait": "soon"}, f"{WHERE} wait: 'soon' is not a duration"),
            ({"host": "h", "mode": "fats"}, f"{WHERE} mode: 'fats' is not one of 'fast', 'safe'. Did you mean 'fast'?"),
            ({"host": "h", "token": 5}, f"{WHERE} token: a secret is text."),
            ({"host": "h", "keys": {"a": 5}}, f"{WHERE} keys.a: a secret is text."),
            ({"host": "h", "tags": ["x", 2]}, f"{WHERE} tags: each entry of tags must be text, not a whole number."),
            ({"host": "h", "port": True}, f"{WHERE} port: port must be a whole number, not true or false."),
            ({"host": "h", "port": 13}, f"{WHERE}: port 13 brings bad luck."),
            ({"host": "h", "_state": []}, "there is no setting '_state'"),
        ],
    )
    def test_faults_name_their_place(self, table: dict[str, object], message: str) -> None:
        """One sentence: file, table, setting, what is wrong, what to do."""
        with pytest.raises(Invalid) as caught:
            bind(Sample, table, WHERE)
        assert message in str(caught.value)

    def test_secrets_do_not_show(self) -> None:
        """Neither the instance nor an error about it tells a secret."""
        sample = bind(Sample, {"host": "h", "token": "s3cret-value"}, WHERE)
        assert "s3cret" not in repr(sample)
        assert "s3cret" not in f"{sample.token}"


class TestDescribe:
    def test_tells_what_forms_and_documents_need(self) -> None:
        """Name, docstring and settings with type, default and meaning, in order; state and secrets stay inside."""
        found = describe(Sample)
        assert (found.name, found.summary) == ("Sample", "One line about it.")
        assert "More about it." in found.text
        rows = {setting.name: (setting.type, setting.required, setting.default) for setting in found.settings}
        assert rows == {
            "host": ("text", True, ""), "port": ("whole number", False, "25"),
            "mode": ("one of fast, safe", False, "safe"), "wait": ("duration", False, "1 min 30 s"),
            "token": ("secret", False, ""), "keys": ("table of secret", False, ""), "tags": ("list of text", False, ""),
            "ratio": ("number", False, ""),
        }  # fmt: skip
        assert found.settings[0].description == "Where it is"
        assert [setting.name for setting in found.settings if setting.secret] == ["token", "keys"]


class TestDiscover:
    @pytest.mark.parametrize(
        ("package", "socket", "kinds"),
        [
            ("tocsin.sources", Source, {"alertmanager", "generic"}),
            ("tocsin.notifiers", Notifier, {"console", "smtp", "webhook"}),
            ("tocsin.executors", Executor, {"local", "manual", "sql", "ssh"}),
            ("tocsin.probes", Probe, {"prometheus", "scrape", "http"}),
        ],
    )
    def test_finds_ours(self, package: str, socket: type, kinds: set[str]) -> None:
        """Each file of the four folders is a plugin, called as its file."""
        assert kinds <= set(discover(package, socket))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("x = 1", "this one defines none"),
            ("{0}class One:{1}{0}class Two:{1}", "One and Two"),
            ("class Loose:{1}", "this one defines none"),
            ("import no_such_module_anywhere", "can't be imported: ModuleNotFoundError"),
        ],
    )
    def test_a_file_that_is_no_plugin_is_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
    ) -> None:
        """No plugin, two plugins, one that is not frozen, one that can't be imported: a sentence with the file."""
        frozen = "import dataclasses\n@dataclasses.dataclass(frozen=True)\n"
        package = _package(tmp_path, monkeypatch, broken=text.format(frozen, "\n def read(self): ...\n"))
        with pytest.raises(Invalid, match=message) as caught:
            discover(package, Probe)
        assert "broken" in str(caught.value)

    def test_imported_names_and_hidden_files_do_not_count(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only what a file itself defines is its plugin; files that begin with _ are none."""
        own = "from tocsin.probes.http import Http\nimport dataclasses\n"
        own += "@dataclasses.dataclass(frozen=True)\nclass Mine:\n def read(self): ...\n"
        package = _package(tmp_path, monkeypatch, mine=own, _hidden="x = 1")
        assert [cls.__name__ for cls in discover(package, Probe).values()] == ["Mine"]

    def test_installed_packages_bring_plugins(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An entry point of the group is a plugin like ours; one that is broken is named with its package."""
        package = _package(tmp_path, monkeypatch)
        info = tmp_path / "extra_probe-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: extra-probe\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{package}]\nextra = tocsin.probes.http:Http\n")
        assert list(discover(package, Probe)) == ["extra"]
        other = _package(tmp_path, monkeypatch)
        (info / "entry_points.txt").write_text(f"[{other}]\nextra = no_such_module_anywhere:Http\n")
        with pytest.raises(Invalid, match=r"extra of extra-probe: can't be loaded: ModuleNotFoundError"):
            discover(other, Probe)


def _package(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> str:
    name = f"plugins_{len(list(folder.iterdir()))}_{folder.name}".replace("-", "_")
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text("")
    for file, text in files.items():
        (folder / name / f"{file}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name
