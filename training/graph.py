"""A BERT encoder as an ONNX graph, built with `onnx.helper`, and the same encoder in plain numpy.

Both the embedder and the reader are MiniLM: 6 layers of width 384. The graph takes one text at a
time, without padding; `training/quantise.py` says why.
"""

from __future__ import annotations

from math import erf
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights = dict[str, NDArray[np.float32]]
LAYERS, HEADS, WIDTH = 6, 12, 384
EPSILON = 1e-12


def graph(weights: Weights, *, kept: int, segments: bool, name: str) -> onnx.ModelProto:
    """Build the encoder: `input_ids` (1, tokens) to `layers` (1, tokens, kept * 384).

    `kept` is how many of the last layers stand side by side in the output, the last one last. With
    `segments`, a second input `token_type_ids` (1, tokens) tells a text from its context.
    """
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, value: NDArray[Any]) -> str:
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
    positions = weights["embeddings.position_embeddings.weight"]
    types = weights["embeddings.token_type_embeddings.weight"]
    # A single text has one segment, so its type embedding is folded into the positions.
    places = constant("positions", positions if segments else positions + types[0])
    shape = node("Shape", ["input_ids"], "shape")
    length = node(
        "Slice",
        [shape, constant("one", np.array([1])), constant("two", np.array([2]))],
        "length",
    )
    place = node("Slice", [places, constant("zero", np.array([0])), length], "place")
    x = node("Add", [node("Gather", [words, "input_ids"], "word"), place], "embedded")
    if segments:
        kind = node("Gather", [constant("types", types), "token_type_ids"], "type")
        x = node("Add", [x, kind], "embedded.typed")
    x = norm(x, "embeddings.LayerNorm", "embedded.norm")

    split = constant("split", np.array([0, 0, HEADS, WIDTH // HEADS]))
    merge = constant("merge", np.array([0, 0, WIDTH]))
    outputs: list[str] = []
    scale = constant("scale", np.array((WIDTH // HEADS) ** -0.5, dtype=np.float32))
    for index in range(LAYERS):
        layer, at = f"encoder.layer.{index}", f"layer{index}"
        heads = {}
        for part, order in (
            ("query", [0, 2, 1, 3]),
            ("key", [0, 2, 3, 1]),
            ("value", [0, 2, 1, 3]),
        ):
            projected = linear(x, f"{layer}.attention.self.{part}", f"{at}.{part}")
            reshaped = node("Reshape", [projected, split], f"{at}.{part}.split")
            heads[part] = node("Transpose", [reshaped], f"{at}.{part}.heads", perm=order)
        scores = node("MatMul", [heads["query"], heads["key"]], f"{at}.scores")
        scaled = node("Mul", [scores, scale], f"{at}.scaled")
        attention = node("Softmax", [scaled], f"{at}.attention", axis=-1)
        mixed = node("MatMul", [attention, heads["value"]], f"{at}.mixed")
        merged = node("Transpose", [mixed], f"{at}.transposed", perm=[0, 2, 1, 3])
        merged = node("Reshape", [merged, merge], f"{at}.merged")
        attended = linear(merged, f"{layer}.attention.output.dense", f"{at}.attended")
        x = node("Add", [attended, x], f"{at}.residual")
        x = norm(x, f"{layer}.attention.output.LayerNorm", f"{at}.norm")
        inner = linear(x, f"{layer}.intermediate.dense", f"{at}.inner")
        active = node("Gelu", [inner], f"{at}.active")
        outer = linear(active, f"{layer}.output.dense", f"{at}.outer")
        x = node("Add", [outer, x], f"{at}.outer.residual")
        x = norm(x, f"{layer}.output.LayerNorm", f"{at}.outer.norm")
        outputs.append(x)
    node("Concat", outputs[-kept:], "layers", axis=-1)

    inputs = ["input_ids", "token_type_ids"] if segments else ["input_ids"]
    return helper.make_model(
        helper.make_graph(
            nodes,
            name,
            [helper.make_tensor_value_info(n, TensorProto.INT64, [1, "tokens"]) for n in inputs],
            [
                helper.make_tensor_value_info(
                    "layers", TensorProto.FLOAT, [1, "tokens", kept * WIDTH]
                )
            ],
            constants,
        ),
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=10,
    )


def reference(weights: Weights, ids: list[int]) -> NDArray[np.float32]:
    """Give the last layer of the same encoder in numpy float64: what the graph must equal."""
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
