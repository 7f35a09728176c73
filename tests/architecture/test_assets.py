"""The build hook: foreign files by the lock, our own by their content, nothing in git."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from project_tree import ROOT, project_files

ASSETS = Path("tocsin/web/assets")


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """The module that the build runs."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def built(hook: ModuleType, tmp_path: Path) -> Path:
    """A checkout whose foreign files (made up here) are in place, so that npm need not be asked."""
    for name in ("package.json", "package-lock.json", ".npmrc", "hatch_build.py"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ASSETS).mkdir(parents=True)
    shutil.copy(ROOT / ASSETS / "icons.txt", tmp_path / ASSETS)
    (tmp_path / ASSETS / "app.css").write_text("body { color: red }\n", "utf-8")
    manifest, files = hook.named({"htmx.js": b"theirs", **hook.own_sources(tmp_path)})
    files["manifest.json"] = hook.as_json(manifest)
    files[".fingerprint"] = hook.as_json(hook.fingerprint(tmp_path))
    hook.replace_folder(tmp_path / ASSETS / "dist", files)
    return tmp_path


def manifest_of(root: Path) -> dict[str, str]:
    """Logical name → file name."""
    found: dict[str, str] = json.loads((root / ASSETS / "dist" / "manifest.json").read_text("utf-8"))
    return found


def test_the_built_files_are_what_their_names_say() -> None:
    """Every name carries its content's hash, so that a browser may keep the file for ever."""
    if not (ROOT / ASSETS / "dist" / "manifest.json").exists():
        pytest.skip("the assets are not built here (make install does it)")
    dist = ROOT / ASSETS / "dist"
    manifest = manifest_of(ROOT)

    assert {
        "htmx.js",
        "hx-sse.js",
        "uplot.js",
        "uplot.css",
        "fonts.css",
        "icons.svg",
        "licenses.txt",
    } <= manifest.keys()
    for name in manifest.values():
        assert name.split(".")[-2] == hashlib.sha256((dist / name).read_bytes()).hexdigest()[:10]
    for font in ("inter.woff2", "jetbrains-mono.woff2"):
        assert manifest[font] in (dist / manifest["fonts.css"]).read_text("utf-8")


def test_nothing_built_is_kept_in_git() -> None:
    """What the build makes, git ignores."""
    assert [path for path in project_files() if path.is_relative_to(ROOT / ASSETS / "dist")] == []


def test_an_unchanged_folder_is_left_alone(hook: ModuleType, built: Path) -> None:
    """Installing twice does the work once."""
    before = (built / ASSETS / "dist").stat().st_ino

    hook.build(built)

    assert (built / ASSETS / "dist").stat().st_ino == before


def test_a_change_of_our_own_sheet_needs_no_npm(hook: ModuleType, built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever edits app.css needs no network: the foreign files stay as they are."""
    monkeypatch.setattr(hook, "npm_command", lambda: pytest.fail("npm was asked"))
    before = manifest_of(built)
    (built / ASSETS / "app.css").write_text("body { color: blue }\n", "utf-8")

    hook.build(built)

    after = manifest_of(built)
    assert after["htmx.js"] == before["htmx.js"]
    assert after["app.css"] != before["app.css"]
    assert (built / ASSETS / "dist" / after["app.css"]).read_text("utf-8") == "body { color: blue }\n"
    assert not (built / ASSETS / "dist" / before["app.css"]).exists()


@pytest.mark.parametrize("changed", ["package-lock.json", "tocsin/web/assets/icons.txt"])
def test_a_change_of_what_npm_gives_asks_npm(hook: ModuleType, built: Path, changed: str) -> None:
    """A new version or a new icon is fetched."""
    with (built / changed).open("a", encoding="utf-8") as file:
        file.write("\n")

    assert hook.stale(built) == "npm"


def test_a_missing_file_is_noticed(hook: ModuleType, built: Path) -> None:
    """A folder that lost a file does not fit, whatever its fingerprint says."""
    (built / ASSETS / "dist" / manifest_of(built)["htmx.js"]).unlink()

    assert hook.stale(built) == "npm"


def test_an_icon_that_lucide_lacks_is_a_sentence(hook: ModuleType, tmp_path: Path) -> None:
    """A typing mistake in icons.txt names itself."""
    with pytest.raises(SystemExit, match="names 'sirene', which lucide lacks"):
        hook.sprite(tmp_path, ["sirene"])


def test_the_sprite_holds_one_symbol_for_each_icon(hook: ModuleType, tmp_path: Path) -> None:
    """An icon keeps its box and is drawn in the colour of the text around it."""
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" viewBox="0 0 9 9" stroke="currentColor">\n  {}\n</svg>'
    (tmp_path / "dot.svg").write_text(drawing.format('<circle r="1" />'), "utf-8")
    (tmp_path / "bar.svg").write_text(drawing.format('<path d="M0 1" />'), "utf-8")

    assert hook.sprite(tmp_path, ["bar", "dot"]).decode() == (
        '<svg xmlns="http://www.w3.org/2000/svg">'
        '<symbol id="bar" viewBox="0 0 9 9" stroke="currentColor"><path d="M0 1" /></symbol>'
        '<symbol id="dot" viewBox="0 0 9 9" stroke="currentColor"><circle r="1" /></symbol>'
        "</svg>"
    )
