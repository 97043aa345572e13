"""The files of `pwa/`, read once: each with its type, a hash for its ETag and its gzip; and the build they make.

Scripts and styles are sent without comments and indentation (`lean`). A build's id is a hash over all that is sent, as it
lies in the folder, and over `lean`; it stands in their addresses, `/pwa/<build>/<path>`, so that a page never mixes two
builds and every answer may be kept for good. Nothing outside the folder is served, no dotfile, and nothing that only builds or tests the app: what is not in
`PLACES` or of no known type is not there.

Four files are templates: `{build}` stands for the id, `{offline}` for on or off, `{files}` (only in `sw.js`) for the JSON
of every path with its SHA-256.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from api.shell import lean

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
_LEAN = {".js": lean.lean_js, ".css": lean.lean_css}
LEAN = "lean.py"
_PACKED_ALREADY = (".png", ".wav")


class Asset(NamedTuple):
    """`packed` is the body's gzip, empty where that would not be smaller; the ETag is weak because it names both."""

    body: bytes
    packed: bytes
    media: str
    etag: str


class Files(Mapping[str, Asset]):
    """Sources by their path below `/pwa/<build>/`; each is made ready when somebody asks for it."""

    def __init__(self, sources: dict[str, bytes]) -> None:
        self.sources = sources

    def __getitem__(self, path: str) -> Asset:
        return _made(path, self.sources[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)


class Build:
    """One state of `pwa/`, read at once. Making all of it ready takes longer than all else of a start, so that each
    file is when it is asked for, and all are once the worker's list was."""

    def __init__(self, texts: dict[str, bytes], sources: dict[str, bytes], *, offline: bool) -> None:
        self.id = _id({**texts, **sources})
        self._texts = {name: text.decode() for name, text in texts.items()}
        self._facts = {"build": self.id, "offline": "on" if offline else "off"}
        self._worker = WORKER if offline else NO_WORKER
        index = _filled(self._texts[INDEX], self._facts)
        self.files = Files({**sources, INDEX: index})
        self.manifest = _asset(_filled(self._texts[MANIFEST], self._facts), Path(MANIFEST).suffix)

    @property
    def base(self) -> str:
        """What stands before a file's path: `/pwa/0123456789ab`."""
        return f"/pwa/{self.id}"

    def make_ready(self) -> None:
        """All of it, for those who come."""
        _ = self.worker

    @cached_property
    def worker(self) -> Asset:
        """It and the manifest have addresses of their own that never change."""
        listed = {path: hashlib.sha256(asset.body).hexdigest() for path, asset in sorted(self.files.items())}
        facts = {**self._facts, "files": json.dumps(listed, separators=(",", ":"))}
        return _asset(_filled(self._texts[self._worker], facts), Path(self._worker).suffix)


def read_build(root: Path = ROOT, *, offline: bool = True) -> Build:
    """`offline=False`: the worker removes itself and what it kept, and pages register none. FileNotFoundError without
    the templates."""
    texts = {name: (root / name).read_bytes() for name in TEMPLATES}
    return Build(texts, read_all(root).sources, offline=offline)


def read_all(root: Path = ROOT) -> Files:
    """By path below the root, such as `src/main.js`; without the templates."""
    found = (file for place in PLACES for file in (root / place).rglob("*"))
    return Files(
        {
            file.relative_to(root).as_posix(): file.read_bytes()
            for file in sorted(found)
            if _is_served(file, root)
        }
    )


def _is_served(file: Path, root: Path) -> bool:
    parts = file.relative_to(root).parts
    return (
        file.is_file()
        and file.suffix in TYPES
        and not any(part.startswith(".") for part in parts)
        and ".test." not in file.name
        and file.resolve().is_relative_to(root.resolve())  # a link may not lead out
    )


def _made(path: str, source: bytes) -> Asset:
    """Our own code goes without its comments; the vendor file is small already, and says whose it is."""
    suffix = Path(path).suffix
    is_ours = suffix in _LEAN and "vendor" not in Path(path).parts
    return _asset(_leaned(source, suffix) if is_ours else source, suffix)


@lru_cache(maxsize=512)
def _leaned(body: bytes, suffix: str) -> bytes:
    return _LEAN[suffix](body.decode()).encode()


def _id(sources: dict[str, bytes]) -> str:
    """The first 12 hex digits of the SHA-256 over the sorted lines `path sha256`, one of them for what makes them lean."""
    made_by = {LEAN: Path(lean.__file__).read_bytes()}
    lines = (
        f"{path} {hashlib.sha256(one).hexdigest()}\n" for path, one in sorted((made_by | sources).items())
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def _filled(text: str, facts: dict[str, str]) -> bytes:
    for fact, value in facts.items():
        text = text.replace(f"{{{fact}}}", value)
    return text.encode()


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
