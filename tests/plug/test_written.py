"""Files that a command writes: found, masked, capped, and never anything else than what it wrote below its folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tocsin.plug.written import KEEP, MOST_READ, Written
from tocsin.safety.writing import written


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("curl -s http://127.0.0.1/metrics > metrics.txt", ("metrics.txt",)),
        ("ovenctl list >> logs/ovens.txt && ovenctl temperature 2> errors.txt", ("logs/ovens.txt", "errors.txt")),
        ("ovenctl list > /dev/null 2>&1", ()),
        ('ovenctl list > "$FILE"', ()),
        ("ovenctl list", ()),
        ("for each in a b; do (((", ()),
    ],
)
def test_names_stand_in_the_text(command: str, names: tuple[str, ...]) -> None:
    """Only plain ones, in their order."""
    assert written(command) == names


def test_only_what_changed_is_kept(tmp_path: Path) -> None:
    """A file that lay there before and was left alone is no evidence of this run."""
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "grown.txt").write_text("one\n")
    watching = Written(str(tmp_path), ["old.txt", "grown.txt", "new.txt", "never.txt"])
    with (tmp_path / "grown.txt").open("a") as file:
        file.write("two\n")
    (tmp_path / "new.txt").write_text("the key is flour-and-water-77\n")
    found = {file.name: file.text for file in watching.found(["flour-and-water-77"])}
    assert found.keys() == {"grown.txt", "new.txt"}
    assert found["grown.txt"] == "one\ntwo\n"
    assert "flour-and-water-77" not in found["new.txt"]


def test_nothing_outside_of_the_folder_is_read(tmp_path: Path) -> None:
    """Neither by name nor through a link nor from a pipe, which would never end."""
    folder = tmp_path / "work"
    folder.mkdir()
    (tmp_path / "out").mkdir()
    (folder / "link").symlink_to(tmp_path / "out")
    names = ["../secret.txt", str(tmp_path / "secret.txt"), "link/secret.txt", "direct.txt", "pipe.txt"]
    watching = Written(str(folder), names)
    for place in ("secret.txt", "out/secret.txt"):
        (tmp_path / place).write_text("secret")
    (folder / "direct.txt").symlink_to(tmp_path / "secret.txt")
    os.mkfifo(folder / "pipe.txt")
    assert watching.found([]) == ()


def test_a_large_file_is_cut(tmp_path: Path) -> None:
    """Its size is told in full."""
    watching = Written(str(tmp_path), ["big.txt"])
    (tmp_path / "big.txt").write_bytes(b"0123456789abcde\n" * (MOST_READ // 16 + 5))
    (file,) = watching.found([])
    assert file.size == MOST_READ + 80
    assert len(file.text) < KEEP + 200
    assert "left out" in file.text
    assert file.text.endswith("… the rest was not read …\n")
