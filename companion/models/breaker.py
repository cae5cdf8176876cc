"""A rest for a model that keeps failing, so that nobody waits for it at every turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from companion.errors import ContextOverflow, ModelError, SchemaRefused
from companion.models.failures import TooManyRequests
from companion.ports import ChatMessage, ChatModel, Ended

FAILURES = 2
"""In a row, until it is given a rest."""
FIRST_REST = 15.0
"""Seconds; people take longer to write a message, so the next turn asks again."""
LONGEST_REST = 300.0

_NOT_ITS_FAULT = (ContextOverflow, SchemaRefused)


class Breaker:
    """Implements `ports.ChatModel` over another. Thread-safe.

    After two failures in a row requests are refused at once for a while: 15 s, then twice as long
    each time it fails again, or as long as the server asked for. Then it is asked again.
    """

    def __init__(self, model: ChatModel, clock: Callable[[], float] = time.monotonic) -> None:
        self.model = model
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0
        self._last = ""

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def host(self) -> str | None:
        return self.model.host

    @property
    def context(self) -> int:
        return self.model.context

    @property
    def counted_by(self) -> str:
        return self.model.counted_by

    @property
    def resting(self) -> float:
        """Give the seconds for which it is not asked, 0 when it is."""
        return max(self._until - self._clock(), 0.0)

    def count(self, messages: Sequence[ChatMessage]) -> int:
        self._admit()
        return self.model.count(messages)

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[str, None, Ended]:
        self._admit()
        try:
            ended = yield from self.model.stream(messages, max_tokens=max_tokens, schema=schema)
        except _NOT_ITS_FAULT:
            raise
        except ModelError as error:
            self._failed(error)
            raise
        self.recover()
        return ended

    def recover(self) -> None:
        """Forget its failures; it is asked again from now on."""
        with self._lock:
            self._failures, self._until = 0, 0.0

    def close(self) -> None:
        self.model.close()

    def _admit(self) -> None:
        resting = self.resting
        if resting:
            raise ModelError(
                f"{self.name} has failed and is asked again in {resting:.0f} s. "
                f"What it was: {self._last}"
            )

    def _failed(self, error: ModelError) -> None:
        with self._lock:
            self._failures += 1
            self._last = str(error)
            rest = 0.0
            if self._failures >= FAILURES:
                rest = min(FIRST_REST * 2 ** (self._failures - FAILURES), LONGEST_REST)
            if isinstance(error, TooManyRequests) and error.wait is not None:
                rest = max(rest, min(error.wait, LONGEST_REST))
            self._until = self._clock() + rest
