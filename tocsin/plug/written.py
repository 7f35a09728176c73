"""Files that an approved command writes by redirection, kept as evidence of what it found."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from tocsin.core.run import WrittenFile
from tocsin.plug.printed import Printout

MOST_FILES, MOST_READ, KEEP = 10, 8 * 1024 * 1024, 128 * 1024
_PIECE = 256 * 1024
_Look = tuple[int, int, int]


class Written:
    """Looks at these names below a folder now, and again when the command has ended: what changed is what it wrote."""

    def __init__(self, folder: str, names: Iterable[str]) -> None:
        self._folder = Path(folder).resolve()
        below = [name for name in dict.fromkeys(names) if name and self._is_below(name)]
        self._before = {name: _look(self._folder / name) for name in below[:MOST_FILES]}

    def found(self, secrets: Sequence[str]) -> tuple[WrittenFile, ...]:
        """The files that changed since, masked and capped; only ordinary ones, and none through a link."""
        changed = [name for name, before in self._before.items() if before != _look(self._folder / name)]
        files = (self._read(name, secrets) for name in changed if self._is_below(name))
        return tuple(file for file in files if file is not None)

    def _is_below(self, name: str) -> bool:
        if "\0" in name or Path(name).is_absolute():
            return False
        place = self._folder / name
        return (place.parent.resolve() / place.name).is_relative_to(self._folder)

    def _read(self, name: str, secrets: Sequence[str]) -> WrittenFile | None:
        try:
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                return None
            printout, left = Printout(lambda _: None, secrets, KEEP), MOST_READ
            while left > 0 and (data := file.read(min(_PIECE, left))):
                printout.feed(data)
                left -= len(data)
            text = printout.finish()
        return WrittenFile(
            name=name, size=about.st_size, text=text if left > 0 else f"{text}\n… the rest was not read …\n"
        )


def _look(path: Path) -> _Look | None:
    try:
        about = path.lstat()
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns, about.st_size
