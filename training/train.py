"""Train the reader's heads: `make train`.

Every head is a logistic regression on the layers of the frozen embedder. Scores are cross-validated
with whole briefs held out, so that no author's habits flatter them; the temperature and the
thresholds come from those held-out predictions. Two runs on one machine write identical bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from companion.embedder import MiniLM
from companion.reader.features import deep, pair, sentence_text
from companion.text import plain
from training import data
from training.report import COUNTS, SCORES, HeadReport, counts, markdown, report, write_between

WEIGHTS = Path(__file__).parent.parent / "companion" / "reader" / "weights"
FOLDS = 6
STRENGTHS = (0.001, 0.003)


@dataclass(frozen=True)
class Costs:
    """What a mistake is taken to cost, and how often what is looked for is assumed to be there."""

    missed: float
    false_alarm: float
    share: float


COSTS = {
    # One message in thirty is assumed to be in danger; missing it weighs nine false alarms.
    "crisis": Costs(missed=9, false_alarm=1, share=1 / 30),
    # One drafted sentence in five is assumed to shame; showing it weighs four good ones withheld.
    "shaming": Costs(missed=4, false_alarm=1, share=0.2),
}
WATCHED = 0.2
"""Share of messages without danger under whose reply the contacts may quietly be pointed out."""

Features = NDArray[np.float32]


def _features(encoder: MiniLM) -> dict[str, tuple[Features, list[str], list[str]]]:
    """Give features, labels and briefs for each head."""
    messages, crises, replies = data.messages(), data.crises(), data.replies()
    seen: dict[str, Features] = {}

    def embed(text: str) -> Features:
        if text not in seen:
            seen[text] = deep(encoder.encode(text))
        return seen[text]

    of_messages = np.stack([embed(plain(row.text)[:900]) for row in messages])
    of_crises = np.stack([embed(plain(row.text)[:900]) for row in crises])
    in_danger = [index for index, row in enumerate(crises) if row.kind]
    of_replies = np.stack(
        [
            pair(embed(sentence_text(row.sentence)), embed(plain(row.message)[:900]))
            for row in replies
        ]
    )
    return {
        "situation": (
            of_messages,
            [row.situation.value for row in messages],
            [row.brief for row in messages],
        ),
        "old_rule": (
            of_messages,
            [row.old_rule.value if row.old_rule else "none" for row in messages],
            [row.brief for row in messages],
        ),
        "crisis": (
            np.concatenate([of_crises, of_messages]),
            [row.level.value for row in crises] + ["none"] * len(messages),
            [row.brief for row in crises] + [row.brief for row in messages],
        ),
        "crisis_kind": (
            of_crises[in_danger],
            [str(crises[index].kind) for index in in_danger],
            [crises[index].brief for index in in_danger],
        ),
        "shaming": (
            of_replies,
            [row.category.value if row.category else "none" for row in replies],
            [row.brief for row in replies],
        ),
    }


@dataclass(frozen=True)
class Fitted:
    """A logistic regression with its standardisation folded in: `logits = x @ weights.T + bias`."""

    labels: list[str]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def logits(self, x: Features) -> NDArray[np.float64]:
        scores: NDArray[np.float64] = x.astype(np.float64) @ self.weights.T + self.bias
        return scores


def _fit(x: Features, y: Sequence[str], strength: float) -> Fitted:
    exact = x.astype(np.float64)
    mean, deviation = exact.mean(axis=0), exact.std(axis=0) + 1e-9
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=3000, tol=1e-6)
    model.fit((exact - mean) / deviation, y)
    weights = model.coef_ / deviation
    return Fitted(list(model.classes_), weights, model.intercept_ - weights @ mean)


def _held_out(x: Features, y: Sequence[str], briefs: Sequence[str], strength: float):  # type: ignore[no-untyped-def]
    """Give logits of every row from a model that never saw its brief, and the labels."""
    labels = sorted(set(y))
    logits = np.zeros((len(y), len(labels)))
    y_array = np.array(y)
    for train, test in GroupKFold(FOLDS).split(x, y_array, briefs):
        model = _fit(x[train], y_array[train], strength)
        columns = [labels.index(label) for label in model.labels]
        logits[np.ix_(test, columns)] = model.logits(x[test])
    return logits, labels


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: NDArray[np.float64] = exponents / exponents.sum(axis=1, keepdims=True)
    return shares


def _loss(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    shares = _softmax(logits)[np.arange(len(truth)), truth]
    return float(-np.log(np.clip(shares, 1e-12, None)).mean())


def _calibrated(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> tuple[float, float]:
    """Give the least loss and its temperature."""
    found = minimize_scalar(
        lambda temperature: _loss(logits / temperature, truth), bounds=(0.05, 10), method="bounded"
    )
    return float(found.fun), float(found.x)


def _threshold(risk: NDArray[np.float64], truth: NDArray[np.bool_], costs: Costs) -> float:
    """Give the threshold of least stated cost on held-out rows."""
    candidates = np.round(np.arange(0.05, 0.96, 0.01), 2)
    expected = [
        costs.missed * costs.share * float((risk[truth] < at).mean())
        + costs.false_alarm * (1 - costs.share) * float((risk[~truth] >= at).mean())
        for at in candidates
    ]
    return float(candidates[int(np.argmin(expected))])


def train(folder: Path) -> Mapping[str, HeadReport]:
    """Fit every head, write `heads.npz` and `heads.json` into the folder, give the scores."""
    encoder = MiniLM(threads=1)
    arrays: dict[str, Features] = {}
    described: dict[str, dict[str, object]] = {}
    reports: dict[str, HeadReport] = {}
    for name, (x, y, briefs) in _features(encoder).items():
        tried = {}
        for strength in STRENGTHS:
            logits, labels = _held_out(x, y, briefs, strength)
            truth = np.array([labels.index(label) for label in y])
            loss, temperature = _calibrated(logits, truth)
            tried[strength] = (loss, temperature, logits)
        strength = min(tried, key=lambda s: tried[s][0])
        _, temperature, logits = tried[strength]
        shares = _softmax(logits / temperature)
        threshold = watch = None
        if name in COSTS:
            none = labels.index("none")
            risk, risky = 1 - shares[:, none], truth != none
            threshold = _threshold(risk, risky, COSTS[name])
            watch = round(float(np.quantile(risk[~risky], 1 - WATCHED)), 4)
        reports[name] = report(labels, truth, shares, threshold, briefs)

        model = _fit(x, y, strength)
        assert model.labels == labels
        arrays[f"{name}.weights"] = model.weights.astype(np.float32)
        arrays[f"{name}.bias"] = model.bias.astype(np.float32)
        described[name] = {
            "labels": labels,
            "temperature": round(temperature, 4),
            "threshold": threshold,
            "watch": watch,
            "strength": strength,
        }
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "heads.npz", **arrays)  # type: ignore[arg-type]
    sha256 = hashlib.sha256((folder / "heads.npz").read_bytes()).hexdigest()
    about = {"embedder": MiniLM.name, "sha256": sha256, "heads": described}
    (folder / "heads.json").write_text(json.dumps(about, indent=2) + "\n")
    return reports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=WEIGHTS, help="folder for the weights")
    parser.add_argument("--document", type=Path, help="Markdown file to write the scores into")
    parser.add_argument("--card", type=Path, help="data card to write the counts into")
    arguments = parser.parse_args()
    # One thread: sums in a fixed order, so that two runs write the same bytes.
    with threadpool_limits(1):
        reports = train(arguments.into)
    for name, scores in reports.items():
        print(name, scores.summary())
    if arguments.document:
        write_between(arguments.document, *SCORES, markdown(reports))
    if arguments.card:
        write_between(arguments.card, *COUNTS, counts())


if __name__ == "__main__":
    main()
