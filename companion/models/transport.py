"""The HTTP client under every request to a model server: what is sent, to whom, and what is logged.

Only the headers a completion needs leave this computer; the client's own would name the operating
system and Python version, and the environment could add headers for somebody else's service.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from companion.errors import SettingsError
from companion.models.call import note_connection
from companion.models.failures import Endpoint

if TYPE_CHECKING:
    import httpx2

_SENT = frozenset({"host", "accept", "content-type", "content-length", "connection"})


def silence() -> None:
    """Stop the clients' logs; they can hold a person's words, and OPENAI_LOG switches them on."""
    for name in ("openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def http_client(
    where: Endpoint, key: str | None, connect_seconds: float, read_seconds: float
) -> httpx2.Client:
    """Give a client that carries the key to the configured host and nothing anywhere else.

    It follows no redirect, and takes no proxy, netrc or certificate from the environment: the
    person was told the one host that gets their words. It keeps no connection open.
    """
    import httpx2

    if key and not (key.isascii() and key.isprintable()):
        raise SettingsError("The key holds a character no key can have; copy it again on one line.")

    def prepare(request: httpx2.Request) -> None:
        sent = {name: value for name, value in request.headers.items() if name in _SENT}
        if key and request.url.host == where.host:
            sent["authorization"] = f"Bearer {key}"
        sent["accept-encoding"] = "identity"
        sent["user-agent"] = "companion"
        request.headers = httpx2.Headers(sent)
        request.extensions["trace"] = note_connection

    return httpx2.Client(
        timeout=httpx2.Timeout(read_seconds, connect=connect_seconds),
        limits=httpx2.Limits(max_keepalive_connections=0),
        event_hooks={"request": [prepare]},
        follow_redirects=False,
        trust_env=False,
    )
