"""Jobs in threads: handed on in order, a few at once, ended when nobody listens."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import anyio
import pytest
from starlette.types import Message

from companion.serving.following import Job, follow
from companion.serving.stopping import Gone

Receive = Callable[[], Awaitable[Message]]


async def stays() -> Message:
    """A client that never leaves."""
    await anyio.sleep_forever()
    raise AssertionError


def leaving() -> tuple[anyio.Event, Receive]:
    """A client that leaves when it is told to."""
    leave = anyio.Event()

    async def receive() -> Message:
        await leave.wait()
        return {"type": "http.disconnect"}

    return leave, receive


async def until(true: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not true():
            await anyio.sleep(0.01)


class Kept:
    """What was handed on."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    async def __call__(self, one: Any) -> None:
        self.heard.append(one)


def followed(job: Job[Any], kept: Kept, receive: Receive = stays) -> bool:
    return anyio.run(lambda: follow(job, receive, kept, anyio.CapacityLimiter(1)))


def test_all_that_a_job_gives_is_handed_on_in_order() -> None:
    kept = Kept()
    assert followed(lambda gone: (one for one in range(100)), kept)
    assert kept.heard == list(range(100))


def test_what_a_job_raises_is_raised_after_what_it_gave() -> None:
    def job(gone: threading.Event) -> Generator[int]:
        yield 1
        raise ValueError("wrong")

    kept = Kept()
    with pytest.raises(ValueError, match="wrong"):
        followed(job, kept)
    assert kept.heard == [1]


def test_further_jobs_wait_for_room() -> None:
    let_go, begun = threading.Event(), []

    def job(name: str) -> Job[str]:
        def run(gone: threading.Event) -> Generator[str]:
            begun.append(name)
            let_go.wait(30)
            yield name

        return run

    async def both() -> None:
        limiter, kept = anyio.CapacityLimiter(1), Kept()
        async with anyio.create_task_group() as group:
            group.start_soon(follow, job("first"), stays, kept, limiter)
            await until(lambda: begun == ["first"])
            group.start_soon(follow, job("second"), stays, kept, limiter)
            await until(lambda: limiter.statistics().tasks_waiting == 1)
            assert begun == ["first"]
            let_go.set()
        assert kept.heard == ["first", "second"]

    anyio.run(both)


def test_who_leaves_the_line_is_never_served() -> None:
    let_go, begun = threading.Event(), []

    def first(gone: threading.Event) -> Generator[str]:
        begun.append("first")
        let_go.wait(30)
        yield "first"

    def second(gone: threading.Event) -> Generator[str]:
        begun.append("second")
        yield "second"

    async def both() -> None:
        limiter, kept, ended = anyio.CapacityLimiter(1), Kept(), []
        leave, receive = leaving()

        async def waits() -> None:
            ended.append(await follow(second, receive, kept, limiter))

        async with anyio.create_task_group() as group:
            group.start_soon(follow, first, stays, kept, limiter)
            await until(lambda: begun == ["first"])
            group.start_soon(waits)
            await until(lambda: limiter.statistics().tasks_waiting == 1)
            leave.set()
            await until(lambda: ended == [False])
            let_go.set()
        assert begun == kept.heard == ["first"]

    anyio.run(both)


def test_a_job_that_nobody_listens_to_is_told_and_counts_until_it_ends() -> None:
    let_go = threading.Event()

    def job(gone: threading.Event) -> Generator[int]:
        yield 1
        gone.wait(30)
        let_go.wait(30)
        raise Gone

    async def run() -> None:
        limiter, kept, ended = anyio.CapacityLimiter(1), Kept(), []
        leave, receive = leaving()

        async def follows() -> None:
            ended.append(await follow(job, receive, kept, limiter))

        async with anyio.create_task_group() as group:
            group.start_soon(follows)
            await until(lambda: kept.heard == [1])
            leave.set()
            await anyio.sleep(0.05)
            assert limiter.borrowed_tokens == 1
            let_go.set()
        assert ended == [False]
        assert limiter.borrowed_tokens == 0

    anyio.run(run)
