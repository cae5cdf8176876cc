"""What a server tells of itself: the models it has, its window, and how many tokens a chat takes.

No words are sent for any of it, but for `count`, which has a llama.cpp server count a request.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from companion.connection import is_loopback
from companion.models.call import within
from companion.models.failures import Endpoint
from companion.ports import ChatMessage

if TYPE_CHECKING:
    import httpx2

SECONDS = 2.0
"""For each question. They are small, and a server that is slow to answer is done without."""
ASK_AGAIN = 30.0
"""Seconds before a server that could not be reached is asked again what it is."""

_WINDOW = ("loaded_context_length", "max_model_len", "context_length")
"""How LM Studio, vLLM and hosts of many models name the window, in their lists of models."""


class Served:
    """Asks the configured server, and remembers. What it does not tell is None."""

    def __init__(self, http: httpx2.Client, where: Endpoint) -> None:
        self._http, self._where = http, where
        self._root = where.base_url.removesuffix("/v1")
        self._context: int | None = None
        self._is_llama = False
        self._answered = False
        self._ask_after = 0.0

    @property
    def counts(self) -> bool:
        """Say whether this server counts tokens, as llama.cpp's does."""
        self.context()
        return self._is_llama

    def context(self) -> int | None:
        """Give the tokens one conversation may take."""
        if self._answered or time.monotonic() < self._ask_after:
            return self._context
        try:
            self._context = self._window()
        except Exception:
            self._ask_after = time.monotonic() + ASK_AGAIN
            return self._context
        # Ollama tells the window of a loaded model only, so it is asked until there is one.
        self._answered = self._context is not None or not is_loopback(self._where.host)
        self._ask_after = time.monotonic() + ASK_AGAIN
        return self._context

    def count(self, messages: Sequence[ChatMessage]) -> int | None:
        """Give the tokens of these messages in the model's own template."""
        if not self.counts:
            return None
        sent = [{"role": message.role, "content": message.content} for message in messages]
        try:
            prompt = self._ask("POST", "/apply-template", {"messages": sent})["prompt"]
            body = {"content": prompt, "add_special": True, "parse_special": True}
            return len(self._ask("POST", "/tokenize", body)["tokens"])
        except Exception:
            return None

    def models(self) -> tuple[str, ...] | None:
        """Give the names of the models there, None when the server has no list of them."""
        try:
            return tuple(str(one["id"]) for one in self._listed())
        except Exception:
            return None

    def passes_on_to(self) -> str | None:
        """Give the host that an Ollama on this computer passes the words on to, if it does."""
        try:
            told = self._ask("GET", "/api/tags")["models"]
            return next(
                (str(one["remote_host"]) for one in told if self._is(one) and one["remote_host"]),
                None,
            )
        except Exception:
            return None

    def _window(self) -> int | None:
        told = self._ask("GET", "/props")
        settings = told.get("default_generation_settings") if isinstance(told, dict) else None
        if isinstance(settings, dict) and (size := _positive(settings.get("n_ctx"))):
            self._is_llama = True
            return size
        entry = next(filter(self._is, self._listed()), {})
        if not is_loopback(self._where.host) or any(name in entry for name in _WINDOW):
            return _window_of(entry)
        # What follows are questions that only LM Studio and Ollama know the answers to.
        for path, under in (("/api/v0/models", "data"), ("/api/ps", "models")):
            there = self._ask("GET", path)
            for one in there.get(under) or () if isinstance(there, dict) else ():
                if self._is(one) and (size := _window_of(one)):
                    return size
        return None

    def _listed(self) -> list[Mapping[str, Any]]:
        path = self._where.base_url.removeprefix(self._root)
        told = self._ask("GET", f"{path}/models")
        listed: list[Mapping[str, Any]] = told["data"] if isinstance(told, dict) and told else []
        return listed

    def _is(self, entry: Mapping[str, Any]) -> bool:
        names = {entry.get("id"), entry.get("name"), entry.get("model")}
        return bool(names & {self._where.model, f"{self._where.model}:latest"})

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        def asked() -> Any:
            answer = self._http.request(method, self._root + path, json=body, timeout=SECONDS)
            return answer.json() if answer.status_code == 200 else {}

        return within(SECONDS, asked)


def _window_of(entry: Mapping[str, Any]) -> int | None:
    return next((size for name in _WINDOW if (size := _positive(entry.get(name)))), None)


def _positive(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
