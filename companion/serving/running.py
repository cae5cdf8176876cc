"""The server: one socket, no log of what is asked, and an end that waits for nobody."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from companion.errors import SettingsError

STOP_SECONDS = 3
"""How long replies in the making may take to end when the server is stopped."""


def listening(host: str, port: int) -> socket.socket:
    """Give a socket that is bound. Raises SettingsError for a host or port that cannot be had."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"“{host}” is no address of this computer; leave --host out."
        ) from error
    made = socket.socket(family, kind)
    if os.name == "posix":
        # A port that was used a moment ago is free; on Windows this flag means another thing.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind(address)
        # Bound alone, two servers could share the port until one of them listens.
        made.listen(128)
    except OSError as error:
        made.close()
        raise SettingsError(
            f"Companion cannot listen on {host}, port {port}, perhaps because another program "
            f"does; choose another with --port."
        ) from error
    return made


def server(app: ASGIApp) -> uvicorn.Server:
    """Give a server that says nothing of what it is asked."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            log_level="critical",
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


def run(app: ASGIApp, made: socket.socket) -> None:
    """Answer requests until Ctrl-C or SIGTERM."""
    # The server has ended when it passes on what ended it.
    with _stopping_on_sigterm(), suppress(KeyboardInterrupt):
        server(app).run(sockets=[made])


@contextmanager
def _stopping_on_sigterm() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
