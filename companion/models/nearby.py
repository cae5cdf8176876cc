"""Model servers that already run on this computer, looked for at the ports they use by default."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from companion.connection import Connection, VoiceKind, Waits
from companion.models.failures import Endpoint
from companion.models.served import Served
from companion.models.transport import http_client, silence

PORTS = (11434, 8080, 1234, 8000)
"""Ollama, llama.cpp, LM Studio, vLLM."""
MOST = 12
"""Models of one server that are offered."""


def nearby(ports: Sequence[int] = PORTS) -> tuple[Connection, ...]:
    """Give a connection for each model that a server on this computer lists. Only loopback."""
    silence()
    with ThreadPoolExecutor(len(ports)) as pool:
        found = pool.map(_at, ports)
    return tuple(one for connections in found for one in connections)


def _at(port: int) -> list[Connection]:
    address = f"http://127.0.0.1:{port}/v1"
    waits = Waits()
    with http_client(Endpoint(address, ""), None, waits.connect, waits.connect) as http:
        names = Served(http, Endpoint(address, "")).models() or ()
    return [Connection(VoiceKind.ADDRESS, address, name) for name in names[:MOST]]
