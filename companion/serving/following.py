"""A job in a thread, followed from the server's loop for as long as the client is there."""

from __future__ import annotations

import math
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TypeVar

import anyio
from anyio import from_thread, to_thread
from starlette.types import Receive

from companion.serving.stopping import Gone

T = TypeVar("T")
Job = Callable[[threading.Event], Generator[T]]
"""Gives what it makes, one by one, and ends soon once the event is set."""


@dataclass(frozen=True)
class _Failed:
    error: Exception


async def follow(
    job: Job[T],
    receive: Receive,
    each: Callable[[T], Awaitable[None]],
    limiter: anyio.CapacityLimiter,
) -> bool:
    """Hand on all that the job gives; False when the client left before the end.

    Raises what the job raises. As many jobs run at once as the limiter lets; the others wait, and
    leave the line when their client does. It returns when the job has ended, so that one nobody
    listens to any more counts until then.
    """
    gone = threading.Event()
    put, take = anyio.create_memory_object_stream[T | _Failed](math.inf)
    failed: Exception | None = None
    finished = False

    def hand(one: T | _Failed) -> None:
        with suppress(anyio.BrokenResourceError):
            put.send_nowait(one)

    def work() -> None:
        try:
            with closing(job(gone)) as made:
                for one in made:
                    if gone.is_set():
                        return
                    from_thread.run_sync(hand, one)
        except Gone:
            pass
        except Exception as error:
            from_thread.run_sync(hand, _Failed(error))

    async def run() -> None:
        with put:
            await to_thread.run_sync(work, limiter=limiter)

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        group.start_soon(run)
        try:
            with take:
                async for one in take:
                    if isinstance(one, _Failed):
                        failed = one.error
                    else:
                        await each(one)
            finished = True
        finally:
            gone.set()
        group.cancel_scope.cancel()
    if failed:
        raise failed
    return finished
