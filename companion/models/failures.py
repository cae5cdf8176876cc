"""What goes wrong between here and a model server, each as one sentence that says what to do.

Nothing a server or a library wrote is repeated: an error body can hold the key, or the message.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from companion.errors import ModelError

SHORT_WAIT = 2.0
"""Seconds. A server that asks for a longer wait than this is not asked again."""
PAUSE = 0.3
"""Seconds before the second try when the server names no wait."""


class PassingFailure(ModelError):
    """A failure that may be gone at a second try, after `wait` seconds."""

    def __init__(self, sentence: str, wait: float = PAUSE) -> None:
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
            "check COMPANION_BASE_URL and the network connection."
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return ModelError(
            f"The connection to {where.host} could not be made secure (TLS); "
            "check its certificate, and that COMPANION_BASE_URL should begin with https://."
        )
    if "ConnectTimeout" in names:
        return ModelError(
            f"{where.shown} did not take the connection in time; check that the address is right."
        )
    if any("Timeout" in name for name in names):
        return ModelError(f"{where.shown} fell silent; check that the model server is well.")
    if "ConnectError" in names:
        return PassingFailure(
            f"No model server answers at {where.shown}; start it, or unset COMPANION_BASE_URL."
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
        "check that COMPANION_BASE_URL names an OpenAI-compatible server, often ending in /v1."
    )


def _status(status: int, error: BaseException, where: Endpoint) -> ModelError:
    if 300 <= status < 400:
        return ModelError(
            f"{where.shown} points to another address, and words go only where you said; "
            "set COMPANION_BASE_URL to the final address."
        )
    if status == 429:
        return _too_many(error, where)
    if status >= 500:
        return PassingFailure(
            f"The model server at {where.shown} failed ({status}); wait, or look at its log."
        )
    sentence = _REFUSALS.get(status, _REFUSED)
    return ModelError(sentence.format(shown=where.shown, model=where.model, status=status))


_REFUSED = (
    "{shown} did not accept the request ({status}); check COMPANION_BASE_URL and COMPANION_MODEL."
)
_TOO_LONG = (
    "{shown} did not accept the request ({status}); "
    "check COMPANION_MODEL, and that COMPANION_CONTEXT is no more than the model can hold."
)
_REFUSALS = {
    400: _TOO_LONG,
    401: "{shown} did not accept the key (401); check COMPANION_API_KEY.",
    402: "The account at {shown} has no credit left (402); top it up, or choose another model.",
    403: "{shown} does not allow this (403); check what the key in COMPANION_API_KEY may use.",
    404: (
        "{shown} knows no model “{model}”, or the path is wrong (404); "
        "check COMPANION_MODEL, and whether COMPANION_BASE_URL should end in /v1."
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
    return PassingFailure(sentence, wait) if wait <= SHORT_WAIT else ModelError(sentence)


def _retry_after(error: BaseException) -> float:
    """Give the seconds the server asks for; without a number, too long to wait for."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return float("inf")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
