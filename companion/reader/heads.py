"""Linear heads with a temperature, as `training/export.py` writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.reader.encoder import WEIGHTS


@dataclass(frozen=True)
class Head:
    """`weights` has shape (labels, 384); `threshold` is None where the largest label wins.

    Between `watch` and `threshold` a risk is not acted on, but help is pointed out.
    """

    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    temperature: float
    threshold: float | None = None
    watch: float | None = None

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give calibrated probabilities, shape (rows, labels), for features (rows, 384)."""
        logits = (features @ self.weights.T + self.bias).astype(np.float64) / self.temperature
        exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
        shares: NDArray[np.float64] = exponents / exponents.sum(axis=-1, keepdims=True)
        return shares


def load(folder: Path = WEIGHTS) -> Mapping[str, Head]:
    """Read every head of a folder."""
    described = json.loads((folder / "heads.json").read_text())["heads"]
    with np.load(folder / "heads.npz") as arrays:
        return {
            name: Head(
                tuple(about["labels"]),
                arrays[f"{name}.weights"],
                arrays[f"{name}.bias"],
                about["temperature"],
                about["threshold"],
                about["watch"],
            )
            for name, about in described.items()
        }
