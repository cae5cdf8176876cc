"""A request to a model with what it cost: what the server told, else what can be known here."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from companion.errors import ModelError
from companion.models.budget import estimate
from companion.ports import ChatMessage, ChatModel, Ended
from companion.usage import Usage


def metered(
    model: ChatModel,
    messages: Sequence[ChatMessage],
    tokens: int,
    most: int,
    note: Callable[[Usage], None],
    schema: Mapping[str, Any] | None = None,
) -> Generator[str, None, Ended]:
    """Yield what the model says; `note` is called once, however the request ends.

    `tokens` is what the messages were counted at, `most` the limit of the answer. Of a request
    that was cut short, the server's count never comes; then these are given, and not as told. One
    that failed before the first word cost nothing that is known.
    """
    ended, written, failed = None, "", False
    try:
        with closing(model.stream(messages, max_tokens=most, schema=schema)) as pieces:
            while ended is None:
                try:
                    piece = next(pieces)
                except StopIteration as stop:
                    ended = stop.value or Ended("stop")
                else:
                    written += piece
                    yield piece
        return ended
    except ModelError:
        failed = not written
        raise
    finally:
        asked = 0 if failed else tokens
        note(_usage(ended or Ended("stopped"), asked, written, model.counted_by))


def _usage(ended: Ended, tokens: int, written: str, counted_by: str) -> Usage:
    told = ended.prompt_tokens is not None and ended.completion_tokens is not None
    return Usage(
        prompt=tokens if ended.prompt_tokens is None else ended.prompt_tokens,
        completion=(
            estimate(written) if ended.completion_tokens is None else ended.completion_tokens
        ),
        cached=ended.cached_tokens or 0,
        requests=1,
        told=told,
        counted_by=counted_by,
    )
