"""How a network does on validation rows, while it is being trained or compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training import report
from training.calibrate import softmax
from training.examples import Example
from training.finetune import Logits
from training.network import HEADS

NAMES = ("situation macro-F1", "danger, area", "shaming, area")


def _area(risk: np.ndarray, danger: np.ndarray) -> float:  # type: ignore[type-arg]
    """Give the area under the receiver operating curve: how often danger ranks above none."""
    order = np.argsort(np.argsort(risk)) + 1.0
    present = int(danger.sum())
    above = order[danger].sum() - present * (present + 1) / 2
    return float(above / (present * (len(danger) - present)))


def figures(logits: Logits, examples: Sequence[Example]) -> list[float]:
    """Give situation macro-F1, and the area under the curve for danger and for shaming."""

    def of(head: str) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
        places = [
            i
            for i, one in enumerate(examples)
            if head in one.targets and (head != "crisis" or "situation" not in one.targets)
        ]
        return logits[head][places], np.array([examples[i].targets[head] for i in places])

    said, truth = of("situation")
    names = HEADS["situation"]
    f1 = report.macro_f1([names[i] for i in truth], [names[i] for i in said.argmax(axis=1)], names)
    areas = []
    for head in ("crisis", "shaming"):
        said, truth = of(head)
        areas.append(_area(1 - softmax(said)[:, 0], truth != 0))
    return [f1, *areas]


def summary(logits: Logits, examples: Sequence[Example]) -> str:
    """Give the figures on one line."""
    scores = figures(logits, examples)
    return ", ".join(f"{name} {score:.3f}" for name, score in zip(NAMES, scores))
