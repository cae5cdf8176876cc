"""tiktoken's encodings out of the files shipped here; nothing is ever downloaded for them."""

from __future__ import annotations

import hashlib
import lzma
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

FOLDER = Path(__file__).parents[1] / "weights" / "encodings"

_lock = threading.Lock()


def encoding(model: str) -> Encoding | None:
    """Give the encoding that tiktoken's own table names for a model, or None. Thread-safe.

    None is for a model it does not know, an encoding that is not shipped, and a damaged file.
    The first use of an encoding takes about half a second; tiktoken keeps it for the process.
    """
    # gpt-oss adds a preamble of its own that only its server can count.
    if model.startswith("gpt-oss"):
        return None
    import tiktoken
    import tiktoken.load

    with _lock:
        # Its own reader downloads without a time limit, which would tell a third party of the
        # model, and leaves a copy in a folder for temporary files that others can write to.
        reader, tiktoken.load.read_file_cached = tiktoken.load.read_file_cached, _shipped
        try:
            return tiktoken.encoding_for_model(model)
        except (KeyError, OSError, EOFError, ValueError, lzma.LZMAError):
            return None
        finally:
            tiktoken.load.read_file_cached = reader


def _shipped(blobpath: str, expected_hash: str | None = None) -> bytes:
    """Give the shipped file that has the name of the one at an address."""
    with lzma.open(FOLDER / f"{blobpath.rsplit('/', 1)[-1]}.xz") as file:
        ranks = file.read()
    # tiktoken leaves this check to its reader, which this one stands in for.
    if hashlib.sha256(ranks).hexdigest() != expected_hash:
        raise ValueError(f"{blobpath} is not what tiktoken expects")
    return ranks
