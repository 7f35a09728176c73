"""What a document points to and starts, held against the repository around it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lint.document import codes, problems
from tocsin.lint.anchors import anchors
from tocsin.lint.links import resolve
from tocsin.lint.manifests import compose_services, make_targets, package_scripts
from tocsin.service.checkout import Checkout, repository_of

FILES = {
    "README.md": "# Harbour\n",
    "docs/ferry.md": "",
    "docs/pier.md": '# Pier\n\n## Lamps & switches\n\n## Keys\n\n## Keys\n\n<a id="rope"></a>\n',
    "docs/site/index.md": "# Site\n",
    "scripts/lamps.sh": "",
    "tools/count.py": "",
    "web/package.json": json.dumps({"scripts": {"build": "x"}}),
    "package.json": json.dumps({"scripts": {"lamps": "x", "lamps:log": "x"}}),
    "Makefile": ".PHONY: all lamps\nall: lamps\nlamps:\n\techo on\nSHELL := /bin/sh\n",
    "compose.yaml": "services:\n  lamps:\n    image: a\n  till:\n    image: b\nvolumes:\n  data: {}\n",
    "ops/compose.prod.yml": "services:\n    radar:\n        image: c\n",
}


def found(line: str) -> list[str]:
    """The codes for a line of prose or a table in ``docs/ferry.md``."""
    return [code for _, code in codes(f"# Ferry\n\n## Pier\n\n{line}\n", files=FILES)]


def started(commands: str) -> list[str]:
    """The codes of the repository for a fence of commands in ``docs/ferry.md``."""
    text = f"# Ferry\n\n## The pier is dark\n\n```bash\n{commands}\n```\n"
    return [code for _, code in codes(text, files=FILES) if code.startswith("missing-")]


@pytest.mark.parametrize(
    "line",
    [
        "[a](pier.md) [b](./pier.md#keys-1) [c](/README.md) [d](../scripts/lamps.sh) [e](../scripts/)",
        "[a](pier.md#lamps--switches) [b](pier.md#rope) [c](#pier) [d](#)",
        "[a](https://example.org/gone.md) [b](mailto:a@example.org) [c](<[path]>) [d](site) [e](site.html)",
        "[a](../../../issues/4) [b](/admin/users)",
        "Run `scripts/lamps.sh`, look at `/etc/lamps/site.conf`, `config/other.yml`, `docs/*.md` and `dist/a.js`.",
        "`scripts/<name>.sh` and `docs/ferry.md`",
    ],
)
def test_what_is_there_or_lies_elsewhere_is_no_finding(line: str) -> None:
    """Files, folders, anchors, addresses, gaps, pages of the site, paths of other machines."""
    assert found(line) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("[a](gone.md)", "docs/gone.md"),
        ("![a](img/pier.png)", "docs/img/pier.png"),
        ("[a](/gone.md)", "gone.md"),
        ("[a](../../elsewhere.md)", "out of the repository"),
        ("[a](pier.md#lamps)", "docs/pier.md has no heading"),
        ("[a](pier.md#keys-2)", "#keys-2"),
        ("[a](#piers)", "this document has no heading"),
        ("See `scripts/light.sh`.", "scripts/light.sh"),
        ("Follow `handbook/lamps.md`.", "handbook/lamps.md"),
        ("| [a](gone.md) |\n|---|\n| b |", "docs/gone.md"),
    ],
)
def test_what_is_not_there_is_a_dead_link(line: str, says: str) -> None:
    """The sentence names what is missing."""
    assert found(line) == ["dead-link"]
    (only,) = [each for each in problems(f"# Ferry\n\n## Pier\n\n{line}\n", files=FILES) if each.code == "dead-link"]
    assert says in only.message


def test_an_anchor_of_the_document_itself_is_checked_without_a_repository() -> None:
    """A near miss is named with the anchor that was meant; files are not looked up."""
    text = "# Ferry\n\n## Lamps & switches\n\n[a](#lamps-switches) [b](gone.md)\n"
    (only,) = [each for each in problems(text) if each.code == "dead-link"]
    assert "#lamps--switches" in only.hint


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("A & B", "a--b"),
        ("`lamp_on()` now", "lamp_on-now"),
        ("**Bold**, [linked](x.md)", "bold-linked"),
        ("Größe – ok", "größe--ok"),
        ("1. First", "1-first"),
        ("灯 の 確認", "灯-の-確認"),
    ],
)
def test_headings_have_the_anchors_that_github_gives_them(heading: str, anchor: str) -> None:
    """Punctuation goes, spaces become hyphens one by one."""
    assert anchors(f"## {heading}\n") == {anchor}


def test_headings_of_one_name_are_numbered() -> None:
    """And a number that is taken is passed over."""
    assert anchors("# A\n# A\n# A-1\n# A\n") == {"a", "a-1", "a-1-1", "a-2"}


@pytest.mark.parametrize(
    "commands",
    [
        "./scripts/lamps.sh --all",
        "bash scripts/lamps.sh",
        "sudo FAST=1 python3 tools/count.py",
        "python -m http.server",
        "/opt/ferry/run.sh",
        "~/bin/run.sh && $HOME/x.sh",
        "bash -c 'echo on'",
        "./scripts/<name>.sh",
        "cd scripts && ./lamps.sh",
        "cd scripts\n./lamps.sh",
        "cd /srv/ferry\n./run.sh",
        "ssh pier\n./run.sh",
        "git clone git@example.org:a/b.git\ncd b\n./run.sh",
        "curl -O https://example.org/fix.sh\nbash fix.sh",
        "./node_modules/.bin/lamps",
        "npm run lamps && npm run --silent lamps:log",
        "npm --prefix web run build",
        "cd web && npm run build",
        "npm run light --workspace web",
        "npm run light --if-present",
        "npm install\nnpm ci\nyarn eslint\nyarn run eslint",
        "make lamps WHERE=pier\nmake -j 4 all",
        "make -C elsewhere light",
        "docker compose logs -f --tail 50 lamps till",
        "docker-compose exec -T till sh -c 'echo light'",
        "docker compose run --rm -e A=b lamps light",
        "docker compose -f ops/compose.prod.yml restart -t 5 radar",
        "docker compose -f elsewhere.yml restart light",
        "docker compose up -d",
        "docker compose logs <service>",
        "docker compose ps $SERVICE",
    ],
)
def test_what_can_be_started_or_is_not_certain_is_no_finding(commands: str) -> None:
    """Scripts, package scripts, targets and services that are there; other folders, machines and computed names."""
    assert started(commands) == []


@pytest.mark.parametrize(
    ("commands", "code"),
    [
        ("./scripts/light.sh", "missing-script"),
        ("ls | bash tools/light.sh", "missing-script"),
        ("node tools/light.js", "missing-script"),
        ("cd scripts && ./light.sh", "missing-script"),
        ("python3 scripts/../../../etc/x.py", "missing-script"),
        ("make light", "missing-script"),
        ("npm run light", "missing-package-script"),
        ("pnpm run --silent light", "missing-package-script"),
        ("yarn run lamps:light", "missing-package-script"),
        ("npm run build --prefix=.", "missing-package-script"),
        ("cd web && npm run lamps", "missing-package-script"),
        ("docker compose restart light", "missing-service"),
        ("docker-compose logs --tail=50 light", "missing-service"),
        ("docker compose -f ops/compose.prod.yml restart lamps", "missing-service"),
        ("sudo docker compose exec -u root light sh", "missing-service"),
    ],
)
def test_what_can_not_be_started_is_found(commands: str, code: str) -> None:
    """One finding of its kind, at the command."""
    assert started(commands) == [code]


def test_nothing_is_looked_up_outside_of_a_repository() -> None:
    """Nor said."""
    text = "# Ferry\n\n## Pier\n\n[a](gone.md)\n\n```bash\n./gone.sh\nmake gone\n```\n"
    assert codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "include:\n  - other.yml\nservices:\n  a:\n    image: b\n",
        "services: {a: {image: b}}\n",
        "services:\n\ta:\n\t\timage: b\n",
        "services:\n  <<: *base\n  a:\n    image: b\n",
        "services:\n  ? a\n  : b\n",
        "services:\n  a:\n    image: b\n---\nservices:\n  c:\n    image: d\n",
        "services:\n    a:\n        image: b\n  c:\n    image: d\n",
        "version: 3\n",
        "",
    ],
)
def test_a_compose_file_of_another_shape_is_not_understood(text: str) -> None:
    """Then nothing is said about its services."""
    assert compose_services(text) is None


def test_a_plain_compose_file_gives_its_services() -> None:
    """Comments, quotes, anchors and what stands around them do not matter."""
    text = (
        "# c\nname: x\n\nservices:  # here\n\n  'a': &b\n    image: b\n    # d:\n  e-f.g:\n    <<: *b\nvolumes:\n  h:\n"
    )
    assert compose_services(text) == {"a", "e-f.g"}


def test_manifests_that_bring_names_from_elsewhere_are_not_understood() -> None:
    """An include, a pattern, a computed target; JSON that is no object."""
    assert make_targets("a b: c\n\tx\nd::\nE := f\n") == {"a", "b", "d"}
    assert [make_targets(text) for text in ("include a.mk\n", "%.o: %.c\n", "$(A): b\n", "-include b\n")] == [None] * 4
    assert [package_scripts(text) for text in ("{", "[]", '{"scripts": 1}', "[" * 100_000)] == [None] * 4
    assert package_scripts("{}") == frozenset()


def test_paths_are_resolved_inside_the_root() -> None:
    """What leads out of it is nowhere."""
    assert [resolve("docs", target) for target in ("a", "../a", "/a", ".", "../..", "../../a", "..")] == [
        "docs/a", "a", "a", "docs", None, None, "",
    ]  # fmt: skip


def test_a_checkout_shows_nothing_outside_of_its_root(tmp_path: Path) -> None:
    """Neither by `..`, nor through a symbolic link; large files, folders and binary ones have no text."""
    root = tmp_path / "root"
    (root / "docs").mkdir(parents=True)
    (tmp_path / "secret").write_text("s")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to(root / "loop")
    (root / "inside").symlink_to(root / "docs")
    (root / "huge").write_bytes(b"x" * (1024 * 1024 + 1))
    (root / "binary").write_bytes(b"\xff\xfe\x00")
    (root / "docs" / "a.md").write_text("# A\n")
    tree = Checkout(root)

    assert [tree.exists(path) for path in ("", "docs", "docs/a.md", "inside/a.md")] == [True] * 4
    assert [tree.exists(path) for path in ("../secret", "link", "loop", "docs/b.md", "a\0b", "x" * 9000)] == [False] * 6
    assert tree.text("docs/a.md") == "# A\n"
    assert [tree.text(path) for path in ("link", "../secret", "huge", "binary", "docs", "none")] == [None] * 6


def test_the_repository_is_the_nearest_folder_with_git(tmp_path: Path) -> None:
    """A worktree's `.git` file counts; a named root comes first; outside there is none."""
    (tmp_path / "a" / "docs").mkdir(parents=True)
    document = tmp_path / "a" / "docs" / "f.md"
    document.write_text("# F\n")
    assert repository_of(document, tmp_path / "a" / "docs").path == "f.md"  # type: ignore[union-attr]
    (tmp_path / "a" / ".git").write_text("gitdir: elsewhere")
    found_one = repository_of(document)
    assert found_one is not None
    assert (found_one.path, found_one.files.exists("docs/f.md")) == ("docs/f.md", True)
