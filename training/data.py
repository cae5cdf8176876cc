"""Read and check the authored training rows; `training/data/README.md` says how they were made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.domain import CrisisKind, CrisisLevel, OldRule, ShamingCategory, Situation

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class MessageRow:
    id: str
    brief: str
    text: str
    situation: Situation
    also: Situation | None
    old_rule: OldRule | None


@dataclass(frozen=True)
class CrisisRow:
    id: str
    brief: str
    text: str
    level: CrisisLevel
    kind: CrisisKind | None


@dataclass(frozen=True)
class ReplyRow:
    id: str
    brief: str
    message: str
    sentence: str
    category: ShamingCategory | None
    hard: str | None


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise ValueError(f"{path}:{number}: {error}") from error


def messages(data: Path = DATA) -> list[MessageRow]:
    """Give every message row, in file order. Raises ValueError on a label that is not DOMAIN's."""
    return [
        MessageRow(
            row["id"],
            row["brief"],
            row["text"],
            Situation(row["situation"]),
            Situation(row["also"]) if row["also"] else None,
            OldRule(row["old_rule"]) if row["old_rule"] else None,
        )
        for row in _rows(data / "messages")
    ]


def crises(data: Path = DATA) -> list[CrisisRow]:
    """Give every crisis and look-alike row, in file order."""
    return [
        CrisisRow(
            row["id"],
            row["brief"],
            row["text"],
            CrisisLevel(row["level"]),
            CrisisKind(row["kind"]) if row["kind"] else None,
        )
        for row in _rows(data / "crisis")
    ]


def replies(data: Path = DATA) -> list[ReplyRow]:
    """Give every reply sentence, in file order."""
    return [
        ReplyRow(
            row["id"],
            row["brief"],
            row["message"],
            row["sentence"],
            ShamingCategory(row["category"]) if row["category"] else None,
            row["hard"],
        )
        for row in _rows(data / "replies")
    ]
