"""Write what was trained into the package: `reader.onnx`, `heads.npz`, `heads.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from companion.reader.encoder import Encoder, bare_tokenizer, tokens
from training.examples import Example
from training.graph import LAYERS, Weights, graph
from training.network import HEADS, Network
from training.quantise import quantise

NAME = "companion-reader"
SPARED = [f"layer{index}.outer.product" for index in range(LAYERS)]
"""Left unquantised: what comes out of GELU has outliers that one scale for all does not fit."""


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _weights(network: Network) -> Weights:
    return {
        name: tensor.detach().float().numpy()
        for name, tensor in network.encoder.state_dict().items()
    }


def export(network: Network, folder: Path) -> None:
    """Write the encoder as int8 and the heads beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    model = graph(_weights(network), kept=1, segments=True, name=NAME)
    quantise(model, folder / "reader.onnx", spared=SPARED)
    arrays = {}
    for name, head in network.heads.items():
        arrays[f"{name}.weights"] = head.weight.detach().numpy()
        arrays[f"{name}.bias"] = head.bias.detach().numpy()
    np.savez(folder / "heads.npz", **arrays)  # type: ignore[arg-type]


def describe(folder: Path, about: Mapping[str, Mapping[str, Any]], **more: Any) -> None:
    """Write heads.json: checksums, and what is known of each head."""
    card = {
        "reader_sha256": sha256(folder / "reader.onnx"),
        "heads_sha256": sha256(folder / "heads.npz"),
        "bytes": (folder / "reader.onnx").stat().st_size,
        "heads": {name: {"labels": HEADS[name], **about[name]} for name in HEADS},
        **more,
    }
    (folder / "heads.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def exact_means(network: Network, examples: list[Example]) -> NDArray[np.float32]:
    """Give the means that the unquantised graph gives, shape (examples, 384)."""
    session = onnxruntime.InferenceSession(
        graph(_weights(network), kept=1, segments=True, name=NAME).SerializeToString()
    )
    tokenizer, means = bare_tokenizer(), []
    for one in examples:
        text = tokens(tokenizer, one.text, one.context)
        given = {"input_ids": np.array([text.ids]), "token_type_ids": np.array([text.types])}
        means.append(session.run(None, given)[0][0][: text.size].mean(axis=0))
    return np.stack(means)


def shipped_logits(folder: Path, examples: list[Example]) -> dict[str, NDArray[np.float32]]:
    """Give the logits of what was written, read the way the package reads."""
    encoder = Encoder(folder)
    means = np.stack([encoder.read(one.text, one.context).mean for one in examples])
    with np.load(folder / "heads.npz") as arrays:
        return {
            name: means @ arrays[f"{name}.weights"].T + arrays[f"{name}.bias"] for name in HEADS
        }
