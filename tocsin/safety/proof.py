"""The proof of a verdict, word by word, with the place of each word in the text as it was written."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.core.run import Proof
from tocsin.safety.finding import Finding, Part
from tocsin.safety.lexer import GAP, VARIABLE, show
from tocsin.safety.shell import Command, Script, Sign
from tocsin.safety.shield import Covered

_SIGNS = {
    "|": "hands the output to the next command",
    "&&": "goes on only after success",
    "||": "goes on only after a failure",
    ";": "goes on in any case",
}


class Proved:
    """Collects the proof of one text. ``inner``: its text stands inside a word, so that its own have no place."""

    def __init__(self, written: str, covered: Covered, *, inner: bool = False) -> None:
        self.written = written
        self._covered = covered
        self._inner = inner
        self._found: list[tuple[int, Proof]] = []
        self._nested: list[Proved] = []

    def all(self) -> tuple[Proof, ...]:
        """Every word that was looked at, in the order of the text."""
        own = dict.fromkeys(proof for _, proof in sorted(self._found, key=lambda pair: pair[0]))
        return (*own, *(proof for nested in self._nested for proof in nested.all()))

    def inside(self) -> Proved:
        """For a text that stands inside a word of this one."""
        self._nested.append(Proved(self.written, self._covered, inner=True))
        return self._nested[-1]

    def take(self, commands: Sequence[Command], findings: Sequence[Finding]) -> None:
        """The words of these commands, as they were judged."""
        for command, finding in zip(commands, findings, strict=True):
            for part in finding.parts:
                if command.spans or part.word != "read":  # `< file` stands for itself, unless it decides
                    self._add(part, command)

    def watched(self, command: Command) -> None:
        """``watch`` itself, which is left out of the plan."""
        self._add(Part(0, "program", "repeats a command; here it is run once"), command)

    def spoken(self, command: Command) -> None:
        """``bash -c``, which is left out of the plan."""
        self._add(Part(0, "program", "would run the text that follows; here that is started without it"), command)

    def doubted(self, command: Command, why: str) -> None:
        """The text that this command gives to a shell, which may read it in another way."""
        self._add(Part(len(command.words) - 1, "text", why, "unknown"), command)

    def operators(self, script: Script) -> None:
        """What joins the commands, where their output goes, and what was not understood."""
        for sign in script.signs:
            self._sign(sign)
        if script.trouble:
            start, end = script.trouble_at, script.trouble_at + 1
            text = self._text(start, end)
            self._put(start, end, text, Part(-1, "not understood", script.trouble, "unknown", script.fix))

    def spoil(self, why: str) -> None:
        """The whole text is doubted for this reason."""
        self._found.append((len(self.written), Proof(text="", role="second reading", known=why, word="unknown")))

    def _sign(self, sign: Sign) -> None:
        if sign.target:
            part = Part(-1, "redirection", f"writes the file `{sign.target}`", "change", "leave it out: output is kept")
        elif "=" in sign.text:
            part = Part(-1, "assignment", "only shapes how dates and texts are printed")
        elif sign.text in _SIGNS:
            part = Part(-1, "operator", _SIGNS[sign.text])
        else:
            part = Part(-1, "redirection", "writes no file")
        self._put(sign.start, sign.end, self._text(sign.start, sign.end), part)

    def _add(self, part: Part, command: Command) -> None:
        start, end = command.spans[part.at] if 0 <= part.at < len(command.spans) else (-1, -1)
        spelled = show(command.words[part.at]) if 0 <= part.at < len(command.words) else ""
        if part.text:
            found = self._within(part.text, start, end)
            self._put(start if found < 0 else found, found + len(part.text) if found >= 0 else -1, part.text, part)
        else:
            self._put(start, end, spelled if self._inner else self._text(start, end), part)

    def _within(self, text: str, start: int, end: int) -> int:
        """Where a piece stands in the word that holds it; -1 where it stands there not exactly once."""
        held = self._covered.text[start:end] if end >= 0 else ""
        return start + held.index(text) if held.count(text) == 1 else -1

    def _text(self, start: int, end: int) -> str:
        return self.written[self._covered.origin(start) : self._covered.origin(end)]

    def _put(self, start: int, end: int, text: str, part: Part) -> None:
        at, until = (self._covered.origin(start), self._covered.origin(end)) if end >= 0 else (-1, -1)
        if self._inner:
            at = until = -1
        known, fix = (_plain(each) for each in (part.known, part.fix))
        proof = Proof(text=_plain(text), role=part.role, known=known, word=part.word, at=at, end=until, fix=fix)
        self._found.append((start, proof))


def _plain(text: str) -> str:
    return text.replace(GAP, "<…>").replace(VARIABLE, "$…")


def prove_sql(proved: Proved, finding: Finding) -> tuple[Proof, ...]:
    """The proof of SQL that stands alone: what was looked at, each where it stands in the text."""
    text, at = proved.written, 0
    if not finding.parts and finding.word != "read":
        return (
            Proof(text=text.strip(), role="SQL", known=_plain(finding.why), word=finding.word, at=0, end=len(text)),
        )
    found: list[Proof] = []
    for part in finding.parts:
        start = text.find(part.text, at)
        at = start + 1 if start >= 0 else at
        end = start + len(part.text) if start >= 0 else -1
        known, fix = _plain(part.known), part.fix
        found.append(Proof(text=part.text, role=part.role, known=known, word=part.word, at=start, end=end, fix=fix))
    return tuple(found)
