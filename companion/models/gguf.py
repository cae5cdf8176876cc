"""A model file run inside this process by llama.cpp (the extra `local`), on loopback only."""

from __future__ import annotations

import gc
import secrets
from pathlib import Path
from typing import Any

from companion.errors import SettingsError
from companion.models.memory import check_room, grown, resident
from companion.models.threads import CONTEXT, completed, threads_for

CACHE_MEBIBYTES = 256
"""The most that prompts put aside may take; the last one is kept whatever it takes."""
FIRST_JOB = {"prompt": "a", "n_predict": 1}


class GGUFServer:
    """Loads the file when made. `base_url` and `key` are for OpenAIChat; `close` stops it.

    `context` is in tokens. Without `threads`, their number is measured when a file is first loaded,
    which takes some seconds more. `memory` is by how many bytes this process grew, or None where
    that is not told. Raises SettingsError when the extra is missing or the file cannot be used.
    """

    alias = "local"

    def __init__(self, path: Path, *, context: int = 4096, threads: int | None = None) -> None:
        _check(path)
        try:
            import xllamacpp
        except ImportError as error:
            raise SettingsError(
                "A model file needs the extra “local”; "
                "install it with: pip install 'companion-reflective[local]'"
            ) from error
        self.key = secrets.token_urlsafe(32)
        before = resident()
        try:
            self.threads = threads or threads_for(
                path,
                xllamacpp.__version__,
                lambda tried: _started(
                    xllamacpp, _parameters(xllamacpp, path, self.key, CONTEXT, tried)
                ),
                self.key,
            )
            parameters = _parameters(xllamacpp, path, self.key, context, self.threads)
            self._server: Any = _started(xllamacpp, parameters)
        except Exception as error:
            raise SettingsError(
                f"{path.name} could not be loaded; it may be damaged, or too large to hold."
            ) from error
        self.memory = grown(before)
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
        size = path.stat().st_size
    except OSError as error:
        raise SettingsError(f"The model file {path} cannot be read; check the path.") from error
    if magic != b"GGUF":
        raise SettingsError(f"{path} is not a GGUF model file; choose one that is.")
    check_room(path.name, size)


def _started(xllamacpp: Any, parameters: Any) -> Any:
    # A server that is closed before its loop runs waits for itself for ever; once it has answered,
    # it can be closed. Held in a list by one call, it is not lost to a Ctrl-C between the two.
    servers: list[Any] = []
    try:
        servers.extend(map(xllamacpp.Server, [parameters]))
    finally:
        for server in servers:
            completed(server.listening_address, parameters.api_keys[0], FIRST_JOB, None)
    return servers[0]


def _parameters(xllamacpp: Any, path: Path, key: str, context: int, threads: int) -> Any:
    chosen = xllamacpp.CommonParams()
    chosen.model.path = str(path)
    # Without an alias every answer would carry the path, and with it the person's user name.
    chosen.model_alias = [GGUFServer.alias]
    chosen.hostnames = ["127.0.0.1"]
    chosen.port = 0
    chosen.api_keys = [key]
    # One at a time: two at once each take as long as both, and a replacement sentence waits for
    # its reply to end, then finds the long prompt already read.
    chosen.n_parallel = 1
    # What was read is put aside here while another prompt, the reader's, has the one place, and is
    # found again: without it each of them is read anew in every turn. The default is 8 GiB.
    chosen.cache_ram_mib = CACHE_MEBIBYTES
    chosen.n_ctx = context
    chosen.cpuparams.n_threads = threads
    chosen.cpuparams_batch.n_threads = threads
    chosen.ui = False
    chosen.endpoint_slots = False
    chosen.offline = True
    chosen.verbosity = -1
    # The first job warms it up.
    chosen.warmup = False
    return chosen
