"""Write ``docs/reference/verdicts.md`` from the specs and from our own examples: ``python docs/verdicts.py``.

With ``--check`` nothing is written, and the exit code says whether it is as it should be.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the examples are those that the tests run, and tests are no part of the package

from tests.safety.commands import CHANGES, READS, UNKNOWNS  # noqa: E402
from tocsin.safety import classify  # noqa: E402
from tocsin.safety.specs import parse_effects  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "verdicts.md"
SPECS = ROOT / "tocsin" / "safety" / "specs"
HEAD = """# Verdicts by example

<!-- Made by `python docs/verdicts.py` from the specs and from the examples of the tests. -->

What Tocsin says about commands as runbooks hold them. [What is proved about a command](../explanation/safety.md) says
how to read it; `tocsin classify -- 'COMMAND'` says it about any other command.

A form that is not described is `unknown`, and asks a person. `<…>` is a placeholder.
"""
FAMILIES = {
    "containers.toml": "Containers and clusters",
    "clouds.toml": "Clouds",
    "data.toml": "Databases, queues and stores",
    "files.toml": "Files and text",
    "git.toml": "git",
    "host.toml": "The machine",
    "network.toml": "The network",
    "platforms.toml": "Platforms, packages and GitHub",
    "tools.toml": "Tools around services",
    "": "The shell, and the rest",
}


def families() -> dict[str, str]:
    """The spec file of each program."""
    found: dict[str, str] = {}
    for path in sorted(SPECS.glob("*.toml")):
        if path.name not in FAMILIES:
            continue
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        effects = [*parse_effects(content.get("changing", ""), "change")]
        effects += parse_effects(content.get("unproven", ""), "unknown")
        programs = [key for key, value in content.items() if isinstance(value, dict)]
        found |= dict.fromkeys([*programs, *effects], path.name)
    return found


def rows() -> Iterator[tuple[str, str]]:
    """The family and the row of each example, in the order of the families and of the examples."""
    known = families()
    for command, _ in sorted([*READS, *CHANGES, *UNKNOWNS], key=lambda example: example[0].split()[0]):
        verdict = classify("shell", command)
        words = command.split()
        program = words[1] if words[0] in ("sudo", "time") and len(words) > 1 else words[0]
        cells = (code(command), verdict.word, ", ".join(verdict.traits), text(verdict.why))
        yield known.get(program, ""), f"| {' | '.join(cells)} |"


def code(command: str) -> str:
    """A command as code in a cell."""
    shown = " ⏎ ".join(command.split("\n")).replace("|", "\\|")
    fence = "``" if "`" in shown else "`"
    return f"{fence}{shown}{fence}"


def text(why: str) -> str:
    """A sentence in a cell: no signs that a table or a page would take for its own."""
    bare = why.removeprefix("Every word is known: ").removeprefix("It changes something: ")
    bare = bare.removeprefix("It is not proved to only read, because ")
    return bare.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def page() -> str:
    """The whole page."""
    found = list(rows())
    parts = [HEAD]
    for file, title in FAMILIES.items():
        own = [row for family, row in found if family == file]
        if own:
            parts.append(
                f"\n## {title}\n\n| command | verdict | traits | why |\n|---|---|---|---|\n" + "\n".join(own) + "\n"
            )
    return "".join(parts)


def main() -> int:
    """Write the page, or compare it."""
    made = page()
    if "--check" in sys.argv:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
