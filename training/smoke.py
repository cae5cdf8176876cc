"""A tiny training run, from rows to a reader that reads: `make smoke`.

The encoder starts from chance, so what it learns is worth nothing. What counts is that the steps
fit together, that two runs write the same bytes, and that what is exported is what was trained.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig

from companion.domain import PastTurn
from companion.reader import EmbeddedReader
from training import data
from training.examples import example
from training.finetune import Plan, predict
from training.network import HEADS, Base, Network
from training.train import train, write

PLAN = Plan(epochs=2, batch=16)
EVERY = 150
"""One row in so many, so that every brief and label has its chance."""


def untrained(folder: Path) -> Base:
    """Give an encoder of MiniLM's shape that has learned nothing."""
    BertConfig(
        vocab_size=30522,
        hidden_size=384,
        num_hidden_layers=6,
        num_attention_heads=12,
        intermediate_size=1536,
    ).save_pretrained(folder)
    return Base("untrained", folder, learning_rate=3e-4)


def main() -> None:
    torch.set_num_threads(2)
    rows = [row for table in data.TABLES.values() for row in table(data.DATA)[::EVERY]]
    learning = [example(row) for row in rows]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base = untrained(folder)
        networks = []
        # What has learned nearly nothing has no firm opinions that int8 could keep.
        for run in ("one", "other"):
            networks.append(train(base, learning, learning, PLAN, pretrained=False))
            write(networks[-1], learning, folder / run, least_alike=0.0)
        for file in ("reader.onnx", "heads.npz", "heads.json"):
            one, other = ((folder / run / file).read_bytes() for run in ("one", "other"))
            assert one == other, f"two runs differ in {file}"
        torch.manual_seed(PLAN.seed)
        before = _loss(predict(Network(base, pretrained=False), learning), learning)
        after = _loss(predict(networks[0], learning), learning)
        assert after < before, f"nothing was learned: {before:.3f}, then {after:.3f}"
        reader = EmbeddedReader(folder / "one")
        reading = reader.read("she said it again", [PastTurn("my sister calls me lazy", "And?")])
        assert abs(sum(reading.situations.values()) - 1) < 1e-6
        assert len(reader.judge(["It stays out.", "You let it happen."], "hello")) == 2
        described = json.loads((folder / "one" / "heads.json").read_text(encoding="utf-8"))
        assert set(described["heads"]) == set(HEADS)
    print("training smoke: 1 passed, 0 failed")


def _loss(logits: dict[str, np.ndarray], learning: list) -> float:  # type: ignore[type-arg]
    said = torch.from_numpy(logits["crisis"])
    places = [i for i, one in enumerate(learning) if "crisis" in one.targets]
    truth = torch.tensor([learning[i].targets["crisis"] for i in places])
    return float(torch.nn.functional.cross_entropy(said[places], truth))


if __name__ == "__main__":
    main()
