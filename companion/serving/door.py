"""Who may come in: the right host, the right token, and a body of a sensible size.

These stand before every route, in this order: `Unbroken`, `Hosts`, then whatever lets a page of an
allowed origin in, then `Token`.
"""

from __future__ import annotations

import hmac
import logging
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from companion.connection import is_loopback
from companion.serving import wire
from companion.serving.refused import Refused

log = logging.getLogger(__name__)

OPEN = frozenset({"/health"})
"""Paths that need no token."""
MOST_BYTES = 1_048_576
"""Of a request: a conversation of an evening takes a twentieth of it."""
DRAINED_BYTES = 64 * MOST_BYTES
"""How much of a longer one is taken in and thrown away, so that the client hears the answer."""
BROKEN = "Something went wrong while answering; send it again."


class Unbroken:
    """Answers what nobody else caught. The type alone is logged: a text could be private."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            pass
        except Exception as error:
            log.error("A request failed: %s", type(error).__name__)
            if not begun:
                await wire.error(Refused(BROKEN, 500))(scope, receive, send)


class Hosts:
    """Refuses a name for this computer that is not its own.

    A page elsewhere can have its own name point here; its requests then carry that name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_here(Headers(scope=scope).getlist("host")):
            refused = Refused("Ask for localhost or 127.0.0.1; no other name is answered.")
            await wire.error(refused)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class Token:
    """Refuses a request without the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN and not self._knows(scope):
            refused = Refused(
                "Send the token that `companion serve` shows at its start, as the API key.",
                401,
                code="invalid_api_key",
            )
            await wire.error(refused, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        scheme, _, given = Headers(scope=scope).get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode(), self._token)
        return same and scheme.lower() == "bearer"


async def body_of(request: Request) -> bytes:
    """Give the body. Raises Refused for one that is too long."""
    size, pieces = 0, []
    async for piece in request.stream():
        size += len(piece)
        if size <= MOST_BYTES:
            pieces.append(piece)
        elif size > DRAINED_BYTES:
            break
    if size > MOST_BYTES:
        raise Refused(f"A request can hold {MOST_BYTES:,} bytes; send less of the past.", 413)
    return b"".join(pieces)


def _is_here(named: list[str]) -> bool:
    try:
        hosts = [urlsplit(f"//{name}").hostname for name in named]
    except ValueError:
        return False
    return len(hosts) == 1 and hosts[0] is not None and is_loopback(hosts[0])
