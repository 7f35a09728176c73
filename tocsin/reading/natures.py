"""What a fence without commands holds: code, a drawing, printed output, plain words; or something nobody can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from tocsin.core.runbook import FencePart, FenceRole
from tocsin.reading.fences import MARKDOWN, Fence
from tocsin.reading.shellwords import knows

TEXTUAL = MARKDOWN | {"", "text", "txt", "plaintext", "plain", "email", "html", "none"}
DRAWN = re.compile(r"[│┌└├┐┘─▼▲╔║]|^\s*\|?\s*v\s*$|-->|<--|^\s*↓", re.MULTILINE)
CONNECTED = re.compile(r"^\s*(?:[│┃|]\s*)+$|^\s*[v↓▼]\s*$", re.MULTILINE)  # lines between the boxes of a drawing
LOGS = re.compile(
    r"^\s*(?:\w*(?:Error|Exception)\b.*:|Traceback|at \S+\(|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:INFO|ERROR|WARN)"
    r"|(?:ERROR|INFO|CRITICAL)[: ][ \t:]*[^\s:]|HTTP/\d)",
    re.MULTILINE,
)
_DRAWINGS = """
mermaid dot graphviz plantuml puml d2 ditaa svgbob bob nomnoml wavedrom
"""
_DIAGRAMS = frozenset(_DRAWINGS.split())
_PRINTED = frozenset(["log", "logs", "output", "out", "csv", "tsv", "http"])
_LANGUAGES = """
json jsonc json5 ndjson jsonl diff patch yaml yml toml ini conf config cfg properties dotenv env editorconfig
xml svg html css scss sass less javascript js jsx mjs typescript ts tsx vue svelte python py python3 pycon
ipython ruby rb erb go golang rust rs java kotlin kt scala groovy gradle c h cpp c++ cxx cc csharp c# cs fsharp
f# vb vbnet php perl pl lua r julia jl haskell hs elixir ex exs erlang erl clojure clj swift objc objective-c
dart zig nim ocaml ml awk sed nginx apache apacheconf caddy caddyfile haproxy varnish vcl dockerfile docker
makefile make cmake hcl terraform tf tfvars bicep jinja jinja2 j2 handlebars mustache liquid graphql gql proto
protobuf thrift avro regex vim tex latex rst asciidoc systemd desktop crontab cron kql kusto spl lucene cypher
sparql mongo mongodb mongosh redis rego cue jsonnet dhall starlark bzl solidity sol abap cobol fortran pascal
matlab wasm asm nasm llvm prisma http-request gherkin feature robot applescript autohotkey tcl lisp scheme
racket prolog puppet pp ansible helm gotemplate apex
"""
_CODE = frozenset(_LANGUAGES.split())
_SENTENCE = re.compile(r"[A-Z][a-z]+ [A-Z]?[a-z]+ |.*[.:,!?]$")
_SAMPLE_LINES = 300


def nature(fence: Fence, seen: frozenset[str] = frozenset()) -> tuple[FencePart, ...]:
    """What each line of a fence without commands is; a tag that says nothing known makes it unknown."""
    if fence.language in _CODE:
        return whole(fence, "code")
    if fence.language in _DIAGRAMS:
        return whole(fence, "diagram")
    if fence.language in _PRINTED:
        return whole(fence, "output")
    if fence.language not in TEXTUAL:
        return whole(fence, "unknown")
    text = sample(fence)
    if DRAWN.search(text):
        return whole(fence, "diagram")
    if LOGS.search(text):
        return whole(fence, "output")
    if fence.language:
        return whole(fence, "text")
    return tuple(_mixed(fence, seen))


def is_sample(fence: Fence) -> bool:
    """Whether a fence shows something and tells nothing to do: a log, a response, a picture of the system."""
    if fence.language.startswith("json") or fence.language in _DIAGRAMS:
        return True
    return all(part.role == "output" for part in nature(fence))


def is_flow(fence: Fence) -> bool:
    """Whether a fence of plain words is a drawing of boxes with lines between them, one below the other."""
    return fence.language in TEXTUAL and len(CONNECTED.findall(sample(fence))) > 1


def sample(fence: Fence) -> str:
    """Enough of a fence to tell what it is."""
    return "\n".join(line.strip()[:300] for line in fence.body[:_SAMPLE_LINES]).strip()


def whole(fence: Fence, role: FenceRole) -> tuple[FencePart, ...]:
    """All lines of a fence, from the first to the last that is not blank, as one part."""
    filled = [index for index, line in enumerate(fence.body) if line.strip()]
    if not filled:
        return ()
    return (FencePart(line=fence.first + filled[0], end_line=fence.first + filled[-1], role=role),)


def _mixed(fence: Fence, seen: frozenset[str]) -> Iterator[FencePart]:
    """An untagged fence of words, in which the lines that look like commands are neither: nobody can tell."""
    filled = [(index, line.strip()) for index, line in enumerate(fence.body) if line.strip()]
    roles: list[tuple[int, FenceRole]] = [
        (index, "unknown" if _like_a_command(line, seen) else "text") for index, line in filled
    ]
    for role, lines in groupby(roles, lambda pair: pair[1]):
        numbers = [index for index, _ in lines]
        yield FencePart(line=fence.first + numbers[0], end_line=fence.first + numbers[-1], role=role)


def _like_a_command(line: str, seen: frozenset[str]) -> bool:
    """Whether a line begins with a program and has an argument that no sentence has."""
    words = line.split()
    return (
        len(words) > 1
        and knows(line, seen)
        and not _SENTENCE.match(line)
        and bool(re.search(r"\s-{1,2}\w|[/.=@:]\w|\w[-_]\w|[|>$]", line))
    )
