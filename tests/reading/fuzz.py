"""A coverage-guided search for a document that breaks the reader; no test, but a script for whoever has the time.

It needs atheris (https://github.com/google/atheris), which the project itself does not. In an environment of its own:

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install atheris .
    /tmp/fuzz/bin/python -m tests.reading.fuzz -max_total_time=600 [folder of documents to begin with]

All arguments are libFuzzer's. What it finds is written to ``crash-…`` in the working directory; every promise that is
checked here is checked for generated documents by `test_any_input` and `test_accounting` as well.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from tocsin.core.runbook import Runbook
from tocsin.errors import Invalid


def check(data: bytes) -> None:
    """Read any bytes: only `Invalid` is raised, the result survives JSON, ids are unique, no line is two things."""
    from tocsin import wire
    from tocsin.reading import read
    from tocsin.reading.decoding import decode

    try:
        book = read(data, "fuzz.md")
    except Invalid:
        return
    last = decode(data).text.count("\n") + 1
    assert wire.decode(Runbook, wire.encode(book)) == book
    steps = list(book.steps())
    assert _unique(step.id for step in steps)
    assert all(1 <= step.line <= step.end_line <= last for step in steps)
    parts = [part for fence in book.fences for part in fence.parts]
    assert _unique(number for part in parts for number in range(part.line, part.end_line + 1))
    assert all(1 <= part.line <= part.end_line <= last for part in parts)
    told = {number for step in steps if step.kind in ("shell", "sql") for number in range(step.line, step.end_line + 1)}
    assert all(part.line in told for part in parts if part.role == "command")


def _unique(values: Iterable[object]) -> bool:
    listed = list(values)
    return len(set(listed)) == len(listed)


def main() -> None:
    """Search until libFuzzer's limits are reached."""
    import atheris  # type: ignore[import-untyped]  # no dependency of the project

    with atheris.instrument_imports(include=["tocsin.reading"]):
        import tocsin.reading  # noqa: F401
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
