"""What works over a connection and what does not, found by trying it, in plain words."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from companion.errors import CompanionError, ModelError
from companion.finding import Finding
from companion.models.answers import Answers, Rung
from companion.models.openai_chat import OpenAIChat
from companion.models.prompt import prompt
from companion.models.reading import LanguageModelReader
from companion.ports import ChatMessage

NEEDED = 2_048
"""Tokens. Instructions, a moment, a message and the reply to it take about three quarters of it."""
COMFORTABLE = 4_096
"""Tokens that hold some of the conversation and the examples as well."""
FORM_SECONDS = 30.0

_HELLO = "Say hello in one short sentence."
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["colour"],
    "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}},
}
_ASKED = "What colour is a clear sky by day? Answer with JSON only."


def examine(model: OpenAIChat, *, reads: bool = True) -> Iterator[Finding]:
    """Yield findings as they are made, and stop at the first that makes the others pointless.

    Nothing a person wrote is sent. With `reads`, the model also reads the eight authored probes,
    which takes a while. Never raises CompanionError.
    """
    yield _goes(model)
    listed = _listed(model)
    if listed:
        yield listed
    try:
        yield from _speaks(model)
    except ModelError as error:
        yield Finding("wrong", "answers", str(error))
        return
    yield _form(model)
    yield _window(model)
    if model.server:
        yield _here(model)
    if reads:
        yield _reads(model)


def _goes(model: OpenAIChat) -> Finding:
    if model.host is None:
        return Finding("fine", "where words go", "They stay on this computer.")
    return Finding("note", "where words go", f"They are sent to {model.host}.")


def _listed(model: OpenAIChat) -> Finding | None:
    names = model.served.models()
    wanted = model.where.model
    if not names or model.server:
        return None
    if wanted in names or f"{wanted}:latest" in names:
        return Finding("fine", "model", f"“{wanted}” is there.")
    if len(names) == 1:
        said = f"The server lists only “{names[0]}”, and may answer to any name with it."
        return Finding("note", "model", said)
    some = ", ".join(names[:8])
    return Finding("wrong", "model", f"The server lists no “{wanted}”. It has: {some}.")


def _speaks(model: OpenAIChat) -> Iterator[Finding]:
    began = time.monotonic()
    times: list[float] = []
    # With the instructions of a real reply, which take most of its time.
    asked = [ChatMessage("system", prompt("everyday").render()), ChatMessage("user", _HELLO)]
    pieces = model.stream(asked, max_tokens=24)
    try:
        for _ in pieces:
            times.append(time.monotonic() - began)
    finally:
        pieces.close()
    yield Finding("fine", "answers", f"The first word came after {times[0]:.1f} s.")
    if len(times) > 1:
        yield Finding("fine", "streams", "Words come as they are written.")
    else:
        said = "Replies come whole, so the first words take as long as all of them."
        yield Finding("note", "streams", said)


def _form(model: OpenAIChat) -> Finding:
    answers = Answers(model, _SCHEMA, lambda text: re.search(r'"colour"\s*:\s*"(\w+)"', text))
    found, _ = answers.ask(_ASKED, 40, FORM_SECONDS)
    if found and answers.rung is Rung.SCHEMA:
        return Finding("fine", "keeps to a form", "Yes, by JSON schema.")
    if found:
        return Finding("fine", "keeps to a form", "Yes, when the form is asked for in words.")
    said = "No, so it cannot read messages; the reader that comes with Companion reads alone."
    return Finding("note", "keeps to a form", said)


def _window(model: OpenAIChat) -> Finding:
    tokens = model.context
    told = "as the server says" if model.served.context() else "as configured; the server says none"
    said = f"{tokens:,} tokens, {told}. They are counted by {_counter(model.counted_by)}."
    if tokens < NEEDED:
        return Finding("wrong", "window", f"{said} That is too small; give it {COMFORTABLE:,}.")
    if tokens < COMFORTABLE:
        said += f" It works, and {COMFORTABLE:,} would hold more of the conversation."
        return Finding("note", "window", said)
    return Finding("fine", "window", said)


def _counter(counted_by: str) -> str:
    return {"the server": "the server itself"}.get(counted_by, counted_by)


def _here(model: OpenAIChat) -> Finding:
    assert model.server
    memory = model.server.memory
    held = f" and holds {memory / 1e9:.1f} GB of memory" if memory else ""
    said = f"It runs on {model.server.threads} of this computer’s threads{held}."
    return Finding("fine", "in this process", said)


def _reads(model: OpenAIChat) -> Finding:
    try:
        believed = LanguageModelReader(model, seconds=FORM_SECONDS).prove()
    except CompanionError as error:
        return Finding("note", "reads messages", str(error))
    if believed:
        said = "It read the trial messages rightly, so it reads beside Companion’s own reader."
        return Finding("fine", "reads messages", said)
    said = "It misread the trial messages, so Companion’s own reader reads alone."
    return Finding("note", "reads messages", said)
