"""Read what we wrote: exchanges, lines, crisis text, contacts, prompts.

The wheel carries `prompts/` as package data; in a checkout the folder at the top level is used.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_PACKAGED = Path(__file__).parent / "_data" / "prompts"
_CHECKOUT = Path(__file__).parent.parent / "prompts"


def folder() -> Path:
    """Give the folder of prompts, wherever this was installed."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def load_yaml(path: Path) -> Any:
    # The C loader reads our files about eight times faster than the pure one.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


@cache
def document(name: str) -> Any:
    """Give one YAML file of the folder, by its name without ending. Read once; do not change it."""
    return load_yaml(folder() / f"{name}.yaml")
