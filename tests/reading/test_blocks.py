"""Fences, lists and labels are read as a human reads them, with the lines of the file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tocsin.reading.blocks import parse
from tocsin.reading.fences import mask
from tocsin.reading.nodes import Block
from tocsin.reading.sections import Section, outline


def _fences(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        if block.fence:
            yield block
        yield from _fences(block.children)


def _outline(text: str) -> Section:
    return outline(parse(text))


def _titles(section: Section) -> list[tuple[int, str]]:
    return [(child.line, child.title) for child in section.walk() if child.title]


@pytest.mark.parametrize(
    ("text", "bodies"),
    [
        ("```sh\nls\n```\n", [("sh", ("ls",))]),
        ("~~~\nls\n~~~\n", [("", ("ls",))]),
        ("1. Do\n   ```bash\n   ls -l\n     deep\n   ```\n", [("bash", ("ls -l", "  deep"))]),
        ("- ```sh\n  ls\n  ```\n", [("sh", ("ls",))]),
        ("````md\n```\nin\n```\n````\n", [("md", ("```", "in", "```"))]),
        (
            "```markdown\n# T\n```bash\nls\n```\nend\n```\nafter\n",
            [("markdown", ("# T", "```bash", "ls", "```", "end"))],
        ),
        ("> ```sh\n> ls\n> ```\n", [("sh", ("ls",))]),
        ("1. Do\n   ```sh\n   ls\n````\n\n## Next\n", [("sh", ("ls",))]),
    ],
)
def test_a_fence_keeps_its_language_and_its_lines(text: str, bodies: list[tuple[str, tuple[str, ...]]]) -> None:
    """Indented, nested, quoted or closed askew: the same fence."""
    found = [(block.fence.language, block.fence.body) for block in _fences(parse(text).blocks) if block.fence]
    assert [(language, body) for language, body in found] == bodies


def test_a_forgotten_closing_line_swallows_nothing() -> None:
    """A fence with a language inside an open one begins a new fence, and the fault is reported."""
    masked = mask("```sh\nls\n\n```sql\nSELECT 1;\n```\ntext\n")
    assert [fence.language for fence in masked.fences] == ["sh", "sql"]
    assert [(problem.line, problem.code) for problem in masked.problems] == [(1, "unclosed-fence")]


def test_a_fence_without_end_stops_before_the_next_heading() -> None:
    """The rest of the document stays a document."""
    section = _outline("## One\n\n```sh\nls\n\n## Two\n\ntext\n")
    assert _titles(section) == [(1, "One"), (6, "Two")]


@pytest.mark.parametrize(
    ("text", "headings", "bodies"),
    [
        ("## A\n\n```sh\nls\n\n## B\n\n- Bake\n\n```\ndf\n```\n", ["A", "B"], [("ls", ""), ("df",)]),
        ("## A\n\n```sh\nls\n\n## B\n\n### C\n\nBake it.\n\n```sh\ndf\n```\n", ["A", "B", "C"], [("ls", ""), ("df",)]),
        ("## A\n\n```sh\nls\n## B\n1. Bake\n", ["A", "B"], [("ls",)]),
        ("## A\n\n```sql\nSELECT 1;\n## B\n**Bake**\n```sh\ndf\n```\n", ["A", "B", "Bake"], [("SELECT 1;",), ("df",)]),
    ],
)  # fmt: skip
def test_an_unclosed_fence_swallows_no_heading(text: str, headings: list[str], bodies: list[tuple[str, ...]]) -> None:
    """Below its commands the document goes on, whatever marker closes it in the end; and it is reported."""
    assert [title for _, title in _titles(_outline(text))] == headings
    masked = mask(text)
    assert [fence.body for fence in masked.fences] == bodies
    assert [problem.code for problem in masked.problems] == ["unclosed-fence"]


@pytest.mark.parametrize(
    "body",
    [
        "cat > note.md <<EOF\n\n## Loaves\n\n- burnt\nEOF",
        'gh issue create --body "\n## Loaves\n\n- burnt\n"',
        "ls\n\n## Look at the oven\novenctl show",
        "## Look\n\nls",
    ],
)
def test_a_heading_that_a_command_takes_is_the_commands_own(body: str) -> None:
    """Text in a here-document or a quotation, and a comment over a command, stay in their fence."""
    masked = mask(f"# T\n\n```sh\n{body}\n```\n\n## Next\n\n- Go\n")
    assert ["\n".join(fence.body) for fence in masked.fences] == [body]
    assert masked.problems == ()


def test_a_stray_marker_does_not_turn_the_document_inside_out() -> None:
    """After an extra marker line the later fences still are fences and the headings headings."""
    section = _outline("## One\n\n```\n\n## Two\n\n```sh\nls\n```\n\n## Three\n")
    assert _titles(section) == [(1, "One"), (5, "Two"), (11, "Three")]


def test_a_fence_at_the_margin_belongs_to_the_numbered_item_above() -> None:
    """Numbering that goes on after an unindented fence is one list."""
    blocks = parse("1. First\n\n```sh\nls\n```\n\n2. Second\n").blocks
    (whole,) = blocks
    assert [item.text for item in whole.children] == ["First", "Second"]
    assert [child.kind for child in whole.children[0].children] == ["paragraph", "fence"]


def test_front_matter_is_no_heading_and_moves_no_line() -> None:
    """The block between the dashes is set aside; line numbers are those of the file."""
    document = parse("---\ntitle: Water\nweight: 3\n---\n\n# Heading\n")
    assert document.front[0] == "title: Water"
    assert [(block.kind, block.line) for block in document.blocks] == [("heading", 6)]


def test_prose_over_a_rule_is_no_heading() -> None:
    """A paragraph of several lines with dashes below was meant as a paragraph."""
    document = parse("one line\nand another\n---\n\n**Owner:** me\n---\n")
    assert {block.kind for block in document.blocks} == {"paragraph"}


@pytest.mark.parametrize(
    ("text", "label", "rest"),
    [
        ("**Signs**: lamps flicker", "Signs", "lamps flicker"),
        ("**Signs:** lamps flicker", "Signs", "lamps flicker"),
        ("**Signes** : les lampes", "Signes", "les lampes"),
        ("**现象：**\n灯灭", "现象", "灯灭"),
        ("**Signs**", "Signs", ""),
        ("🔥 **Signs:** lamps", "Signs", "lamps"),
        ("Symptoms:\n\n- x", "Symptoms", "x"),
    ],
)
def test_a_label_is_found_with_its_colon_in_or_out_of_the_bold(text: str, label: str, rest: str) -> None:
    """Every way to write a label gives the same section."""
    (section,) = _outline(text + "\n").children
    assert section.title == label
    said = section.text or " ".join(item.text for block in section.blocks for item in block.children)
    assert said == rest


@pytest.mark.parametrize(
    "text", ["**Never restart it twice.**", "plain: text", "**bold** and more", "https://x.example: y"]
)
def test_bold_sentences_and_plain_text_are_no_labels(text: str) -> None:
    """Only a label is a label."""
    assert _outline(text + "\n").children == ()


def test_two_labels_on_one_line_are_two_sections() -> None:
    """Metadata is often written on one line."""
    section = _outline("**Team**: water **Area**: north\n")
    assert [(child.title, child.text) for child in section.children] == [("Team", "water"), ("Area", "north")]


def test_a_sign_that_looks_like_a_quotation_stays_a_sign() -> None:
    """``- >7% …`` in a list is a comparison."""
    (block,) = parse("- >7% loss: call the keeper\n").blocks
    assert block.children[0].text == ">7% loss: call the keeper"


def test_columns_count_characters() -> None:
    """A column is where an editor puts its cursor, also behind letters of several bytes."""
    (block,) = parse("é → `ls -l` x\n").blocks
    (code,) = block.lines[0].codes
    assert (code.text, code.column) == ("ls -l", 4)


def test_nesting_without_end_is_flattened() -> None:
    """Thousands of quotations in each other neither raise nor hang."""
    assert list(_fences(parse("> " * 3000 + "x\n").blocks)) == []


def test_a_comment_within_a_line_is_not_there() -> None:
    """Comments vanish from headings, labels, items and cells; what stands behind one at the margin stays."""
    text = (
        "# Bakery <!-- a -->\n\n## Oven <!-- b --> down\n\n- cold <!-- c --> bread\n1. <!-- d --> light it\n\n"
        "<!-- e --> The end <!-- f -->\n\n| a <!-- g --> b |\n|---|\n| c |\n\n<!--\n- not there\n-->\n"
    )
    blocks = parse(text).blocks

    def lines(found: tuple[Block, ...]) -> list[str]:
        return [text for block in found for text in (*(line.plain for line in block.lines), *lines(block.children))]

    assert lines(blocks) == ["Bakery", "Oven down", "cold bread", "light it", "The end", "a b", "c"]
