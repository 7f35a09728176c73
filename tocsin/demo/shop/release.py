"""The deployed release: the code in the shop's repository, loaded when the shop starts. A restart is a deployment."""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Price = Callable[[Sequence[Mapping[str, Any]], Mapping[str, Any]], int]


@dataclass(frozen=True, slots=True)
class Release:
    """A version and its rule for what a basket costs, in cents."""

    version: str
    price: Price


def load(repository: Path) -> Release:
    """What lies in the repository's working folder now."""
    version = tomllib.loads((repository / "release.toml").read_text("utf-8"))["version"]
    spec = importlib.util.spec_from_file_location("checkout", repository / "checkout.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(repository / "checkout.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Release(str(version), module.price)
