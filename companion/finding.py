"""One thing that was looked at, and how it is. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["fine", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """`said` is one plain sentence; where something is wrong it says what to do."""

    mark: Mark
    about: str
    said: str
