"""Post-mortems in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Server, at_a_terminal


@pytest.fixture
def ended(server: Server) -> str:
    """A resolved incident."""
    ref = server.declare()
    assert server("incident", "resolve", ref, "--override", "a test").code == 0
    return ref


def an_editor(folder: Path, name: str, script: str) -> str:
    """A program that edits the file which it is given."""
    editor = folder / name
    editor.write_text(f"#!/bin/sh\n{script}\n")
    editor.chmod(0o700)
    return str(editor)


def test_a_draft_is_read_edited_and_published(server: Server, ended: str) -> None:
    """From a file: the text on the server is the file's."""
    draft = server("review", "show", ended)
    assert (draft.code, draft.out.startswith(f"# Post-mortem of {ended}")) == (0, True)
    unread = server("review", "publish", ended)
    assert (unread.code, "Nobody has read the draft" in unread.err) == (1, True)

    (server.folder / "mine.md").write_text(draft.out + "\nThe cause: a full disk.\n")
    assert server("review", "edit", ended, "--file", "mine.md").code == 0
    assert "a full disk" in server("review", "show", ended).out
    assert server("review", "edit", ended, "--file", "-", text="# Ours\n").code == 0
    assert server("review", "show", ended, "--json").json["text"] == "# Ours\n"
    assert server("review", "edit", ended, "--file", "-", text="# Ours\n").err == "Nothing was changed.\n"
    assert server("review", "publish", ended).out == f"{ended}  post-mortem published\n"


def test_an_editor_is_opened_at_a_terminal(server: Server, ended: str, tmp_path: Path) -> None:
    """What the editor saved is stored."""
    editor = an_editor(tmp_path, "append", 'sleep 0.01; echo "appended" >> "$1"; echo edited >&2')
    done = at_a_terminal(
        "review", "edit", ended, types="", after="nothing", cwd=server.folder, EDITOR=editor, VISUAL="",
        **server.variables(),
    )  # fmt: skip

    assert done.code == 0, done.err
    assert "appended" in server("review", "show", ended).out


def test_words_are_not_lost_when_somebody_else_was_faster(server: Server, ended: str, tmp_path: Path) -> None:
    """Refused, and the text lies in a file."""
    server("review", "edit", ended, "--file", "-", text="# First\n")
    meanwhile = f'sed -i s/First/Mine/ "$1"; cd {server.folder}; echo "# Theirs" | {{ENV}} review edit {ended} --file -'
    program = " ".join(f"{name}='{value}'" for name, value in server.variables().items())
    command = f"{program} '{__import__('sys').executable}' -m tocsin"
    editor = an_editor(tmp_path, "race", meanwhile.replace("{ENV}", command))
    done = at_a_terminal(
        "review", "edit", ended, types="", after="nothing", cwd=tmp_path, EDITOR=editor, VISUAL="", **server.variables()
    )

    assert done.code == 1
    assert "Somebody else" in done.err
    assert (tmp_path / f"{ended}-review.md").read_text() == "# Mine\n"
    assert server("review", "show", ended).out == "# Theirs\n"


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        ((), "", "There is no terminal for an editor"),
        (("--file", "missing.md"), "", "missing.md can't be read"),
        (("--file", "-"), "  \n", "holds no text"),
    ],
)
def test_a_text_that_can_not_be_had_is_one_sentence(
    arguments: tuple[str, ...], text: str, sentence: str, server: Server, ended: str
) -> None:
    """Exit code 2, and nothing changed."""
    done = server("review", "edit", ended, *arguments, text=text)

    assert (done.code, sentence in done.err) == (2, True)
    assert server("review", "show", ended, "--json").json["version"] == 0
