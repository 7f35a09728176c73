"""``tocsin init``: the configuration that runbooks need, written from what they say."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from tocsin.cli import output, places
from tocsin.cli.named import read_named
from tocsin.core.runbook import Runbook
from tocsin.errors import Invalid
from tocsin.lint.bindings import Loose, loose_ends
from tocsin.lint.needs import GIVEN, needs
from tocsin.lint.subject import Bindings


@click.command("init", short_help="Write the configuration that runbooks need, as far as they tell it.")
@click.argument("runbooks", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="RUNBOOK.md...",
                help="The team's runbooks, as they are.")  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path),
              help="Where to write; unless told, tocsin.toml beside the first runbook.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Write nothing; show what the file would be.")
@output.as_json
def command(runbooks: tuple[Path, ...], config: Path | None, dry_run: bool, as_json: bool) -> None:
    """Write the configuration that runbooks need: what they say filled in, what is open as comments to fill in.

    People with an address, roles, channels, a guess for each metric, placeholders, variables. Run it again when the
    runbooks have changed: it adds what is new and never touches a line that stands there.

    \b
    Example:
      tocsin init docs/incidents.md
      tocsin init docs/incidents.md docs/database.md --config tocsin.toml --dry-run
    """
    from tocsin.service import binding
    from tocsin.service.amending import amended
    from tocsin.service.drafting import fresh
    from tocsin.service.replacing import read_if_there, replace_file
    from tocsin.settings import LARGEST_FILE, outline

    path = config or runbooks[0].parent / places.CONFIG
    books = [read_named(each) for each in dict.fromkeys(runbooks)]
    wanted, sources = needs(books), [book.source for book in books]
    before = read_if_there(path, LARGEST_FILE)
    there = binding.written((before or b"").decode("utf-8", "replace"), outline(before or b"", path))
    proposal = binding.propose(wanted, there)
    if before is None:
        after = fresh(proposal, wanted, sources)
    else:
        after = amended(before.decode(), there, proposal, sources, path)
    if len(after.encode()) > LARGEST_FILE:
        raise Invalid(f"{path} would be larger than Tocsin reads.", "Write one for each runbook, with --config.")
    left = loose_ends(books, binding.bindings(books, outline(after.encode(), path)))
    changed = after.encode() != before
    if changed and not dry_run:
        replace_file(path, before, after.encode())
    if as_json:
        output.give(_answer(path, books, left, changed=changed, text=after if dry_run else None))
    elif dry_run:
        output.tell(after.removesuffix("\n"))
    _what_was_done(path, len(proposal.needs) if before is not None else None, dry_run=dry_run)
    if not outline(after.encode(), path).notifiers:
        output.say("There is no notifier yet, so whoever is told is told on the server's console only.")
    _last_words(path, books, left, more=f" --config {shlex.quote(str(path))}" if config else "")


def _what_was_done(path: Path, added: int | None, *, dry_run: bool) -> None:
    """``added``: how many needs an existing file got; null for a new one."""
    if dry_run:
        output.say(f"Nothing was written; {path} would look like this.")
    elif added is None:
        output.say(f"Wrote {path}.")
    else:
        output.say(f"Added {output.count(added, 'thing')} to {path}." if added else f"{path} has it all already.")


def _last_words(path: Path, books: Sequence[Runbook], left: Sequence[Loose], more: str) -> None:
    """How many needs are bound and open, and the next command."""
    files = " ".join(shlex.quote(book.source) for book in books)
    kinds = Counter(each.kind for each in left)
    named = ", ".join(output.count(number, kind) for kind, number in kinds.items())
    needed = _needed(books)
    if left:
        told = f"Bound: {needed - len(left)} of {needed}. Open: {named}."
        output.say(f"{told} Answer them in {path}, then run: tocsin check {files}{more}")
    else:
        output.say(f"Bound: all {needed}. Now run: tocsin up {files}{more}")


def _needed(books: Sequence[Runbook]) -> int:
    """How much there is to bind at all."""
    return len(loose_ends(books, Bindings(variables=GIVEN)))


def _answer(
    path: Path, books: Sequence[Runbook], left: Sequence[Loose], *, changed: bool, text: str | None
) -> dict[str, object]:
    open_ends = [asdict(each) for each in left]
    answer = {"config": str(path), "changed": changed, "needs": _needed(books), "open": open_ends}
    return answer if text is None else {**answer, "text": text}
