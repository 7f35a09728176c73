"""The files that a command writes by a plain redirection, as far as its text is understood."""

from __future__ import annotations

import re

from tocsin.safety import shell

_PLAIN = re.compile(r"[\w./@%+=:,-]+")


def written(command: str) -> tuple[str, ...]:
    """Names behind ``>`` and ``>>`` that stand there in full: without variables, gaps and patterns."""
    return tuple(dict.fromkeys(name for name in shell.parse(command).writes if _PLAIN.fullmatch(name)))
