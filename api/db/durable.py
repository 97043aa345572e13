"""Files that are whole or not there: written beside, synced, renamed, the folder synced too."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written(file: Path, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A draft to write into; it takes the file's place (also an older one's) when the block ends well."""
    draft = file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident()}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """A new name in a folder survives a power cut only once the folder itself is on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
