"""A second reading of shell text, by a parser that shares nothing with ours: where the two differ, nothing is proved.

The parser is tree-sitter with its grammar of bash. It never makes anything provable. It has blind spots of its own
(continued lines inside quotes, ``${x@P}``), which our own reading refuses; see `docs/decisions`, 0018.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from tocsin.core.run import Word
from tocsin.safety.lexer import GAP
from tocsin.safety.shell import Script

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_STAND_IN = "GAPGAP"
"""What the parser sees for a placeholder; one plain word, as a filled and quoted placeholder is."""
_VARIABLE = "\0"
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r'\\([$`"\\])')
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_JOINTS = frozenset({"|", "&&", "||", ";", "\n"})
_BRACKETS = frozenset({"(", ")", "{", "}", "do", "done"})
_PIECES = frozenset({"word", "number", "string", "raw_string", "simple_expansion", "expansion", "concatenation"})


class _Strange(Exception):
    """The tree holds something that our own reading doesn't know."""


@dataclass(slots=True)
class _Seen:
    """What the parser found: each command's words, and each redirection."""

    commands: list[list[str]] = field(default_factory=list)
    redirections: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)


def disagreement(text: str, script: Script) -> str:
    """A sentence where another parser reads this text differently; empty where both agree."""
    try:
        seen = _read(text.replace(GAP, _STAND_IN))
    except ImportError:
        return "the second reader of shell text is not installed"
    except _Strange as strange:
        return f"two readings of this text disagree: another parser finds {strange}"
    written = [each for chain in script.chains for each in chain.commands if each.spans]
    ours = [[_flat(word) for word in each.words[: len(each.spans)]] for each in written]
    if seen.commands != ours:
        return f"two readings of this text disagree: {_difference(seen.commands, ours)}"
    if [lines.replace(GAP, _STAND_IN) for lines in script.inputs] != seen.inputs:
        return "two readings of this text disagree about the lines that a command gets as its input"
    if seen.sets != [each for command in written for each in command.sets]:
        return "two readings of this text disagree about a variable that is set for a command"
    redirections = [sign.operator + _flat(sign.word) for sign in script.signs if sign.operator]
    if sorted(seen.redirections) != sorted(redirections):
        return "two readings of this text disagree about where its input comes from or its output goes"
    return ""


def _flat(word: Word) -> str:
    parts = (part if isinstance(part, str) else f"{_VARIABLE}{part.name}{_VARIABLE}" for part in word)
    return "".join(parts).replace(GAP, _STAND_IN)


def _difference(theirs: list[list[str]], ours: list[list[str]]) -> str:
    if len(theirs) != len(ours):
        return f"it holds {len(ours)} commands or {len(theirs)}"
    for their, our in zip(theirs, ours, strict=True):
        for one, other in zip([*their, ""], [*our, ""], strict=False):
            if one != other:
                return f"`{_shown(other)}` is `{_shown(one)}` to the other"
    return "its words differ"


def _shown(text: str) -> str:
    plain = " ".join(re.sub(f"{_VARIABLE}(.*?){_VARIABLE}", r"$\1", text).replace(_STAND_IN, "<…>").split())
    return plain if len(plain) <= 40 else f"{plain[:39]}…"


@cache
def _parser() -> Parser:
    # Loaded when the first command seems proved: most texts never get that far.
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def _read(text: str) -> _Seen:
    tree = _parser().parse(text.encode())
    if tree.root_node.has_error:
        raise _Strange("an error")
    seen = _Seen()
    _statement(tree.root_node, seen)
    return seen


def _statement(node: Node, seen: _Seen) -> None:
    kind = node.type
    if kind == "command":
        seen.commands.append(_command(node, seen))
    elif kind == "test_command":
        seen.commands.append(list(_leaves(node)))
    elif kind == "redirected_statement":
        _redirected(node, seen)
    elif kind in ("program", "list", "pipeline", "subshell", "compound_statement", "do_group"):
        for child in node.children:
            if child.type not in _JOINTS | _BRACKETS and child.type != "comment":
                _statement(child, seen)
    elif kind == "for_statement":
        _for(node, seen)
    elif kind == "while_statement":
        _while(node, seen)
    else:
        raise _Strange(f"`{_shown(_source(node))}` ({kind.replace('_', ' ')})")


def _for(node: Node, seen: _Seen) -> None:
    """The body once for each value, as the other reading takes it."""
    words = [child for child in node.children if child.type not in _JOINTS]
    if [child.type for child in (*words[:3], words[-1])] != ["for", "variable_name", "in", "do_group"]:
        raise _Strange(f"`{_shown(_source(node))}` (a loop)")
    name = f"{_VARIABLE}{_source(words[1])}{_VARIABLE}"
    for value in map(_word, words[3:-1]):
        inner = _Seen()
        _statement(words[-1], inner)
        seen.commands += [[word.replace(name, value) for word in command] for command in inner.commands]
        seen.redirections += inner.redirections
        seen.sets += inner.sets
        seen.inputs += inner.inputs


def _while(node: Node, seen: _Seen) -> None:
    """An endless loop, taken once."""
    words = [child for child in node.children if child.type not in _JOINTS]
    if [child.type for child in words] != ["while", "command", "do_group"] or _source(words[1]) not in ("true", ":"):
        raise _Strange(f"`{_shown(_source(node))}` (a loop)")
    _statement(words[2], seen)


def _redirected(node: Node, seen: _Seen) -> None:
    for child in node.children:
        if child.type == "heredoc_redirect":
            _lines(child, seen)
        elif child.type in ("file_redirect", "herestring_redirect"):
            seen.redirections.append(_redirection(child))
        else:
            _statement(child, seen)


def _lines(node: Node, seen: _Seen) -> None:
    """``<<END`` and its lines; what follows on the first line stands inside this node, too."""
    dashed, body = False, ""
    for child in node.children:
        if child.type == "heredoc_body":
            if any(each.type != "heredoc_content" for each in child.children):
                raise _Strange("a computation in the lines that a command gets as its input")
            body = _source(child)
        elif child.type in ("file_redirect", "herestring_redirect"):
            seen.redirections.append(_redirection(child))
        elif child.type == "pipeline" or child.type not in ("<<", "<<-", "heredoc_start", "heredoc_end", *_JOINTS):
            _statement(child, seen)
        dashed = dashed or child.type == "<<-"
    seen.inputs.append(re.sub(r"(?m)^\t+", "", body) if dashed else body)


def _command(node: Node, seen: _Seen) -> list[str]:
    words: list[str] = []
    end = -1
    for child in node.children:
        if child.type == "command_name":
            words += [_word(piece) for piece in child.children]
        elif child.type in ("file_redirect", "herestring_redirect"):
            seen.redirections.append(_redirection(child))
        elif child.type == "variable_assignment":
            seen.sets.append(_source(child))
        elif child.start_byte == end:  # nothing between them: this parser has cut a word in two
            words[-1] = _joined(words[-1], child)
        else:
            words.append(_word(child))
        end = child.end_byte
    return words


def _joined(word: str, rest: Node) -> str:
    """A word with its other half; ``$A:$B/c`` is cut between the second ``$`` and its name."""
    name = _NAME.match(_source(rest)) if word.endswith("$") and rest.type == "word" else None
    if name is None:
        return word + _word(rest)
    return f"{word[:-1]}{_VARIABLE}{name.group()}{_VARIABLE}{_word(rest)[name.end() :]}"


def _redirection(node: Node) -> str:
    return "".join(_source(child) if not child.is_named else _word(child) for child in node.children)


def _word(node: Node) -> str:
    kind = node.type
    if kind == "concatenation":
        return "".join(map(_word, node.children))
    if kind in ("word", "number", "file_descriptor"):
        if node.named_child_count:
            raise _Strange(f"`{_shown(_source(node))}` (something inside a word)")
        return _ESCAPED.sub(_unescape, _source(node))
    if kind == "raw_string":
        return _source(node)[1:-1]
    if kind == "string":
        return _string(node)
    if kind in ("simple_expansion", "expansion"):
        return _variable(node)
    if not node.is_named and kind in ("$", "=", "==", "=~", "[", "]", "!", "-", "+", ":"):
        return _source(node)
    raise _Strange(f"`{_shown(_source(node))}` ({kind.replace('_', ' ')})")


def _unescape(match: re.Match[str]) -> str:
    return "" if match.group(1) == "\n" else match.group(1)


def _string(node: Node) -> str:
    """A double-quoted text. Blanks between its parts belong to no node, so they are taken from the source."""
    source, start = _bytes(node), node.start_byte
    out, at = "", 1
    for child in node.children[1:-1]:
        begin, end = child.start_byte - start, child.end_byte - start
        out += _quoted(source[at:begin])
        out += _variable(child) if child.type in ("simple_expansion", "expansion") else _plain(child, source[begin:end])
        at = end
    return out + _quoted(source[at:-1])


def _plain(node: Node, source: bytes) -> str:
    if node.type != "string_content" and node.is_named:
        raise _Strange(f"`{_shown(_source(node))}` ({node.type.replace('_', ' ')}) inside quotes")
    return _quoted(source)


def _quoted(source: bytes) -> str:
    return _ESCAPED_IN_QUOTES.sub(r"\1", source.decode())


def _variable(node: Node) -> str:
    names = [child for child in node.children if child.is_named]
    marks = [child.type for child in node.children if not child.is_named]
    if [name.type for name in names] != ["variable_name"] or marks not in (["$"], ["${", "}"]):
        raise _Strange(f"`{_shown(_source(node))}` (a computation)")
    return f"{_VARIABLE}{_source(names[0])}{_VARIABLE}"


def _leaves(node: Node) -> Iterator[str]:
    """The words of ``[ … ]``, which has a tree of its own."""
    for child in node.children:
        if child.type in _PIECES or not child.child_count:
            yield _word(child) if child.type in _PIECES else _source(child)
        elif child.type in ("binary_expression", "unary_expression"):
            yield from _leaves(child)
        else:
            raise _Strange(f"`{_shown(_source(child))}` ({child.type.replace('_', ' ')})")


def _bytes(node: Node) -> bytes:
    return node.text or b""


def _source(node: Node) -> str:
    return _bytes(node).decode()
