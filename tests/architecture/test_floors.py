"""The floors of the house: who may import whom."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from project_tree import PACKAGE, ROOT

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the package in this folder."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", LINT, "--no-cache", "--config", str(root / "pyproject.toml")]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_every_module_imports_only_from_floors_below() -> None:
    """The contracts of pyproject.toml hold."""
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout + done.stderr


def test_an_import_from_a_floor_above_is_reported(tmp_path: Path) -> None:
    """The contracts would notice: an arrow from the core to the store breaks them."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "tocsin", ignore=shutil.ignore_patterns("__pycache__", "dist", "templates"))
    labels = tmp_path / "tocsin" / "core" / "labels.py"
    labels.write_text(labels.read_text("utf-8") + "\nimport tocsin.store\nimport sqlite3\n", "utf-8")

    done = lint(tmp_path)

    assert done.returncode != 0
    assert "tocsin.core.labels -> tocsin.store" in done.stdout
    assert "tocsin.core.labels -> sqlite3" in done.stdout
