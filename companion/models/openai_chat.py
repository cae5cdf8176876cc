"""A chat model behind any OpenAI-compatible address, streamed, with a limit to every wait.

Importing `openai` takes about a second, so it happens when an OpenAIChat is made, never before.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from companion.connection import Waits
from companion.errors import ContextOverflow, ModelError, SchemaRefused
from companion.models.budget import Count, estimated, tiktoken_count
from companion.models.call import Call
from companion.models.failures import Endpoint, PassingFailure, explain
from companion.models.learned import Learned
from companion.models.served import Served
from companion.models.transport import http_client, silence
from companion.models.wire import Heard, pieces
from companion.ports import ChatMessage, Ended

if TYPE_CHECKING:
    from companion.models.gguf import GGUFServer

LEAST_WINDOW = 2_048
"""Tokens. Hardly a request of ours fits into less, so that believing it would end all asking."""
MOST_TRIES = 5
"""Requests for one answer: one retry, and one for each thing a server may first have to refuse."""


class OpenAIChat:
    """Implements `ports.ChatModel`. Thread-safe. `context` is in tokens.

    `host` is where words leave this computer for, None if they stay; `name` is what people see.
    `server` is what runs the model in this process, if anything does; `close` closes it too.
    Raises SettingsError for a key that cannot be one.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key: str | None = None,
        name: str | None = None,
        host: str | None = None,
        context: int = 4096,
        waits: Waits = Waits(),  # noqa: B008
        server: GGUFServer | None = None,
    ) -> None:
        import openai

        silence()
        self.name, self.host = name or model, host
        self.learned = Learned()
        self.where = Endpoint(base_url.rstrip("/"), model)
        self._configured_context = context
        self._waits = waits
        self._http = http_client(self.where, key, waits.connect, self._read_seconds)
        # Told explicitly, or it would take a key meant for another service from the environment.
        self._client = openai.OpenAI(
            base_url=self.where.base_url,
            api_key="set-by-transport",
            admin_api_key="",
            http_client=self._http,
            max_retries=0,
        )
        self.served = Served(self._http, self.where)
        self._overflowed: int | None = None
        self.server = server

    @property
    def context(self) -> int:
        told = self.served.context() or self._configured_context
        return min(told, self._overflowed or told)

    @property
    def counted_by(self) -> str:
        if self._tiktoken:
            return "tiktoken"
        return "the server" if self.served.counts else "an estimate"

    def count(self, messages: Sequence[ChatMessage]) -> int:
        if self._tiktoken:
            return self._tiktoken(messages)
        return self.served.count(messages) or estimated(messages)

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[str, None, Ended]:
        if schema is not None and self.learned.follows_schema is False:
            raise SchemaRefused(f"{self.name} does not keep to a form.")
        began = time.monotonic()
        retried = False
        for _ in range(MOST_TRIES):
            try:
                ended = yield from self._attempt(messages, max_tokens, schema, began)
            except PassingFailure as failure:
                if failure.wait and retried:
                    raise ModelError(str(failure)) from None
                retried = retried or bool(failure.wait)
                time.sleep(failure.wait)
            else:
                if schema is not None:
                    self.learned.follows_schema = True
                return ended
        raise ModelError(f"{self.where.shown} refuses every request; look at its log.")

    def close(self) -> None:
        """Close the client, and the server if it runs in this process."""
        self._client.close()
        if self.server:
            self.server.close()

    @cached_property
    def _tiktoken(self) -> Count | None:
        # A server on this computer can call any model "gpt-4".
        return tiktoken_count(self.where.model) if self.host else None

    @property
    def _read_seconds(self) -> float:
        return max(self._waits.first_token, self._waits.between_tokens) + 1.0

    def _attempt(
        self,
        messages: Sequence[ChatMessage],
        max_tokens: int,
        schema: Mapping[str, Any] | None,
        began: float,
    ) -> Generator[str, None, Ended]:
        alive, said, last = False, False, Heard()
        options = self.learned.options(max_tokens, schema)
        call = Call(lambda: self._open(messages, options, began))
        try:
            while True:
                going, piece = call.next(self._patience(began, alive))
                if not going:
                    break
                alive = alive or piece.alive
                last = _latest(last, piece)
                if piece.text:
                    said = True
                    yield piece.text
        except TimeoutError:
            raise self._stalled(began, alive) from None
        except Exception as error:
            failure = self._explained(error, schema is not None)
            if isinstance(failure, ContextOverflow):
                sent = estimated(messages) + max_tokens
                smaller = min(failure.window or sent * 3 // 4, self.context - 1)
                self._overflowed = smaller if smaller >= LEAST_WINDOW else None
            if alive and isinstance(failure, PassingFailure):
                failure = ModelError(str(failure))
            # Without its cause: a library's error can hold the key, and tracebacks are logged.
            raise failure from None
        finally:
            call.stop()
        return self._ended(last, said)

    def _open(
        self, messages: Sequence[ChatMessage], options: Mapping[str, Any], began: float
    ) -> Iterator[Heard]:
        sent = [{"role": message.role, "content": message.content} for message in messages]
        answer = self._client.chat.completions.create(
            model=self.where.model, messages=cast(Any, sent), **options
        )
        for piece in pieces(answer):
            # Here, not where it is read: the reader may pause while a sentence is replaced.
            if time.monotonic() - began > self._waits.total:
                raise TimeoutError
            yield piece

    def _patience(self, began: float, alive: bool) -> float:
        elapsed = time.monotonic() - began
        waits = self._waits
        next_one = waits.between_tokens if alive else waits.first_token - elapsed
        if not (self.learned.streams or alive):
            next_one = waits.total - elapsed
        return min(next_one, waits.total - elapsed)

    def _stalled(self, began: float, alive: bool) -> ModelError:
        where, waits = self.where.shown, self._waits
        if time.monotonic() - began >= waits.total:
            return ModelError(f"{where} was not done in {waits.total:g} s; a smaller model may be.")
        if alive:
            return ModelError(f"{where} fell silent for {waits.between_tokens:g} s in mid-reply.")
        return ModelError(
            f"{where} gave no first word in {waits.first_token:g} s; it may be loading or too "
            "slow, so try again, or raise COMPANION_FIRST_TOKEN_SECONDS."
        )

    def _explained(self, error: Exception, with_schema: bool) -> ModelError:
        failure = explain(error, self.where)
        body = str(getattr(error, "body", ""))
        if isinstance(failure, ContextOverflow):
            return failure
        if with_schema and body and self.learned.refuses_schema(body):
            return SchemaRefused(f"{self.name} does not keep to a form.")
        if body and self.learned.refused(body):
            return PassingFailure(str(failure), 0.0)
        return failure

    def _ended(self, last: Heard, said: bool) -> Ended:
        where = self.where.shown
        if last.reason == "content_filter":
            raise ModelError(f"{where} stopped the reply by a filter of its own.")
        if not said:
            raise ModelError(f"{where} sent an empty reply; check that it serves a chat model.")
        if last.reason is None:
            raise ModelError(f"{where} cut the reply off; check that the model server is well.")
        reason = "length" if last.reason == "length" else "stop"
        return Ended(reason, last.prompt, last.completion, last.cached)


def _latest(before: Heard, now: Heard) -> Heard:
    """Give the last that was told of each thing; servers tell them in different pieces."""
    return Heard(
        reason=now.reason or before.reason,
        prompt=before.prompt if now.prompt is None else now.prompt,
        completion=before.completion if now.completion is None else now.completion,
        cached=before.cached if now.cached is None else now.cached,
    )
