"""The demo's folder: everything that it makes lies in there, and nothing in there is anybody else's."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from tocsin.errors import Invalid, Refused, Unavailable

MARK = ".tocsin-demo"
MADE = ("shop", "logs", "bin", "data", "pids", "secrets", "tocsin.toml", "tocsin.db", "tocsin.db-wal", "tocsin.db-shm")


@dataclass(frozen=True, slots=True)
class Folder:
    """The places in the demo's folder. Held from `claim` until the process ends."""

    root: Path
    lock: int = field(repr=False)

    @property
    def repository(self) -> Path:
        """The shop's git repository, where the runbook's commands run."""
        return self.root / "shop"

    @property
    def logs(self) -> Path:
        """One file for each service."""
        return self.root / "logs"

    @property
    def programs(self) -> Path:
        """The private PATH."""
        return self.root / "bin"

    @property
    def data(self) -> Path:
        """The databases' files."""
        return self.root / "data"

    @property
    def pids(self) -> Path:
        """One file for each process that runs."""
        return self.root / "pids"

    @property
    def config(self) -> Path:
        """The configuration that was written for the demo."""
        return self.root / "tocsin.toml"

    @property
    def database(self) -> str:
        """The address of Tocsin's own database."""
        return f"sqlite://{self.root / 'tocsin.db'}"

    def keep_secret(self, name: str, value: str = "") -> str:
        """A secret in a file that only this user reads; made up where none is given."""
        value = value or secrets.token_urlsafe(24)
        path = self.root / "secrets" / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(value)
        return value

    def release(self) -> None:
        """Let others use the folder."""
        os.close(self.lock)


def claim(root: Path) -> Folder:
    """Make the folder, or empty the one of an earlier demo. Post-mortems of earlier demos stay until overwritten.

    Raises `Invalid` for a folder that is not a demo's, `Refused` while another demo runs in it.
    """
    root = root.absolute()
    try:
        if root.exists() and not root.is_dir():
            raise Invalid(f"{root} is a file.", "Name a folder with --dir.")
        if root.is_dir() and any(root.iterdir()) and not (root / MARK).is_file():
            raise Invalid(f"{root} holds files that are not a demo's.", "Name a new folder with --dir.")
        root.mkdir(parents=True, exist_ok=True, mode=0o755)
        lock = _lock(root)
    except OSError as error:
        raise Unavailable(f"The folder {root} can't be used: {error.strerror}.", "Name another with --dir.") from None
    folder = Folder(root, lock)
    try:
        _empty(folder)
    except OSError as error:
        folder.release()
        raise Unavailable(f"{root} can't be emptied: {error}.", "Name another with --dir.") from None
    return folder


def _lock(root: Path) -> int:
    lock = os.open(root / MARK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise Refused(f"A demo runs in {root} already.", "End it, or name another folder with --dir.") from None
    return lock


def _empty(folder: Folder) -> None:
    for name in MADE:
        path = folder.root / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for name in ("shop", "logs", "bin", "data", "pids"):
        (folder.root / name).mkdir()
    (folder.root / "secrets").mkdir(mode=0o700)
