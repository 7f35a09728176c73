"""The shop's git repository: three releases that work, and the one that doesn't."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tocsin.demo.interrupts import held
from tocsin.errors import Unavailable
from tocsin.times import SystemClock

_README = """# The corner shop

`checkout.py` says what a basket costs, `release.toml` names the release.
Whatever lies here when the shop starts is live.
"""

_CHECKOUT = '''"""What a basket costs, in cents."""

SHIPPING = 490
{constants}

def price(basket, customer):
    goods = sum(item["cents"] * item["count"] for item in basket)
{body}
'''


@dataclass(frozen=True, slots=True)
class Release:
    """One commit: its message, its version, the code of its checkout, and how old it is."""

    says: str
    version: str
    constants: str
    body: str
    age: timedelta

    def files(self) -> Mapping[str, str]:
        """What the repository holds at this commit."""
        checkout = _CHECKOUT.format(constants=self.constants, body=self.body)
        return {"README.md": _README, "checkout.py": checkout, "release.toml": f'version = "{self.version}"\n'}


_FREE = "FREE_SHIPPING_FROM = 5000\n"
_SHIP = "    return goods if goods >= FREE_SHIPPING_FROM else goods + SHIPPING"
GOOD = (
    Release("Open the shop", "1.0", "", "    return goods + SHIPPING", timedelta(days=16)),
    Release("Ship for free from 50.00", "1.1", _FREE, _SHIP, timedelta(days=9)),
    Release(
        "Wrap gifts for 3.00",
        "1.2",
        _FREE + "WRAPPING = 300\n",
        '    if customer.get("gift"):\n        goods += WRAPPING\n' + _SHIP,
        timedelta(days=2),
    ),
)
BAD = Release(
    "Give loyal customers a discount",
    "1.3",
    _FREE + "WRAPPING = 300\nHIGHEST_DISCOUNT = 0.1\n",
    '    usual = customer["spent"] / customer["orders"]\n'
    "    goods -= int(goods * min(HIGHEST_DISCOUNT, usual / 100_000))\n"
    '    if customer.get("gift"):\n        goods += WRAPPING\n' + _SHIP,
    timedelta(0),
)
"""Divides by the number of earlier orders, which is zero for whoever is new: it passed every test with regulars."""


class Repository:
    """A git repository of the demo's own. The user's git configuration has no say in what is made here."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def create(self, now: datetime) -> None:
        """Start the history with the releases that work."""
        self._git(now, "-c", "init.defaultBranch=main", "init", "--quiet")
        # The runbook's own `git revert` runs later with the user's configuration, so what it needs is kept in here.
        for setting in (
            "user.name=Rosa", "user.email=rosa@shop.example", "commit.gpgSign=false", "core.hooksPath=/dev/null",
            "core.autocrlf=false", "gc.auto=0", "maintenance.auto=false",
        ):  # fmt: skip
            self._git(now, "config", *setting.split("=", 1))
        for release in GOOD:
            self.commit(release, now)

    def commit(self, release: Release, now: datetime) -> str:
        """Put a release on top; its short id."""
        for name, text in release.files().items():
            (self.path / name).write_text(text, "utf-8")
        at = now - release.age
        self._git(at, "add", "--all")
        self._git(at, "commit", "--quiet", "--message", release.says)
        return self._git(at, "rev-parse", "--short", "HEAD").strip()

    def history(self) -> list[str]:
        """The commits, the newest first."""
        return self._git(SystemClock().now(), "log", "--oneline").splitlines()

    def live(self) -> str:
        """The version that a start of the shop would bring up now."""
        return str(tomllib.loads((self.path / "release.toml").read_text("utf-8"))["version"])

    def take_back(self) -> None:
        """Undo the newest commit by another one."""
        self._git(SystemClock().now(), "revert", "--no-edit", "HEAD")

    def _git(self, at: datetime, *words: str) -> str:
        git = shutil.which("git")
        if git is None:
            raise Unavailable("The demo's shop lives in a git repository, and git is not on PATH.", "Install git.")
        stamp = at.isoformat(timespec="seconds")
        env = {
            "PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.path), "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CEILING_DIRECTORIES": str(self.path.parent), "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp,
        }  # fmt: skip
        with held():  # git that is left alone writes on, git that is killed leaves its lock behind
            done = subprocess.run(
                [git, *words], cwd=self.path, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                check=False,
            )  # fmt: skip
        if done.returncode:
            raise Unavailable(f"git {words[0]} failed in {self.path}: {done.stderr.strip()}")
        return done.stdout
