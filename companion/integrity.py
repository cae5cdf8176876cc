"""Are the weights and encodings the ones that shipped? By sha256, for `companion doctor`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

PACKAGE = Path(__file__).parent


def damaged(package: Path = PACKAGE) -> tuple[str, ...]:
    """Give the names of shipped files that are missing or differ from their recorded sha256."""
    embedder = json.loads((package / "weights" / "embedder.json").read_text())
    encodings = package / "weights" / "encodings"
    recorded = json.loads((encodings / "encodings.json").read_text())["files"]
    reader = package / "reader" / "weights"
    heads = json.loads((reader / "heads.json").read_text())
    expected = {
        package / "weights" / "embedder.onnx": embedder["embedder_sha256"],
        package / "weights" / "tokenizer.json": embedder["tokenizer_sha256"],
        reader / "reader.onnx": heads["reader_sha256"],
        reader / "heads.npz": heads["heads_sha256"],
    } | {encodings / name: one["shipped_sha256"] for name, one in recorded.items()}
    return tuple(path.name for path, sha256 in expected.items() if _sha256(path) != sha256)


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
