"""Render the project's Markdown to plain HTML pages: ``python docs/render.py FOLDER``."""

from __future__ import annotations

import html
import re
import shutil
import sys
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
TOP = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
STYLE = """
:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif }
body { max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
pre { overflow-x: auto; padding: .8rem 1rem; border-radius: .4rem; background: light-dark(#f3f3f5, #1d1d22) }
code { font: .9em ui-monospace, monospace }
table { border-collapse: collapse } th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0 }
tr { border-bottom: 1px solid light-dark(#ddd, #333) } img { max-width: 100% }
"""
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{style}</style>
<nav><a href="{up}docs/README.html">Documentation</a></nav>
<main>{body}</main></html>
"""


def main(target: Path) -> None:
    """Write a page for every document, and beside them whatever the documents show."""
    sources = [ROOT / name for name in TOP] + sorted((ROOT / "docs").rglob("*.md"))
    sources += sorted((ROOT / "tocsin" / "lint" / "pages").glob("*.md"))  # they lie where `check --explain` has them
    for source in sources:
        place = source.relative_to(ROOT)
        page = target / place.with_suffix(".html")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render(source.read_text("utf-8"), "../" * (len(place.parts) - 1)), "utf-8")
    for picture in (ROOT / "docs" / "images").glob("*.png"):
        (target / "docs" / "images").mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, target / "docs" / "images")
    shutil.copy(ROOT / "LICENSE", target)
    print(f"{len(sources)} pages: {target / 'docs' / 'README.html'}")


def render(text: str, up: str) -> str:
    """One document as a page; links between documents lead to pages, titles come from the first heading."""
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    body = re.sub(r'(href="(?![a-z]+:)[^"#]*)\.md(?=["#])', r"\1.html", body)
    title = re.search(r"^# (.+)$", text, re.MULTILINE)
    return PAGE.format(title=html.escape(title[1] if title else "Tocsin"), style=STYLE, up=up, body=body)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/site"))
