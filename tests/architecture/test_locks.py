"""The lock files say what pyproject.toml asks for."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from project_tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def asked(*, everything: bool) -> Iterator[Requirement]:
    """What the project asks for: the bare installation, or that with its extras and groups."""
    wanted = list(PROJECT["project"]["dependencies"])
    if everything:
        for group in (*PROJECT["project"]["optional-dependencies"].values(), *PROJECT["dependency-groups"].values()):
            wanted += group
    yield from map(Requirement, wanted)


def locked(name: str) -> dict[str, list[Version]]:
    """Package → the versions that a lock file pins (several where markers choose)."""
    pins: dict[str, list[Version]] = {}
    for line in (ROOT / "locks" / name).read_text("utf-8").splitlines():
        if found := re.match(r"([\w.-]+)(?:\[[^]]*\])?==(\S+)", line):
            pins.setdefault(canonicalize_name(found[1]), []).append(Version(found[2]))
    return pins


@pytest.mark.parametrize(("name", "everything"), [("run.txt", False), ("dev.txt", True)])
def test_a_lock_fits_what_the_project_asks_for(name: str, everything: bool) -> None:
    """Every requirement is pinned to a version that it allows; after a change: `make lock`."""
    pins = locked(name)

    stale = [
        str(wanted)
        for wanted in asked(everything=everything)
        if not any(version in wanted.specifier for version in pins.get(canonicalize_name(wanted.name), []))
    ]

    assert stale == [], f"run `make lock`: locks/{name} does not fit"


def test_both_locks_agree() -> None:
    """What is tested is what is run."""
    run, dev = locked("run.txt"), locked("dev.txt")

    assert {name: (versions, dev.get(name)) for name, versions in run.items() if dev.get(name) != versions} == {}


def test_every_pin_has_a_hash() -> None:
    """pip and uv refuse a file whose content is not the locked one."""
    for name in ("run.txt", "dev.txt"):
        entries = re.split(r"\n(?=\S)", (ROOT / "locks" / name).read_text("utf-8").strip())
        assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_the_npm_lock_holds_hashes_and_no_addresses() -> None:
    """Every package is pinned by its integrity; `.npmrc` keeps addresses out."""
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    theirs = {name: package for name, package in packages.items() if name}

    assert [name for name, package in theirs.items() if not package.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, package in theirs.items() if "resolved" in package] == []
