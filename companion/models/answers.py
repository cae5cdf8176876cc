"""One answer in JSON from any model, by the best way it turns out to know.

schema    the server holds the model to a JSON schema
prompted  it does not: the form is written into the request
          either way an answer that is not of the form is sent back once, to be mended
none      still not of the form, or not in time: the caller goes on without
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, Generic, TypeVar

from companion.errors import ModelError, SchemaRefused
from companion.models.budget import estimate
from companion.models.metered import metered
from companion.models.prompt import as_data, prompt
from companion.ports import ChatMessage, ChatModel
from companion.usage import Usage

T = TypeVar("T")


class Rung(StrEnum):
    """How a model is brought to answer in JSON."""

    SCHEMA = "schema"
    PROMPTED = "prompted"


class Answers(Generic[T]):
    """Asks a model for answers of one form. Thread-safe; `rung` is learned and kept.

    `read` gives the answer in a text, or None when the text holds none of the form.
    """

    def __init__(
        self, model: ChatModel, schema: Mapping[str, Any], read: Callable[[str], T | None]
    ) -> None:
        self._model, self._schema, self._read = model, schema, read
        self.rung = Rung.SCHEMA

    def ask(self, asked: str, most: int, seconds: float) -> tuple[T | None, Usage]:
        """Give the answer within `seconds`, or None; and what asking cost. Never raises."""
        spent: list[Usage] = []
        until = time.monotonic() + seconds
        answer: T | None = None
        with suppress(ModelError):
            answer = self._answer(asked, most, until, spent)
        return answer, sum(spent, Usage())

    def _answer(self, asked: str, most: int, until: float, spent: list[Usage]) -> T | None:
        try:
            text = self._text([ChatMessage("user", self._worded(asked))], most, until, spent)
        except SchemaRefused:
            self.rung = Rung.PROMPTED
            text = self._text([ChatMessage("user", self._worded(asked))], most, until, spent)
        answer = self._read(text)
        if answer is not None or not text.strip():
            return answer
        repair = prompt("_repair").render(form=form_of(self._schema))
        messages = [
            ChatMessage("user", self._worded(asked)),
            ChatMessage("assistant", as_data(text[:400])),
            ChatMessage("user", repair),
        ]
        return self._read(self._text(messages, most, until, spent))

    def _worded(self, asked: str) -> str:
        if self.rung is Rung.SCHEMA:
            return asked
        return f"{asked}\n\n{prompt('_form').render(form=form_of(self._schema))}"

    def _text(
        self, messages: Sequence[ChatMessage], most: int, until: float, spent: list[Usage]
    ) -> str:
        tokens = sum(estimate(message.content) for message in messages)
        if tokens + most > self._model.context:
            raise ModelError("The message is too long for the model's window.")
        schema = self._schema if self.rung is Rung.SCHEMA else None
        pieces = metered(self._model, messages, tokens, most, spent.append, schema)
        text = ""
        try:
            for piece in pieces:
                text += piece
                if time.monotonic() > until:
                    raise ModelError(f"{self._model.name} did not answer in time.")
        finally:
            pieces.close()
        return text


def form_of(schema: Mapping[str, Any]) -> str:
    """Give the form in words a model can follow: each name with the values it may have."""
    lines = []
    for name, rule in schema["properties"].items():
        values = rule.get("enum")
        said = " or ".join(map(json.dumps, values)) if values else rule.get("type", "any value")
        lines.append(f'"{name}": {said}')
    return "{" + ", ".join(lines) + "}"
