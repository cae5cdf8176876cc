"""A reply in server-sent events: a sentence is sent once it has passed the guard, never before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from companion.events import Event
from companion.serving import wire
from companion.serving.door import BROKEN, log
from companion.serving.refused import Refused
from companion.serving.reply import Reply

Hear = Callable[[Event], Awaitable[None]]
Run = Callable[[Receive, Hear], Awaitable[bool]]
"""Has the message answered, event by event; gives False when the client left before the end."""


class Stream(Response):
    """Sends the role, then each sentence, then all that is known of the reply."""

    def __init__(self, run: Run, reply: Reply, completion: wire.Completion) -> None:
        super().__init__(
            headers=wire.ignoring(reply.ignored) | {"Cache-Control": "no-store"},
            media_type="text/event-stream",
        )
        # How long it will be is not known yet.
        del self.headers["content-length"]
        self._run, self._reply, self._completion = run, reply, completion

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def say(data: bytes, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": data, "more_body": more})

        async def hear(event: Event) -> None:
            if text := self._reply.hear(event):
                await say(self._completion.goes_on(text))

        status, headers = self.status_code, self.raw_headers
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await say(self._completion.begins())
        try:
            finished = await self._run(receive, hear)
        except Exception as error:
            # The status is sent already, so the stream itself says that it broke.
            log.error("A request failed: %s", type(error).__name__)
            await say(wire.event({"error": wire.said(Refused(BROKEN, 500))}), more=False)
            return
        if finished:
            await say(self._completion.ends(self._reply), more=False)
