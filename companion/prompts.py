"""Read what we wrote: exchanges, lines, crisis text, contacts, prompts.

The wheel carries `prompts/` as package data; in a checkout the folder at the top level is used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from companion import cache as cached

_PACKAGED = Path(__file__).parent / "_data" / "prompts"
_CHECKOUT = Path(__file__).parent.parent / "prompts"


def folder() -> Path:
    """Give the folder of prompts, wherever this was installed."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def load_yaml(path: Path) -> Any:
    # The C loader reads our files about eight times faster than the pure one.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


def load_all(paths: Sequence[Path]) -> list[Any]:
    """Read YAML files that are many, and so are kept as JSON in the cache, in their order."""
    texts = [path.read_bytes() for path in paths]
    name = f"{hashlib.sha256(b'|'.join(texts)).hexdigest()[:24]}.json"
    with suppress(OSError, ValueError):
        loaded: list[Any] = json.loads((cached.folder() / name).read_bytes())
        return loaded
    loaded = [load_yaml(path) for path in paths]
    cached.put(name, json.dumps(loaded).encode())
    return loaded


@cache
def document(name: str) -> Any:
    """Give one YAML file of the folder, by its name without ending. Read once; do not change it."""
    return load_yaml(folder() / f"{name}.yaml")


@cache
def lines(name: str) -> frozenset[str]:
    """Give the lines of one text file of the folder, without those that begin with "#"."""
    text = (folder() / f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
