"""What a llama.cpp server tells of itself: its window, and exactly how many tokens a chat takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from companion.models.call import within
from companion.ports import ChatMessage

if TYPE_CHECKING:
    import httpx2

SECONDS = 2.0
"""For each question. They are small, and a server that is slow to answer is done without."""
ASK_AGAIN = 30.0
"""Seconds before a server that could not be reached is asked again what it is."""


class LlamaServer:
    """Asks the configured server. Every method gives None when it is another kind of server."""

    def __init__(self, http: httpx2.Client, base_url: str) -> None:
        self._http = http
        self._root = base_url.rstrip("/").removesuffix("/v1")
        self._context: int | None = None
        self._answered = False
        self._ask_after = 0.0

    def context(self) -> int | None:
        """Give the tokens one conversation may take. No words are sent for this."""
        if self._answered or time.monotonic() < self._ask_after:
            return self._context
        try:
            told = self._ask("GET", "/props")
        except Exception:
            self._ask_after = time.monotonic() + ASK_AGAIN
            return None
        self._answered = True
        settings = told.get("default_generation_settings") if isinstance(told, dict) else None
        size = settings.get("n_ctx") if isinstance(settings, dict) else None
        self._context = size if isinstance(size, int) and size > 0 else None
        return self._context

    def count(self, messages: Sequence[ChatMessage]) -> int | None:
        """Give the tokens of these messages in the model's own template."""
        if self.context() is None:
            return None
        sent = [{"role": message.role, "content": message.content} for message in messages]
        try:
            prompt = self._ask("POST", "/apply-template", {"messages": sent})["prompt"]
            body = {"content": prompt, "add_special": True, "parse_special": True}
            return len(self._ask("POST", "/tokenize", body)["tokens"])
        except Exception:
            return None

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        def asked() -> Any:
            answer = self._http.request(method, self._root + path, json=body, timeout=SECONDS)
            return answer.json() if answer.status_code == 200 else {}

        return within(SECONDS, asked)
