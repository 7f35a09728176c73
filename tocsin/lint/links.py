"""Links, images and paths: whether what the document points to is in the repository, and the anchor in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, normpath
from urllib.parse import unquote

from tocsin.core.runbook import Problem
from tocsin.lint.anchors import anchors, anchors_of, wanted
from tocsin.lint.codes import problem
from tocsin.lint.subject import Check, Repository, Subject
from tocsin.reading.blocks import parse
from tocsin.reading.nodes import Block, Line
from tocsin.reading.placeholders import find_placeholders

_SCHEME = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_MARKDOWN = (".md", ".markdown", ".mdx")
_PATH = re.compile(r"^(?:\.{1,2}/)*(?:[\w.-]+/)+[\w.-]+\.[a-z]\w{0,5}$")
_POINTS = re.compile(
    r"\b(?:see|follow|read|refer to|consult|described in|documented in|according to)\W*$", re.IGNORECASE
)
_GENERATED = frozenset(
    {"node_modules", "dist", "build", "out", "target", "coverage", "tmp", "temp", "logs", "log", "backups", "backup"}
    | {".venv", "venv", ".next", ".cache", ".git", ".terraform", "vendor", "data"}
)
_OF_THE_SITE = frozenset(
    {"issues", "pull", "pulls", "wiki", "actions", "releases", "discussions", "security", "settings", "tree", "blob"}
    | {"compare", "projects", "deployments", "milestones", "labels", "commits", "commit", "network", "graphs", "raw"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    """One place that points somewhere; ``code``: a path in inline code, which may mean a file of another system."""

    target: str
    line: int
    code: bool = False
    pointed: bool = False


def dead_links(subject: Subject) -> Iterator[Problem]:
    """Links and images to files that are not there, and to anchors that the file does not have."""
    if not any("](" in line or "]:" in line or "`" in line for line in subject.lines):
        return
    document = parse("\n".join(subject.lines))
    own = anchors_of(document)
    for reference in _references(document.blocks):
        path, _, fragment = reference.target.partition("#")
        if not path and not reference.code:
            if fragment and wanted(fragment) not in own:
                yield _no_anchor(reference, fragment, own, "this document")
        elif subject.repository is not None:
            yield from _file(reference, path.partition("?")[0], fragment, subject.repository)


def resolve(folder: str, target: str) -> str | None:
    """A path from the root of the repository (``""`` is the root itself); None where it leads out of it."""
    if target.startswith("/"):
        folder, target = "", target.lstrip("/")
    path = normpath(f"{folder}/{target}" if folder else target or ".")
    if path == ".." or path.startswith(("../", "/")):
        return None
    return "" if path == "." else path


def _file(reference: _Reference, target: str, fragment: str, repository: Repository) -> Iterator[Problem]:
    folder = dirname(repository.path)
    if reference.code:
        yield from _named_in_code(reference, target, folder, repository)
        return
    path = resolve(folder, unquote(target))
    if path is None:
        if not _OF_THE_SITE & set(target.split("/")):
            yield problem(
                "dead-link", reference.line, f"The link {target} leads out of the repository.",
                "Link to a file of the repository, or write the whole address.",
            )  # fmt: skip
        return
    found = _there(path, repository)
    if found is None:
        if not (target.startswith("/") and "." not in path.rsplit("/", 1)[-1]):
            yield problem(
                "dead-link", reference.line, f"The link leads to {path or '/'}, which is not in the repository.",
                "Mend the path, or write what the reader needs to know here.",
            )  # fmt: skip
    elif fragment and found.lower().endswith(_MARKDOWN):
        text = repository.files.text(found)
        if text is not None and wanted(fragment) not in (there := anchors(text)):
            yield _no_anchor(reference, fragment, there, found)


def _there(path: str, repository: Repository) -> str | None:
    """The file that a link means: the path itself, or what a documentation site serves under it."""
    if repository.files.exists(path):
        return path
    if "." in path.rsplit("/", 1)[-1] and not path.endswith(".html"):
        return None
    stem = path.removesuffix(".html").rstrip("/")
    served = (f"{stem}.md", f"{stem}.mdx", f"{stem}/index.md", f"{stem}/README.md")
    return next((each for each in served if repository.files.exists(each)), None)


def _named_in_code(reference: _Reference, target: str, folder: str, repository: Repository) -> Iterator[Problem]:
    """A path in inline code counts only where it is plainly one of this repository: its folder is there."""
    first = target.removeprefix("./").split("/", 1)[0]
    if first in _GENERATED or target.rsplit("/", 1)[-1].startswith(".env"):
        return
    tried = [path for path in (resolve("", target), resolve(folder, target)) if path is not None]
    if any(repository.files.exists(path) for path in tried):
        return
    followed = reference.pointed and target.lower().endswith(_MARKDOWN)
    if followed or (first not in (".", "..") and repository.files.exists(first)):
        yield problem(
            "dead-link", reference.line, f"There is no file {target} in the repository.",
            "Mend the path, or write what the reader needs to know here.",
            level="error" if followed else "warning",
        )  # fmt: skip


def _no_anchor(reference: _Reference, fragment: str, there: frozenset[str], where: str) -> Problem:
    loose = re.sub(r"\W|_", "", wanted(fragment))
    near = next((name for name in sorted(there) if re.sub(r"\W|_", "", name) == loose), "")
    return problem(
        "dead-link", reference.line, f"The link leads to #{fragment}, and {where} has no heading of that name.",
        f"Write #{near}, which is that heading's anchor." if near else "Name a heading that is there.",
        level="warning",
    )  # fmt: skip


def _references(blocks: tuple[Block, ...]) -> Iterator[_Reference]:
    for block in blocks:
        if block.kind not in ("fence", "html"):
            for line in block.lines:
                yield from _of_line(line)
        yield from _references(block.children)


def _of_line(line: Line) -> Iterator[_Reference]:
    said, last = "", ""
    for span in line.spans:
        text = span.text.strip()
        if span.target:
            if span.target != last and _can_be_looked_up(span.target):
                yield _Reference(target=span.target, line=span.line)
        elif span.code and _PATH.match(text) and not find_placeholders(text, command=True):
            yield _Reference(target=text, line=span.line, code=True, pointed=bool(_POINTS.search(said[-40:])))
        said, last = (said + span.text)[-80:], span.target


def _can_be_looked_up(target: str) -> bool:
    return not (_SCHEME.match(target) or find_placeholders(unquote(target)) or target.startswith(("~", "{", "$", "<")))


CHECKS: tuple[Check, ...] = (dead_links,)
