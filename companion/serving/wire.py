"""OpenAI's shapes: a chat completion, its chunks, the list of models and an error."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.responses import Response

from companion.serving.refused import Refused
from companion.serving.reply import DISCLOSURE, Reply
from companion.usage import Usage

IGNORED = "X-Companion-Ignored"
DONE = b"data: [DONE]\n\n"


class JSON(Response):
    """A JSON answer, readable by people too."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return encoded(content)


def encoded(content: Any) -> bytes:
    # An id may hold half a character, which has no bytes.
    return json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")


def event(content: Any) -> bytes:
    """Give one server-sent event."""
    return b"data: " + encoded(content) + b"\n\n"


def error(refused: Refused, headers: Mapping[str, str] | None = None) -> JSON:
    return JSON({"error": said(refused)}, refused.status, headers)


def said(refused: Refused) -> dict[str, Any]:
    return {
        "message": str(refused),
        "type": refused.type,
        "param": refused.param,
        "code": refused.code,
    }


def ignoring(ignored: tuple[str, ...]) -> dict[str, str]:
    """Give the header that says what was not listened to."""
    return {IGNORED: " ".join(ignored)} if ignored else {}


def models(voice: str, host: str | None) -> dict[str, Any]:
    about = {"disclosure": DISCLOSURE, "host": host}
    model = {"id": voice, "object": "model", "created": 0, "owned_by": "companion"}
    return {"object": "list", "data": [model | {"companion": about}]}


def spent(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }


@dataclass(frozen=True)
class Completion:
    """One answer, whole or in chunks. `model` is the voice's name, whatever the client asked for.

    With `usage_wanted`, chunks say what the reply cost, at the end.
    """

    model: str
    usage_wanted: bool = False
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, reply: Reply) -> dict[str, Any]:
        message = {"role": "assistant", "content": reply.text, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        told = {"usage": spent(reply.usage), "companion": reply.about}
        return self._of("chat.completion", [choice]) | told

    def begins(self) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def goes_on(self, text: str) -> bytes:
        return self._chunk({"content": text})

    def ends(self, reply: Reply) -> bytes:
        last = self._chunk({}, "stop", companion=reply.about)
        if not self.usage_wanted:
            return last + DONE
        return (
            last
            + event(self._of("chat.completion.chunk", []) | {"usage": spent(reply.usage)})
            + DONE
        )

    def _chunk(self, delta: dict[str, Any], reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        usage = {"usage": None} if self.usage_wanted else {}
        return event(self._of("chat.completion.chunk", [choice]) | usage | more)

    def _of(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }
