"""References to other places, and the document's own promise to be read again."""

from __future__ import annotations

import pytest

from tocsin.core.runbook import Review, Runbook
from tocsin.reading import read
from tocsin.reading.blocks import parse
from tocsin.reading.reviews import review
from tocsin.reading.sections import outline


def _book(text: str) -> Runbook:
    return read(text.encode(), "library.md")


@pytest.mark.parametrize(
    ("text", "target", "kind"),
    [
        ("[plan](plans/flood.md)", "plans/flood.md", "file"),
        ("[site](https://library.example/a)", "https://library.example/a", "url"),
        ("see https://library.example/a.", "https://library.example/a", "url"),
        ("<https://library.example/a>", "https://library.example/a", "url"),
        ("[mail](mailto:desk@library.example)", "mailto:desk@library.example", "url"),
        ("[below](#floods)", "#floods", "anchor"),
        ("read `plans/flood.md` first", "plans/flood.md", "file"),
    ],
)
def test_a_link_has_a_kind(text: str, target: str, kind: str) -> None:
    """Files, addresses and anchors, however they are written."""
    (one,) = _book(f"# Library\n\n## Floods\n\n{text}\n").links
    assert (one.target, one.kind) == (target, kind)


def test_an_anchor_is_looked_up() -> None:
    """One that no heading has is known not to exist."""
    book = _book("# Library\n\n## Floods\n\n[a](#floods) [b](#fires)\n")
    assert [(one.target, one.exists) for one in book.links] == [("#floods", True), ("#fires", False)]


def test_a_command_s_file_is_no_link() -> None:
    """A bare file name in code, and a URL inside a command fence, are left alone."""
    assert _book("# Library\n\n`flood.md`\n\n```bash\ncurl https://library.example/a\n```\n").links == ()


_REVIEWS: list[tuple[str, str | None, str | None, str | None]] = [
    (
        "**Review Frequency:** Quarterly\n**Last Reviewed:** 2031-02-03\n**Next Review:** 2031-05-03",
        "quarter",
        "2031-02-03",
        "2031-05-03",
    ),
    ("Last Updated: 2031-02-03", None, "2031-02-03", None),
    ("*Last updated: 2031-02-03 | Next review: 2031-05-03*", None, "2031-02-03", "2031-05-03"),
    ("- Last reviewed: 2031-02-03\n- Review cycle: monthly", "month", "2031-02-03", None),
    ("| Last Reviewed | Next Review |\n|---|---|\n| 2031-02-03 | 2031-05-03 |", None, "2031-02-03", "2031-05-03"),
    ("| | |\n|---|---|\n| **Last Reviewed** | 2031-02-03 |\n| **Review Cycle** | Annual |", "year", "2031-02-03", None),
    ("This runbook is reviewed quarterly.", "quarter", None, None),
    ("**Last Updated**: 2031-01-01\n\n**Last Reviewed**: 2031-02-03", None, "2031-02-03", None),
    ("**Zuletzt aktualisiert:** 2031-02-03", None, "2031-02-03", None),
    ("**Dernière mise à jour :** 2031-02-03", None, "2031-02-03", None),
    ("**Última revisión:** 2031-02-03", None, "2031-02-03", None),
    ("**最后更新**：2031-02-03", None, "2031-02-03", None),
    ("**最終更新日**: 2031-02-03", None, "2031-02-03", None),
    ("**Последнее обновление:** 2031-02-03", None, "2031-02-03", None),
    ("**Review Frequency:** Quarterly\n**Last Reviewed:** [Date]", "quarter", None, None),
]


@pytest.mark.parametrize(("text", "every", "last", "following"), _REVIEWS, ids=[one[0][:30] for one in _REVIEWS])
def test_a_review_is_found_wherever_it_stands(
    text: str, every: str | None, last: str | None, following: str | None
) -> None:
    """In labels, lines, lists, tables and sentences; a gap is no date."""
    found = _book(f"# Library\n\n{text}\n").review
    assert found is not None
    assert (found.every, found.last, found.next) == (every, last, following)


def test_a_review_in_the_front_matter_counts() -> None:
    """With the line of the file that it stands on."""
    document = parse("---\ntitle: Floods\nlast_reviewed: 2031-02-03\nreview_cycle: yearly\n---\n\n# Floods\n")
    assert review(outline(document), document.front) == Review(every="year", last="2031-02-03", line=3)


@pytest.mark.parametrize(
    "text",
    [
        "Review the flood plan after each flood.",
        "## Review\n\nLook at the shelves every week.",
        "**Code review:** two people",
        "Updated shelves are marked.",
    ],
)
def test_other_reviews_are_not_the_document_s(text: str) -> None:
    """Reviewing something else says nothing about the runbook."""
    assert _book(f"# Library\n\n{text}\n").review is None


def test_front_matter_reaches_the_runbook() -> None:
    """The review of the whole document comes from there too."""
    book = read(b"---\ntitle: Bread\nlast_reviewed: 2031-02-03\n---\n\n# Bread\n\nBake.\n", "bread.md")
    assert book.review is not None
    assert (book.review.last, book.review.line) == ("2031-02-03", 3)
