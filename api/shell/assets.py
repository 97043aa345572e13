"""The files of `pwa/`, read once: each with its type, a hash for its ETag and its gzip. Nothing outside the folder,
no dotfile, and nothing that only builds or tests the app: what is not in `PLACES` or of no known type is not there.
"""

import gzip
import hashlib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2] / "pwa"
PLACES = ("index.html", "manifest.webmanifest", "src", "styles", "icons", "sounds")
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
_PACKED_ALREADY = (".png", ".wav")


class Asset(NamedTuple):
    """`packed` is the body's gzip, empty where that would not be smaller; the ETag is weak because it names both."""

    body: bytes
    packed: bytes
    media: str
    etag: str


def read_all(root: Path = ROOT) -> dict[str, Asset]:
    """By path below the root, such as `src/main.js`."""
    return {
        file.relative_to(root).as_posix(): _read(file)
        for file in sorted(root.rglob("*"))
        if _is_served(file, root)
    }


def _is_served(file: Path, root: Path) -> bool:
    parts = file.relative_to(root).parts
    return (
        file.is_file()
        and file.suffix in TYPES
        and parts[0] in PLACES
        and not any(part.startswith(".") for part in parts)
        and ".test." not in file.name
        and file.resolve().is_relative_to(root.resolve())  # a link may not lead out
    )


def _read(file: Path) -> Asset:
    body = file.read_bytes()
    packed = b"" if file.suffix in _PACKED_ALREADY else gzip.compress(body, 9, mtime=0)
    return Asset(
        body,
        packed if len(packed) < len(body) else b"",
        TYPES[file.suffix],
        f'W/"{hashlib.sha256(body).hexdigest()[:20]}"',
    )


def is_fresh(asset: Asset, if_none_match: str) -> bool:
    """Whether the client's copy is still this one (RFC 9110 weak comparison; a list, or `*`)."""
    mine = asset.etag.removeprefix("W/")
    given = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return mine in given or "*" in given
