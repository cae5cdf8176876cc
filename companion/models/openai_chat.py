"""A chat model behind any OpenAI-compatible address, streamed, with a limit to every wait.

Importing `openai` takes about a second, so it happens when an OpenAIChat is made, never before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from companion.errors import ModelError
from companion.models.budget import Count, estimated, tiktoken_count
from companion.models.call import Call
from companion.models.failures import Endpoint, PassingFailure, explain
from companion.models.llama import LlamaServer
from companion.models.transport import http_client, silence
from companion.ports import ChatMessage, Ended


class OpenAIChat:
    """Implements `ports.ChatModel`. Thread-safe. All waits are in seconds, `context` in tokens.

    `first_token` and `total` run from the call of `stream`. Raises SettingsError for a key that
    cannot be one. `on_close` is called once, by `close`.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key: str | None = None,
        shown_as: str | None = None,
        context: int = 4096,
        first_token: float = 20.0,
        between_tokens: float = 10.0,
        total: float = 90.0,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        import openai

        silence()
        self.name = shown_as or model
        self._where = Endpoint(base_url.rstrip("/"), model)
        self._least_context = context
        self._first, self._between, self._total = first_token, between_tokens, total
        self._http = http_client(self._where, key, max(first_token, between_tokens) + 1.0)
        # Told explicitly, or it would take a key meant for another service from the environment.
        self._client = openai.OpenAI(
            base_url=self._where.base_url,
            api_key="set-by-transport",
            admin_api_key="",
            http_client=self._http,
            max_retries=0,
        )
        self._llama = LlamaServer(self._http, self._where.base_url)
        self._asks_usage = True
        self._on_close = on_close

    @property
    def context(self) -> int:
        return self._llama.context() or self._least_context

    @property
    def counted_by(self) -> str:
        """Say who counts tokens: "tiktoken", "the server" or "an estimate"."""
        if self._tiktoken:
            return "tiktoken"
        return "the server" if self._llama.context() else "an estimate"

    def count(self, messages: Sequence[ChatMessage]) -> int:
        if self._tiktoken:
            return self._tiktoken(messages)
        return self._llama.count(messages) or estimated(messages)

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[str, None, Ended]:
        began = time.monotonic()
        wait = 0.0
        options: dict[str, Any] = {self._limit: max_tokens}
        if schema is not None:
            named = {"name": "answer", "schema": schema, "strict": True}
            options |= {"response_format": {"type": "json_schema", "json_schema": named}}
        try:
            return (yield from self._attempt(messages, options, began))
        except PassingFailure as failure:
            wait = failure.wait
        time.sleep(wait)
        return (yield from self._attempt(messages, options, began))

    def close(self) -> None:
        """Close the client, and the server if it runs in this process."""
        self._client.close()
        if self._on_close:
            self._on_close()
            self._on_close = None

    @cached_property
    def _tiktoken(self) -> Count | None:
        return tiktoken_count(self._where.model)

    @property
    def _limit(self) -> str:
        # OpenAI's newer models refuse the old name of the limit; other servers know only that one.
        openai = self._where.host == "api.openai.com"
        return "max_completion_tokens" if openai else "max_tokens"

    def _attempt(
        self, messages: Sequence[ChatMessage], options: Mapping[str, Any], began: float
    ) -> Generator[str, None, Ended]:
        heard, said, reason = False, False, None
        tokens: tuple[int | None, int | None] = (None, None)
        call = Call(lambda: self._open(messages, options, began))
        try:
            while True:
                going, chunk = call.next(self._patience(began, heard))
                if not going:
                    break
                if usage := getattr(chunk, "usage", None):
                    tokens = (usage.prompt_tokens, usage.completion_tokens)
                for choice in chunk.choices[:1]:
                    reason = choice.finish_reason or reason
                    # A model that thinks first says so in a field of its own: alive, not speaking.
                    heard = heard or any((choice.delta.model_extra or {}).values())
                    if choice.delta.content:
                        heard = said = True
                        yield choice.delta.content
        except TimeoutError:
            raise self._stalled(began, heard) from None
        except Exception as error:
            failure = self._explained(error)
            if heard and isinstance(failure, PassingFailure):
                failure = ModelError(str(failure))
            # Without its cause: a library's error can hold the key, and tracebacks are logged.
            raise failure from None
        finally:
            call.stop()
        return self._ended(reason, said, tokens)

    def _open(
        self, messages: Sequence[ChatMessage], options: Mapping[str, Any], began: float
    ) -> Iterable[Any]:
        if self._asks_usage:
            options = {**options, "stream_options": {"include_usage": True}}
        sent = [{"role": message.role, "content": message.content} for message in messages]
        stream = self._client.chat.completions.create(
            model=self._where.model, messages=cast(Any, sent), stream=True, **options
        )
        with stream:
            for chunk in stream:
                # Here, not where it is read: the reader may pause while a sentence is replaced.
                if time.monotonic() - began > self._total:
                    raise TimeoutError
                yield chunk

    def _patience(self, began: float, heard: bool) -> float:
        elapsed = time.monotonic() - began
        return min(self._between if heard else self._first - elapsed, self._total - elapsed)

    def _stalled(self, began: float, heard: bool) -> ModelError:
        where = self._where.shown
        if time.monotonic() - began >= self._total:
            return ModelError(f"{where} was not done in {self._total:g} s; a smaller model may be.")
        if heard:
            return ModelError(f"{where} fell silent for {self._between:g} s in mid-reply.")
        return ModelError(
            f"{where} gave no first word in {self._first:g} s; it may be loading or too slow, "
            "so try again, or raise COMPANION_FIRST_TOKEN_SECONDS."
        )

    def _explained(self, error: Exception) -> ModelError:
        failure = explain(error, self._where)
        body = str(getattr(error, "body", ""))
        if self._asks_usage and "stream_options" in body:
            self._asks_usage = False
            return PassingFailure(str(failure), 0.0)
        return failure

    def _ended(
        self, reason: str | None, said: bool, tokens: tuple[int | None, int | None]
    ) -> Ended:
        where = self._where.shown
        if reason == "content_filter":
            raise ModelError(f"{where} stopped the reply by a filter of its own.")
        if not said:
            raise ModelError(f"{where} sent an empty reply; check that it serves a chat model.")
        if reason is None:
            raise ModelError(f"{where} cut the reply off; check that the model server is well.")
        return Ended("length" if reason == "length" else "stop", *tokens)
