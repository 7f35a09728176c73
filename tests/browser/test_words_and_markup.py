"""How texts become HTML, without a browser."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tocsin.web import render, words
from tocsin.web.frame import Typed, local


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[click](javascript:alert(1))", "href"),
        ("[click](data:text/html,x)", "href"),
        ("![picture](https://elsewhere.example/x.png)", "<img"),
        ("<a href='https://x.example' onclick='x'>x</a>", "<a "),
        ("<div hx-get='/x' hx-trigger='load'>x</div>", "<div"),
        ("```html\n<iframe src=x>\n```", "<iframe"),
        ("[x](https://x.example 'a\" onmouseover=\"b')", 'onmouseover="b'),
    ],
)
def test_markdown_by_strangers_holds_no_markup_of_its_own(text: str, never: str) -> None:
    """Whatever the Markdown says, the HTML holds text, lists, tables and links to the web."""
    assert never not in render.markdown(text)


def test_markdown_keeps_what_documents_need() -> None:
    """Headings begin one level below the page's own; tables, code and links stay."""
    html = render.markdown("# Title\n\n| a | b |\n|---|---|\n| 1 | `x` |\n\n[site](https://x.example)")

    assert "<h2>Title</h2>" in html
    assert "<td><code>x</code></td>" in html
    assert '<a href="https://x.example" rel="noopener noreferrer nofollow">site</a>' in html


def test_characters_that_deceive_are_shown() -> None:
    """A right-to-left mark, an escape and a NUL can be seen; line ends and tabs are left alone."""
    assert render.visible("a\u202eb\x1b[31m\0\tc\r\nd") == "a⟦U+202E⟧b␛[31m␀\tc\nd"


def test_a_hidden_field_comes_back_unchanged() -> None:
    """What the server compares with is escaped, never altered."""
    assert render.exact('<pid>\u202e"') == "&lt;pid&gt;\u202e&#34;"


def test_a_line_of_the_timeline_marks_who_and_what() -> None:
    """The name and the command stand out, and both are escaped."""
    assert render.said("Mara <b> asks to run rm -rf <x>", "Mara <b>") == (
        "<b>Mara &lt;b&gt;</b> asks to run <code>rm -rf &lt;x&gt;</code>"
    )
    assert render.said("Mara chose “If <x>”", "Mara") == "<b>Mara</b> chose “<b>If &lt;x&gt;</b>”"


def test_sentences_show_their_code() -> None:
    """Backticks in pairs mark code; a lone one stays."""
    assert render.ticked("`ls <x>` lists, a ` alone") == "<code>ls &lt;x&gt;</code> lists, a ` alone"


@pytest.mark.parametrize(
    ("path", "goal"),
    [
        ("/incidents/INC-1", "/incidents/INC-1"),
        ("//elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("", "/"),
    ],
)
def test_only_a_path_of_ours_is_gone_back_to(path: str, goal: str) -> None:
    """A login never leads elsewhere."""
    assert local(path) == goal


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (59, "0:59"), (61, "1:01"), (3600, "1:00:00"), (13245, "3:40:45"), (-61, "1:01")]
)
def test_a_countdown_is_short(seconds: int, text: str) -> None:
    """Minutes and seconds; hours only where there are some."""
    assert words.countdown(timedelta(seconds=seconds)) == text


def test_only_the_form_that_was_refused_gets_its_words_back() -> None:
    """The same move over another step is another form."""
    typed = Typed("skip_step", {"step": "a/1", "why": "no need"})

    assert typed.text("why", "skip_step", step="a/1") == "no need"
    assert typed.text("why", "skip_step", step="a/2") == ""
    assert typed.text("why", "do_step", step="a/1") == ""


def test_an_asset_is_only_what_the_build_made_or_we_wrote() -> None:
    """No name leads out of the folder or to a file beside it."""
    assert render.asset_file("app.css") is not None
    for name in ("../render.py", "icons.txt", "dist/manifest.json", "manifest.json", ".fingerprint", ""):
        assert render.asset_file(name) is None


@pytest.mark.parametrize(("name", "letters"), [("Mara Okafor", "MO"), ("ana", "A"), ("", "?"), ("<x>", "?")])
def test_a_face_has_letters(name: str, letters: str) -> None:
    """The first and the last name's."""
    assert words.initials(name) == letters
