"""What came over the wire, whoever sent it: a chunk of a stream or a whole completion, as one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Heard:
    """A piece of an answer. `alive` without text is a model that thinks first.

    `prompt`, `completion` and `cached` are tokens, told once, by most servers with the last piece.
    """

    text: str = ""
    alive: bool = False
    reason: str | None = None
    prompt: int | None = None
    completion: int | None = None
    cached: int | None = None


def heard(answer: Any) -> Heard:
    """Read a chunk, or a whole completion; both are the client's own typed objects.

    Raises what reading an answer of another shape raises.
    """
    usage = getattr(answer, "usage", None)
    text, alive, reason = "", False, None
    for choice in answer.choices[:1]:
        said = getattr(choice, "delta", None) or getattr(choice, "message", None)
        text = getattr(said, "content", None) or ""
        # Reasoning comes in fields of servers' own: "reasoning_content", "reasoning".
        alive = bool(text) or any((getattr(said, "model_extra", None) or {}).values())
        reason = choice.finish_reason
    details = getattr(usage, "prompt_tokens_details", None)
    return Heard(
        text=text,
        alive=alive,
        reason=reason,
        prompt=_tokens(usage, "prompt_tokens"),
        completion=_tokens(usage, "completion_tokens"),
        cached=_tokens(details, "cached_tokens"),
    )


def _tokens(told: Any, name: str) -> int | None:
    value = getattr(told, name, None)
    return value if isinstance(value, int) and value >= 0 else None


def pieces(answer: Any) -> Iterator[Heard]:
    """Yield what a request gave: a stream's chunks, or the whole answer at once.

    A server that does not stream may answer whole though a stream was asked for.
    """
    if not hasattr(answer, "response"):
        yield heard(answer)
        return
    with answer:
        if "json" in answer.response.headers.get("content-type", ""):
            yield heard(_whole(answer.response.read()))
            return
        chunks: Iterable[Any] = answer
        yield from map(heard, chunks)


def _whole(body: bytes) -> Any:
    from openai.types.chat import ChatCompletion

    # Built without validation, as the client builds what it streams: servers leave fields out.
    return ChatCompletion.construct(**json.loads(body))
