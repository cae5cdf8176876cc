"""What can be made again at any time from what ships, kept in this user's cache folder.

It holds nothing of anybody's, and may be deleted at any moment.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path


def folder() -> Path:
    """Give the folder of the cache: `COMPANION_CACHE`, or this user's cache folder."""
    given = os.environ.get("COMPANION_CACHE")
    return Path(given) if given else user_cache_path("companion")


def put(name: str, content: bytes) -> None:
    """Write a file of the cache. A cache that cannot be written is only slower."""
    path = folder() / name
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written beside and renamed, so that a second process never reads half a file.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
