"""The reference pages say what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from tests.cli.terminal import ROOT, environment
from tocsin.plug import registry
from tocsin.plug.kinds import Executor, Notifier, Probe, Source
from tocsin.service.catalogue import CATALOGUE
from tocsin.settings import read_settings, shapes

REFERENCE = ROOT / "docs" / "reference"
SPLIT = {"target": (shapes.TargetTable,), "targets": (shapes.NamedTargetTable,)}
CONFIGURATION = (REFERENCE / "configuration.md").read_text("utf-8")


def test_the_pages_are_as_the_program_makes_them() -> None:
    """After a change of help or settings: `python docs/reference.py`."""
    command = [sys.executable, str(ROOT / "docs" / "reference.py"), "--check"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


def test_every_table_and_key_of_the_configuration_is_described() -> None:
    """Whatever the settings take stands in the page, with a meaning."""
    for table in msgspec.structs.fields(shapes.File):
        section = re.search(rf"^## `\[{table.name}\b.*?(?=^## |\Z)", CONFIGURATION, re.MULTILINE | re.DOTALL)
        assert section, table.name
        for struct in (*_structs(get_type_hints(shapes.File)[table.name]), *SPLIT.get(table.name, ())):
            for key in msgspec.structs.fields(struct):
                assert re.search(rf"^\| `{key.name}` \|.*\| \S[^|]+\|$", section[0], re.MULTILINE), key.name


def _structs(hint: object) -> list[type[msgspec.Struct]]:
    kinds = [hint, *getattr(hint, "__args__", ())]
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]


@pytest.mark.parametrize(
    ("package", "socket"),
    [
        ("tocsin.notifiers", Notifier),
        ("tocsin.probes", Probe),
        ("tocsin.executors", Executor),
        ("tocsin.sources", Source),
    ],
)
def test_every_plugin_is_described_with_its_settings(package: str, socket: type) -> None:
    """A new notifier or probe has its section and its keys."""
    key = "probe" if socket is Probe else "kind"
    for kind, cls in registry.discover(package, socket).items():
        sections = re.findall(rf'^### `{key} = "{kind}"`.*?(?=^##|\Z)', CONFIGURATION, re.MULTILINE | re.DOTALL)
        assert sections, kind
        wanted = {f"| `{setting.name}` |" for setting in registry.describe(cls).settings}
        assert any(all(row in section for row in wanted) for section in sections), kind


@pytest.mark.parametrize("page", ["reference/configuration.md", "how-to/run-tocsin.md"])
def test_the_example_configurations_are_taken_as_they_stand(page: str, tmp_path: Path) -> None:
    """Whoever copies one has something that works."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    (tmp_path / "tocsin.toml").write_text(text.partition("```toml\n")[2].partition("```")[0])
    secrets = {"ANA_TOKEN": "0123456789abcdef", "MAIL_PASSWORD": "x", "CHAT_SECRET": f"whsec_{'AAAA' * 10}"}
    found = read_settings(tmp_path / "tocsin.toml", secrets)

    assert [person.name for person in found.directory.people.values()] == ["Ana"]
    assert len(found.signals) == 1
    assert "#incidents" in found.directory.channels


def test_every_move_has_its_section() -> None:
    """The reference of the command line is whole."""
    page = (REFERENCE / "cli.md").read_text("utf-8")

    assert [name for name in CATALOGUE if f"## tocsin incident {name}\n" not in page] == []
