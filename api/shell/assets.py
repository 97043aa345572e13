"""The files of `pwa/`, read once: each with its type and a hash for its ETag. Nothing outside the folder."""

import hashlib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2] / "pwa"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}


class Asset(NamedTuple):
    body: bytes
    media: str
    etag: str


def read_all(root: Path = ROOT) -> dict[str, Asset]:
    """By path below the root, such as `src/main.js`."""
    found = {}
    for file in sorted(root.rglob("*")):
        if (
            file.is_file()
            and file.suffix in TYPES
            and not any(part.startswith(".") for part in file.parts[-3:])
        ):
            body = file.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            found[file.relative_to(root).as_posix()] = Asset(body, TYPES[file.suffix], etag)
    return found
