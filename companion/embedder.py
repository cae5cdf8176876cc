"""The embedder: all-MiniLM-L6-v2 as int8 ONNX, shipped in the package; nothing is ever downloaded.

How the weights are made, and how close they stay to the reference: `training/embedder.py`,
`companion/weights/README.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from companion.domain import Span
from companion.ports import Vectors

WEIGHTS = Path(__file__).parent / "weights"
DIMENSIONS = 384
LAYERS = 4
MAX_TOKENS = 256


@dataclass(frozen=True)
class Encoded:
    """One text: its last four layers and a span in the text for each token, and the unit vector.

    `layers` has shape (tokens, 4, 384), the sentence encoder's own states last; `vector` is the
    mean of those, shape (384,), with length 1.
    """

    layers: Vectors
    spans: tuple[Span, ...]
    vector: Vectors


class MiniLM:
    """The shipped encoder. Thread-safe; a call takes one to three milliseconds a text."""

    name = "all-MiniLM-L6-v2-int8-1"

    def __init__(self, folder: Path = WEIGHTS, *, threads: int = 2) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            folder / "embedder.onnx", options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def encode(self, text: str) -> Encoded:
        # One text a run: dynamic int8 would let texts in a batch change each other's vectors.
        tokens = self._tokenizer.encode(text)
        states = self._session.run(None, {"input_ids": np.array([tokens.ids])})[0][0]
        layers = states.reshape(len(tokens.ids), LAYERS, DIMENSIONS)
        mean = layers[:, -1].mean(axis=0)
        spans = tuple(Span(start, end) for start, end in tokens.offsets)
        return Encoded(layers, spans, mean / np.linalg.norm(mean))

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        return np.stack([self.encode(text).vector for text in texts])
