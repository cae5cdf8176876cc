"""Token counts without a download, and what of a conversation fits into a model's window."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from companion.errors import ModelError
from companion.models.encodings import encoding
from companion.ports import ChatMessage

Count = Callable[[Sequence[ChatMessage]], int]

PER_MESSAGE = 8
"""Tokens a chat template may put around one message; templates in use take three to seven."""
PER_REQUEST = 48
"""Tokens a template may put around the whole: a default system line, dates, the reply's opening."""

OPENAI_PER_MESSAGE = 5
"""Tokens OpenAI puts around one message: three, one for the role, and one to be safe.

After OpenAI's cookbook, "How to count tokens with tiktoken", whose rule gave what the service
counted for gpt-3.5-turbo, gpt-4 and gpt-4o. It calls the rule no timeless guarantee, and the first
gpt-3.5-turbo took one more.
"""
OPENAI_PER_REQUEST = 8
"""Tokens OpenAI puts around the whole: three for the reply's opening, and five to be safe."""

_PIECE = re.compile(r"[A-Za-z]+|\s+|[^A-Za-z\s]")
# A word takes the space before it along; a number leaves it standing, a token of its own.
_SPACE_BEFORE_DIGIT = re.compile(r" (?=\d)")
_VOWELS = frozenset("aeiouyAEIOUY")


def estimate(text: str) -> int:
    """Give tokens of a text, on the high side for every byte-pair vocabulary we know.

    Ordinary English comes out at about one and a half times the truth. Words without an ordinary
    shape, and all that is not ASCII, count by letter and by byte, the most they can be.
    """
    return sum(map(_piece, _PIECE.findall(text))) + len(_SPACE_BEFORE_DIGIT.findall(text))


def _piece(piece: str) -> int:
    if piece.isspace():
        return 0 if piece == " " else len(piece.encode())
    if not piece[0].isalpha() or not piece.isascii():
        return len(piece.encode())
    ordinary = piece.islower() or piece.istitle()
    if not ordinary or len(piece) > 14 or not _VOWELS & set(piece):
        return len(piece)
    return ceil(len(piece) / 3)


def estimated(messages: Sequence[ChatMessage]) -> int:
    """Give tokens of a whole request, on the high side."""
    return PER_REQUEST + sum(PER_MESSAGE + estimate(message.content) for message in messages)


def tiktoken_count(model: str) -> Count | None:
    """Give tiktoken's count for a model of OpenAI's that it knows, if its encoding is shipped."""
    known = encoding(model)
    if known is None:
        return None

    def tokens(text: str) -> int:
        try:
            return len(known.encode(text, disallowed_special=()))
        except ValueError:
            # Its pattern gives up on about a million spaces in a row.
            return estimate(text)

    def count(messages: Sequence[ChatMessage]) -> int:
        return OPENAI_PER_REQUEST + sum(
            OPENAI_PER_MESSAGE + tokens(message.content) for message in messages
        )

    return count


@dataclass(frozen=True)
class Fitted:
    """A request that fits. `dropped` is how many of the oldest turns were left out of it."""

    messages: tuple[ChatMessage, ...]
    tokens: int
    dropped: int


def fit(
    count: Count,
    system: ChatMessage,
    history: Sequence[tuple[str, str]],
    message: ChatMessage,
    limit: int,
) -> Fitted:
    """Give the request with as many of the latest turns as fit into `limit` tokens.

    `history` holds a message and its reply for each turn, oldest first.
    Raises ModelError when it does not fit without any history.
    """

    def request(first: int) -> tuple[ChatMessage, ...]:
        said = (
            spoken
            for asked, replied in history[first:]
            for spoken in (ChatMessage("user", asked), ChatMessage("assistant", replied))
            # A message that was never answered; some servers refuse an empty reply.
            if spoken.content
        )
        return (system, *said, message)

    low, high = 0, len(history)
    while low < high:
        middle = (low + high) // 2
        if count(request(middle)) <= limit:
            high = middle
        else:
            low = middle + 1
    messages = request(low)
    tokens = count(messages)
    if tokens > limit:
        raise ModelError(
            "This message is too long for the model's window; "
            "shorten it, or raise COMPANION_CONTEXT if the model can hold more."
        )
    return Fitted(messages, tokens, low)
