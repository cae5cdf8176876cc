"""Turn a network's logits into probabilities one may act on: temperatures and thresholds.

All of it is chosen on validation rows, whose briefs the network never saw: temperatures on every
row that says something about a head, the thresholds of danger on the crisis table alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Costs:
    """What a mistake is taken to cost, and how often what is looked for is assumed to be there."""

    missed: float
    false_alarm: float
    share: float


COSTS = {
    # One message in ten is assumed to be in danger, since people open this on a bad night, and
    # missing it weighs twenty times what it costs to ask somebody who is safe whether they are.
    "crisis": Costs(missed=20, false_alarm=1, share=0.1),
    # One drafted sentence in five is assumed to shame; showing it weighs four good ones withheld.
    "shaming": Costs(missed=4, false_alarm=1, share=0.2),
}
LEAST_SPECIFICITY = 0.88
"""Crisis: of look-alikes without danger, the share that must be left alone whatever the costs say;
people who are handed a helpline whenever they are sad learn to skip what is written there."""
WATCHED = 0.2
"""Share of messages without danger under whose reply the contacts may quietly be pointed out."""


def softmax(logits: NDArray[np.floating]) -> Shares:
    exponents = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    shares: Shares = exponents / exponents.sum(axis=1, keepdims=True)
    return shares


def temperature(logits: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """Give what the logits must be divided by for the least loss."""

    def loss(divisor: float) -> float:
        shares = softmax(logits / divisor)[np.arange(len(truth)), truth]
        return float(-np.log(np.clip(shares, 1e-12, None)).mean())

    return float(minimize_scalar(loss, bounds=(0.05, 10), method="bounded").x)


def threshold(
    risk: Shares, truth: NDArray[np.bool_], costs: Costs, least_specificity: float = 0.0
) -> float:
    """Give the threshold of least stated cost, among those that leave enough alone."""
    candidates = np.round(np.arange(0.02, 0.99, 0.01), 2)
    costly = []
    for at in candidates:
        alarms = float((risk[~truth] >= at).mean())
        missed = float((risk[truth] < at).mean())
        cost = costs.missed * costs.share * missed + costs.false_alarm * (1 - costs.share) * alarms
        costly.append((1 - alarms < least_specificity, cost))
    return float(candidates[min(range(len(candidates)), key=costly.__getitem__)])


def surest(risk: Shares, truth: NDArray[np.bool_]) -> float:
    """Give the least threshold from which at least half of what is named is right."""
    candidates = np.round(np.arange(0.05, 0.96, 0.01), 2)
    right = [at for at in candidates if (risk >= at).any() and truth[risk >= at].mean() >= 0.5]
    return float(min(right, default=candidates[-1]))


def watch(risk: Shares, truth: NDArray[np.bool_]) -> float:
    """Give the risk above which one in five messages without danger lies."""
    return round(float(np.quantile(risk[~truth], 1 - WATCHED)), 4)
