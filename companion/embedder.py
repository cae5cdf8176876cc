"""The embedder: all-MiniLM-L6-v2 as int8 ONNX, shipped in the package; nothing is ever downloaded.

How the weights are made, and how close they stay to the reference: `training/embedder.py`,
`companion/weights/README.md`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from companion.ports import Vectors

WEIGHTS = Path(__file__).parent / "weights"
DIMENSIONS = 384
MAX_TOKENS = 256


def session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """Open a shipped ONNX file; the reader opens its own the same way."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that spin while idle would take the cores from the other encoder of this process.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


RECENT = 64
"""Texts whose vectors are held for the steps of the same turn, which ask for the same one."""


class MiniLM:
    """The shipped encoder. Thread-safe; a call takes one to three milliseconds a text.

    The last few vectors are held in memory, without their texts: several steps of a turn ask for
    the vector of the same message, and an open conversation for those of the messages before it.
    """

    name = "all-MiniLM-L6-v2-int8-1"

    def __init__(self, folder: Path = WEIGHTS, *, threads: int = 2) -> None:
        self._session = session(folder / "embedder.onnx", threads)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._recent: OrderedDict[int, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text: str) -> Vectors:
        tokens = self._tokenizer.encode(text).ids
        # The same tokens, the same vector: case and white space make no difference.
        key = hash(tuple(tokens))
        with self._lock:
            if (known := self._recent.get(key)) is not None:
                self._recent.move_to_end(key)
                return known
        vector = self._run(tokens)
        with self._lock:
            self._recent[key] = vector
            if len(self._recent) > RECENT:
                self._recent.popitem(last=False)
        return vector

    def _run(self, tokens: list[int]) -> Vectors:
        # One text a run: dynamic int8 would let texts in a batch change each other's vectors.
        ids = np.array([tokens])
        states = self._session.run(None, {"input_ids": ids})[0][0]
        # The graph gives its last four layers side by side; the sentence encoder's is the last.
        mean = states[:, -DIMENSIONS:].mean(axis=0)
        unit: Vectors = mean / np.linalg.norm(mean)
        return unit
