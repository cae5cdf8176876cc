"""The reader's own encoder: MiniLM fine-tuned for reading, as int8 ONNX, shipped in the package.

How the weights are made: `training/train.py`; what they are and whom they fail:
`companion/reader/weights/README.md`. The tokenizer is the embedder's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from companion.domain import PastTurn, Span
from companion.embedder import session
from companion.ports import Vectors
from companion.text import plain

WEIGHTS = Path(__file__).parent / "weights"
TOKENIZER = Path(__file__).parents[1] / "weights" / "tokenizer.json"
WIDTH = 384
BEGIN, END = 101, 102
TEXT_TOKENS, CONTEXT_TOKENS = 230, 100
OVERLAP = 30
"""Tokens that neighbouring windows of a long text share, so that no cut hides what is said."""


@dataclass(frozen=True)
class Tokens:
    """A text and its context as the encoder sees them; `size` is how many tokens are the text's."""

    ids: list[int]
    types: list[int]
    size: int
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Read:
    """The states of the text's own tokens, shape (tokens, 384), each with its span in the text."""

    states: Vectors
    spans: tuple[Span, ...]

    @property
    def mean(self) -> Vectors:
        """Give what the heads see, shape (384,)."""
        mean: Vectors = self.states.mean(axis=0)
        return mean


def bare_tokenizer(path: Path = TOKENIZER) -> Tokenizer:
    """Give the tokenizer without the padding and truncation of its file."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    # A message that says "[SEP]" says those five letters.
    tokenizer.encode_special_tokens = True
    return tokenizer


def tokens(tokenizer: Tokenizer, text: str, context: str = "") -> Tokens:
    """Put a text and what it answers side by side. Training and reading share this."""
    encoded = tokenizer.encode(text, add_special_tokens=False)
    ids = [BEGIN, *encoded.ids[:TEXT_TOKENS], END]
    offsets = [(0, 0), *encoded.offsets[:TEXT_TOKENS], (0, 0)]
    around: list[int] = []
    if context:
        around = tokenizer.encode(context, add_special_tokens=False).ids[-CONTEXT_TOKENS:]
        around = [*around, END]
    return Tokens(
        ids + around,
        [0] * len(ids) + [1] * len(around),
        len(ids),
        tuple(Span(start, end) for start, end in offsets),
    )


def before(history: Sequence[PastTurn]) -> str:
    """Give what a message is read after: the last exchange, the end of each side."""
    if not history:
        return ""
    last = history[-1]
    return f"{plain(last.message)[-240:]}\n{plain(last.reply)[-160:]}".strip()


def answered(message: str) -> str:
    """Give what a sentence of a reply is judged against: the message's first 420 characters.

    Of these the last 100 tokens are seen, which only dense text exceeds.
    """
    return plain(message)[:420].strip()


class Encoder:
    """The shipped encoder. Thread-safe; one to three milliseconds a text."""

    def __init__(self, folder: Path = WEIGHTS, *, threads: int = 2) -> None:
        self._session = session(folder / "reader.onnx", threads)
        self._tokenizer = bare_tokenizer()

    def windows(self, text: str) -> tuple[Span, ...]:
        """Cut a text that is too long to read at once into windows of about one size."""
        offsets = self._tokenizer.encode(plain(text), add_special_tokens=False).offsets
        if len(offsets) <= TEXT_TOKENS:
            return (Span(0, len(text)),)
        count = math.ceil((len(offsets) - OVERLAP) / (TEXT_TOKENS - OVERLAP))
        step = (len(offsets) - OVERLAP) / count
        places = [(round(k * step), round((k + 1) * step) + OVERLAP) for k in range(count)]
        return tuple(Span(offsets[first][0], offsets[last - 1][1]) for first, last in places)

    def read(self, text: str, context: str = "") -> Read:
        # One text a run: dynamic int8 would let texts in a batch change each other's states.
        seen = tokens(self._tokenizer, plain(text), context)
        given = {"input_ids": np.array([seen.ids]), "token_type_ids": np.array([seen.types])}
        states = self._session.run(None, given)[0][0]
        return Read(states[: seen.size], seen.spans)
