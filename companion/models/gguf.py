"""A model file run inside this process by llama.cpp (the extra `local`), on loopback only."""

from __future__ import annotations

import gc
import os
import secrets
from pathlib import Path
from typing import Any

from companion.errors import SettingsError


class GGUFServer:
    """Loads the file when made. `base_url` and `key` are for OpenAIChat; `close` stops it.

    `context` is in tokens. Raises SettingsError when the extra is missing or the file cannot be
    used.
    """

    alias = "local"

    def __init__(self, path: Path, *, context: int = 4096, threads: int | None = None) -> None:
        _check(path)
        try:
            import xllamacpp
        except ImportError as error:
            raise SettingsError(
                "COMPANION_GGUF needs the extra “local”; "
                "install it with: pip install 'companion-reflective[local]'"
            ) from error
        self.key = secrets.token_urlsafe(32)
        parameters = _parameters(xllamacpp, path, self.key, context, threads or _threads())
        try:
            self._server: Any = xllamacpp.Server(parameters)
        except Exception as error:
            raise SettingsError(
                f"{path.name} could not be loaded; it may be damaged, or too large to hold."
            ) from error
        self.base_url = f"{self._server.listening_address}/v1"

    def close(self) -> None:
        """Stop the server and free the model. Safe to call twice."""
        self._server = None
        gc.collect()


def _check(path: Path) -> None:
    # Looked at before llama.cpp does: it prints, and its own error does not name the setting.
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise SettingsError(
            f"COMPANION_GGUF names {path}, which cannot be read; check the path."
        ) from error
    if magic != b"GGUF":
        raise SettingsError(f"COMPANION_GGUF names {path}, which is not a GGUF model file.")


def _threads() -> int:
    # On a busy two-core machine one thread was ten times faster than two.
    return max(1, (os.cpu_count() or 2) // 2)


def _parameters(xllamacpp: Any, path: Path, key: str, context: int, threads: int) -> Any:
    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(path)
    # Without an alias every answer would carry the path, and with it the person's user name.
    chosen.model_alias = [GGUFServer.alias]
    chosen.hostnames = ["127.0.0.1"]
    chosen.port = 0
    chosen.api_keys = [key]
    # One at a time: a replacement sentence waits for its reply to end, then finds the long prompt
    # already read, where a second slot would read it all again.
    chosen.n_parallel = 1
    chosen.n_ctx = context
    chosen.cpuparams.n_threads = threads
    chosen.cpuparams_batch.n_threads = threads
    chosen.ui = False
    chosen.endpoint_slots = False
    chosen.offline = True
    chosen.verbosity = -1
    return chosen
