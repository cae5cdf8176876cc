"""The other side of every comparison: the `openai` client alone, with nothing of ours around it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from companion.ports import ChatMessage
from companion.voice.sentence_stream import SentenceStream


@dataclass(frozen=True)
class Said:
    """A reply as it came. Seconds run from the request; `sentence` is None if none was whole."""

    text: str
    first: float
    sentence: float | None
    total: float


def ask(client: Any, model: str, messages: Sequence[ChatMessage], most: int) -> Said:
    """Have a model answer, streamed. `client` is an `openai.OpenAI`."""
    began = time.perf_counter()
    sent = [{"role": one.role, "content": one.content} for one in messages]
    stream = client.chat.completions.create(
        model=model, messages=cast(Any, sent), max_tokens=most, stream=True
    )
    text, first, sentence, whole = "", 0.0, None, SentenceStream()
    for chunk in stream:
        piece = chunk.choices[0].delta.content if chunk.choices else None
        if not piece:
            continue
        now = time.perf_counter() - began
        first = first or now
        text += piece
        if sentence is None and whole.feed(piece):
            sentence = now
    return Said(text, first, sentence, time.perf_counter() - began)
