"""Reads a suite's data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from evals.results import Row


def read_rows(path: Path) -> Sequence[Row]:
    """Give every line. Raises ValueError for one without an id, or with one seen before."""
    rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]
    seen: set[str] = set()
    for row in rows:
        if not row.get("id") or row["id"] in seen:
            raise ValueError(f"{path.name}: every case needs an id of its own, not {row.get('id')}")
        seen.add(row["id"])
    return rows
