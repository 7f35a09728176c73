"""What other files of a repository offer by name: scripts of package.json, targets of a Makefile, compose services.

Each reader answers null where the file is not plainly of the shape that it knows: then nothing is said about it.
"""

from __future__ import annotations

import json
import re

_TARGETS = re.compile(r"^(?P<names>[A-Za-z0-9_./-][A-Za-z0-9_./ -]*?)\s*::?(?!=)(?P<rest>.*)$")
_ASSIGNMENT = re.compile(r"^[\w.-]+\s*(?:[:?+!]|::)?=")
_SERVICES = re.compile(r"^services[ ]*:[ ]*(?:#.*)?$")
_KEY = re.compile(
    r"^(?P<indent> +)(?P<quote>[\"']?)(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?P=quote)[ ]*:(?P<rest>(?:[ ].*)?)$"
)


def package_scripts(text: str) -> frozenset[str] | None:
    """The scripts of a package.json; null for one that is no JSON object."""
    try:
        package = json.loads(text)
    except (ValueError, RecursionError):
        return None
    scripts = package.get("scripts", {}) if isinstance(package, dict) else None
    return frozenset(map(str, scripts)) if isinstance(scripts, dict) else None


def make_targets(text: str) -> frozenset[str] | None:
    """The targets of a Makefile; null where includes, patterns or computed names may bring others."""
    found: set[str] = set()
    for line in text.replace("\\\n", " ").split("\n"):
        if line.startswith("\t") or _ASSIGNMENT.match(line):
            continue
        if re.match(r"\s*-?s?include\b|\s*\.DEFAULT\b|define\b", line) or re.match(r"^[^#\s]*[%$][^=]*:(?!=)", line):
            return None
        named = _TARGETS.match(line)
        if named:
            names = named.group("names").split()
            found.update(named.group("rest").split() if names == [".PHONY"] else names)
    return frozenset(found)


def compose_services(text: str) -> frozenset[str] | None:
    """The services of a compose file; null for anything but plain block style.

    A strict scan of indentation, not a reader of YAML: anchors as keys, merges, includes, flow style, tabs and several
    documents are not understood, and said to be so.
    """
    lines = text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n")
    starts = [number for number, line in enumerate(lines) if _SERVICES.match(line)]
    marks = [number for number, line in enumerate(lines) if line.startswith("---")]
    if len(starts) != 1 or len(marks) > 1 or any("\t" in line for line in lines):
        return None
    if any(line.startswith(("include:", "%", "{", "<<")) for line in lines):
        return None
    found: set[str] = set()
    level: int | None = None
    for line in lines[starts[0] + 1 :]:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        if indent == 0:
            break
        level = indent if level is None else level
        if indent < level:
            return None
        if indent == level:
            key = _KEY.match(line)
            if key is None or key.group("rest").strip().startswith(("|", ">")):
                return None
            found.add(key.group("name"))
    return frozenset(found) if found else None
