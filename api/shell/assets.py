"""The files of `pwa/`, read once: each with its type, a hash for its ETag and its gzip; and the build they make.

Scripts and styles are sent without comments and indentation (`lean`). A build's id is a hash over all that is sent and
stands in their addresses, `/pwa/<build>/<path>`, so that a page never mixes two builds and every answer may be kept for
good. Nothing outside the folder is served, no dotfile, and nothing that only builds or tests the app: what is not in
`PLACES` or of no known type is not there.

Four files are templates: `{build}` stands for the id, `{offline}` for on or off, `{files}` (only in `sw.js`) for the JSON
of every path with its SHA-256.
"""

import gzip
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from api.shell.lean import lean_css, lean_js

ROOT = Path(__file__).resolve().parents[2] / "pwa"
PLACES = ("src", "styles", "icons", "sounds")
INDEX, MANIFEST, WORKER, NO_WORKER = "index.html", "manifest.webmanifest", "sw.js", "sw_off.js"
TEMPLATES = (INDEX, MANIFEST, WORKER, NO_WORKER)
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
_LEAN = {".js": lean_js, ".css": lean_css}
_PACKED_ALREADY = (".png", ".wav")


class Asset(NamedTuple):
    """`packed` is the body's gzip, empty where that would not be smaller; the ETag is weak because it names both."""

    body: bytes
    packed: bytes
    media: str
    etag: str


class Build(NamedTuple):
    """One state of `pwa/`. `files` by path below `/pwa/<id>/`, the filled-in index among them; `manifest` and `worker`
    have addresses of their own that never change."""

    id: str
    files: dict[str, Asset]
    manifest: Asset
    worker: Asset

    @property
    def base(self) -> str:
        """What stands before a file's path: `/pwa/0123456789ab`."""
        return f"/pwa/{self.id}"


def read_build(root: Path = ROOT, *, offline: bool = True) -> Build:
    """`offline=False`: the worker removes itself and what it kept, and pages register none. FileNotFoundError without
    the templates."""
    texts = {name: (root / name).read_text("utf-8") for name in TEMPLATES}
    files = read_all(root)
    build = _id({**{name: text.encode() for name, text in texts.items()}, **_bodies(files)})
    facts = {"build": build, "offline": "on" if offline else "off"}
    files[INDEX] = _filled(INDEX, texts, facts)
    listed = {path: hashlib.sha256(asset.body).hexdigest() for path, asset in sorted(files.items())}
    facts["files"] = json.dumps(listed, separators=(",", ":"))
    worker = _filled(WORKER if offline else NO_WORKER, texts, facts)
    return Build(build, files, _filled(MANIFEST, texts, facts), worker)


def read_all(root: Path = ROOT) -> dict[str, Asset]:
    """By path below the root, such as `src/main.js`; without the templates."""
    found = (file for place in PLACES for file in (root / place).rglob("*"))
    return {
        file.relative_to(root).as_posix(): _asset(_body(file), file.suffix)
        for file in sorted(found)
        if _is_served(file, root)
    }


def _is_served(file: Path, root: Path) -> bool:
    parts = file.relative_to(root).parts
    return (
        file.is_file()
        and file.suffix in TYPES
        and not any(part.startswith(".") for part in parts)
        and ".test." not in file.name
        and file.resolve().is_relative_to(root.resolve())  # a link may not lead out
    )


def _body(file: Path) -> bytes:
    """Our own code goes without its comments; the vendor file is small already, and says whose it is."""
    lean = _LEAN.get(file.suffix)
    if lean is None or "vendor" in file.parts:
        return file.read_bytes()
    return _leaned(file.read_bytes(), file.suffix)


@lru_cache(maxsize=512)
def _leaned(body: bytes, suffix: str) -> bytes:
    return _LEAN[suffix](body.decode()).encode()


def _bodies(files: dict[str, Asset]) -> dict[str, bytes]:
    return {path: asset.body for path, asset in files.items()}


def _id(bodies: dict[str, bytes]) -> str:
    """The first 12 hex digits of the SHA-256 over the sorted lines `path sha256`."""
    lines = (f"{path} {hashlib.sha256(body).hexdigest()}\n" for path, body in sorted(bodies.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def _filled(name: str, texts: dict[str, str], facts: dict[str, str]) -> Asset:
    text = texts[name]
    for fact, value in facts.items():
        text = text.replace(f"{{{fact}}}", value)
    return _asset(text.encode(), Path(name).suffix)


@lru_cache(maxsize=512)
def _asset(body: bytes, suffix: str) -> Asset:
    packed = b"" if suffix in _PACKED_ALREADY else gzip.compress(body, 9, mtime=0)
    return Asset(
        body,
        packed if len(packed) < len(body) else b"",
        TYPES[suffix],
        f'W/"{hashlib.sha256(body).hexdigest()[:20]}"',
    )


def is_fresh(asset: Asset, if_none_match: str) -> bool:
    """Whether the client's copy is still this one (RFC 9110 weak comparison; a list, or `*`)."""
    mine = asset.etag.removeprefix("W/")
    given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return mine in given or "*" in given
