"""How long a file and a function may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from project_tree import modules, syntax

FILE_LINES = 400
FUNCTION_LINES = 60

# File → (its own limit, why it may be longer). Keep this short.
LONGER_FILES: dict[str, tuple[int, str]] = {}


def functions(tree: ast.Module) -> Iterator[tuple[str, int, int]]:
    """Name, first line and length of every function, decorators left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_the_budget() -> None:
    """A file that needs more than 400 lines is two files."""
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules()}

    over = {
        name: lines for name, lines in lengths.items() if lines > LONGER_FILES.get(name, (FILE_LINES, ""))[0]
    }  # fmt: skip

    assert not over


def test_no_function_is_longer_than_the_budget() -> None:
    """A function that needs more than 60 lines is two functions."""
    over = [
        f"tocsin/{module}:{line} {name} has {length} lines"
        for module, path in modules()
        for name, line, length in functions(syntax(path))
        if length > FUNCTION_LINES
    ]

    assert not over, "\n".join(over)


def test_the_exceptions_are_needed() -> None:
    """An exception that is no longer used goes."""
    lengths = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules()}

    assert [name for name in LONGER_FILES if lengths.get(name, 0) <= FILE_LINES] == []
