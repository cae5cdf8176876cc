"""What goes wrong between here and a model server, each as one sentence that says what to do.

Nothing a server or a library wrote is repeated: an error body can hold the key, or the message.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from companion.errors import ContextOverflow, ModelError

SHORT_WAIT = 2.0
"""Seconds. A server that asks for a longer wait than this is not asked again."""
PAUSE = 0.3
"""Seconds before the second try when the server names no wait."""


class PassingFailure(ModelError):
    """A failure that may be gone at a second try, after `wait` seconds."""

    def __init__(self, sentence: str, wait: float = PAUSE) -> None:
        super().__init__(sentence)
        self.wait = wait


class TooManyRequests(ModelError):
    """The server asks to be left alone, for `wait` seconds if it says how long."""

    def __init__(self, sentence: str, wait: float | None) -> None:
        super().__init__(sentence)
        self.wait = wait


@dataclass(frozen=True)
class Endpoint:
    """Where words go, and the model's name there."""

    base_url: str
    model: str

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def shown(self) -> str:
        """Give the address without user name, password or query."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def explain(error: BaseException, where: Endpoint) -> ModelError:
    """Give the sentence for what the client raised; a PassingFailure where a retry makes sense."""
    if isinstance(error, ModelError):
        return error
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return _status(status, error, where)
    causes = list(_causes(error))
    names = {type(cause).__name__ for cause in causes}
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return PassingFailure(
            f"The address of {where.host} cannot be found; "
            "check the address (COMPANION_BASE_URL, or Settings) and the network connection."
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return ModelError(
            f"The connection to {where.host} could not be made secure (TLS); "
            "check its certificate, and that its address should begin with https://."
        )
    if "ConnectTimeout" in names:
        return ModelError(
            f"{where.shown} did not take the connection in time; check that the address is right."
        )
    if any("Timeout" in name for name in names):
        return ModelError(f"{where.shown} fell silent; check that the model server is well.")
    if "ConnectError" in names:
        return PassingFailure(
            f"No model server answers at {where.shown}; start it, or choose another voice."
        )
    if "APIConnectionError" in names:
        return PassingFailure(
            f"The connection to {where.shown} was cut; check that the model server is well."
        )
    if "APIError" in names:
        return ModelError(
            f"The model server at {where.shown} reported an error of its own; look at its log."
        )
    return ModelError(
        f"What {where.shown} sent is not a chat completion; "
        "check that the address is an OpenAI-compatible server's, often ending in /v1."
    )


def _status(status: int, error: BaseException, where: Endpoint) -> ModelError:
    if 300 <= status < 400:
        return ModelError(
            f"{where.shown} points to another address, and words go only where you said; "
            "give the final address instead."
        )
    if status == 429:
        return _too_many(error, where)
    body = str(getattr(error, "body", ""))
    if status in _REFUSED_REQUEST and _OVERFLOW.search(body):
        told = _WINDOW.search(body)
        return ContextOverflow(
            f"{where.shown} can hold less than this conversation ({status}); "
            "set COMPANION_CONTEXT to what the model can hold.",
            int(told.group(1)) if told else None,
        )
    if status >= 500:
        return PassingFailure(
            f"The model server at {where.shown} failed ({status}); wait, or look at its log."
        )
    sentence = _REFUSALS.get(status, _REFUSED)
    return ModelError(sentence.format(shown=where.shown, model=where.model, status=status))


_REFUSED_REQUEST = frozenset({400, 413, 422, 500})
_OVERFLOW = re.compile(
    r"context[ _](?:length|size|window)|exceed_context|maximum context|too many tokens"
    r"|prompt is too long|n_ctx",
    re.IGNORECASE,
)
"""How servers say that a request was longer than the window; one of them as an error 500."""
_WINDOW = re.compile(r"(?:n_ctx\W{1,4}|maximum context length is )(\d{3,7})", re.IGNORECASE)
"""How llama.cpp, and OpenAI and vLLM, say how long the window is."""

_REFUSED = "{shown} did not accept the request ({status}); check the address and the model’s name."
_TOO_LONG = (
    "{shown} did not accept the request ({status}); "
    "check the model’s name, and that COMPANION_CONTEXT is no more than it can hold."
)
_REFUSALS = {
    400: _TOO_LONG,
    401: "{shown} did not accept the key (401); check COMPANION_API_KEY, or the key in Settings.",
    402: "The account at {shown} has no credit left (402); top it up, or choose another model.",
    403: "{shown} does not allow this (403); check what the key may be used for.",
    404: (
        "{shown} knows no model “{model}”, or the path is wrong (404); "
        "check the model’s name, and whether the address should end in /v1."
    ),
    413: _TOO_LONG,
    422: _TOO_LONG,
}


def _too_many(error: BaseException, where: Endpoint) -> ModelError:
    sentence = (
        f"{where.shown} is taking no more requests for now (429); "
        "wait a while, or check the account's limits."
    )
    wait = _retry_after(error)
    if wait is not None and wait <= SHORT_WAIT:
        return PassingFailure(sentence, wait)
    return TooManyRequests(sentence, wait)


def _retry_after(error: BaseException) -> float | None:
    """Give the seconds the server asks for, as a number or a date, or None when it says none."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    said = headers.get("retry-after", "")
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
