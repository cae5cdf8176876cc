"""The routes of `companion serve`, and the one application that holds them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive

from companion.events import Event
from companion.serving import wire
from companion.serving.answering import Answering
from companion.serving.asking import Asked, asked
from companion.serving.door import Hosts, Token, Unbroken, body_of
from companion.serving.following import follow
from companion.serving.refused import Refused
from companion.serving.reply import Reply
from companion.serving.streaming import Hear, Stream

AT_ONCE = 4
"""Replies in the making; further requests wait."""
KNOWN = "/v1/chat/completions, /v1/models, /eval and /health"


@dataclass(frozen=True)
class Terms:
    """On which terms requests are answered.

    `loopback` is whether only this computer can ask. `origins` are the pages, each as a browser
    names its origin, whose scripts may.
    """

    token: str
    loopback: bool = True
    origins: Sequence[str] = ()
    introduce: bool = False


def application(answering: Answering, terms: Terms) -> ASGIApp:
    """Give the application that a server runs."""
    routes = _Routes(answering, terms.introduce)
    app = Starlette(
        routes=[
            Route("/health", routes.health),
            Route("/v1/models", routes.models),
            Route("/v1/chat/completions", routes.chat, methods=["POST"]),
            Route("/eval", routes.evaluated, methods=["POST"]),
        ],
        middleware=_doors(terms),
        exception_handlers={HTTPException: _not_here, Refused: _refused},
    )
    # A path with a stroke too many is unknown, not moved.
    app.router.redirect_slashes = False
    return app


def _doors(terms: Terms) -> list[Middleware]:
    doors = [Middleware(Unbroken)]
    if terms.loopback:
        doors.append(Middleware(Hosts))
    if terms.origins:
        doors.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(terms.origins),
                allow_methods=["GET", "POST"],
                allow_headers=["*"],
                expose_headers=[wire.IGNORED],
            )
        )
    return [*doors, Middleware(Token, token=terms.token)]


class _Routes:
    def __init__(self, answering: Answering, introduce: bool) -> None:
        self._answering, self._introduce = answering, introduce
        self._limiter = anyio.CapacityLimiter(AT_ONCE)

    async def health(self, _: Request) -> Response:
        return wire.JSON({"ok": True})

    async def models(self, _: Request) -> Response:
        return wire.JSON(wire.models(self._answering.voice, self._answering.host))

    async def chat(self, request: Request) -> Response:
        wanted = asked(_parsed(await body_of(request)))
        completion = wire.Completion(self._answering.voice, wanted.usage_wanted)
        if wanted.stream:

            async def run(receive: Receive, hear: Hear) -> bool:
                return await self._follow(wanted, receive, hear)

            return Stream(run, self._reply_to(wanted), completion)
        reply = await self._whole(request, wanted)
        return wire.JSON(completion.whole(reply), headers=wire.ignoring(reply.ignored))

    async def evaluated(self, request: Request) -> Response:
        reply = await self._whole(request, asked(_parsed(await body_of(request))))
        told = {"reply": reply.text, **reply.about}
        return wire.JSON(told, headers=wire.ignoring(reply.ignored))

    async def _whole(self, request: Request, wanted: Asked) -> Reply:
        reply = self._reply_to(wanted)

        async def hear(event: Event) -> None:
            reply.hear(event)

        if not await self._follow(wanted, request.receive, hear):
            raise ClientDisconnect
        return reply

    def _reply_to(self, wanted: Asked) -> Reply:
        country = self._answering.country_of(wanted)
        return Reply(wanted.first, self._introduce, country, wanted.said.ignored)

    async def _follow(self, wanted: Asked, receive: Receive, hear: Hear) -> bool:
        return await follow(
            lambda gone: self._answering.events(wanted, gone), receive, hear, self._limiter
        )


def _parsed(body: bytes) -> object:
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused('The body is not JSON; send {"messages": […]}.') from error
    return parsed


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return wire.error(error)


async def _not_here(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = f"There is nothing here; what is answered is {KNOWN}."
    if error.status_code == 405:
        sentence = f"This path does not take {request.method}."
    return wire.error(Refused(sentence, error.status_code), error.headers)
