"""Read and check the authored rows; `training/data/README.md` says how they were made."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from companion.domain import CrisisKind, CrisisLevel, OldRule, PastTurn, ShamingCategory, Situation

DATA = Path(__file__).parent / "data"
TEST = DATA / "test"
"""The development test set: briefs that training never sees, touched only to report."""


@dataclass(frozen=True)
class MessageRow:
    """`history` is what was said before, oldest first; `hard` why it is easy to misread."""

    id: str
    brief: str
    text: str
    situation: Situation
    also: Situation | None
    old_rule: OldRule | None
    hard: str | None = None
    history: tuple[PastTurn, ...] = ()


@dataclass(frozen=True)
class CrisisRow:
    """`form` is how the danger, or what resembles it, is said."""

    id: str
    brief: str
    text: str
    level: CrisisLevel
    kind: CrisisKind | None
    form: str | None = None
    history: tuple[PastTurn, ...] = ()


@dataclass(frozen=True)
class ReplyRow:
    """One sentence of a reply to a message; `category` is None where it does not shame."""

    id: str
    brief: str
    message: str
    sentence: str
    category: ShamingCategory | None
    hard: str | None


Row = MessageRow | CrisisRow | ReplyRow
R = TypeVar("R", bound=Row)


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise ValueError(f"{path}:{number}: {error}") from error


def _history(row: dict[str, Any]) -> tuple[PastTurn, ...]:
    said = row.get("before") or []
    if len(said) % 2:
        raise ValueError(f"{row['id']}: `before` must alternate message and reply")
    return tuple(PastTurn(message, reply) for message, reply in zip(said[::2], said[1::2]))


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
            row.get("hard"),
            _history(row),
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
            row.get("form"),
            _history(row),
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


TABLES: dict[str, Callable[[Path], Sequence[Row]]] = {
    "messages": messages,
    "crisis": crises,
    "replies": replies,
}


def label(row: Row) -> str:
    """Give a row's main label."""
    if isinstance(row, MessageRow):
        return row.situation.value
    if isinstance(row, CrisisRow):
        return row.level.value
    return row.category.value if row.category else "none"


def split(rows: Sequence[R], held: float = 0.12, seed: int = 1) -> tuple[list[R], list[R]]:
    """Give rows to train on and to validate on: a brief is never on both sides."""
    by_table: dict[type, set[str]] = defaultdict(set)
    for row in rows:
        by_table[type(row)].add(row.brief)
    validation: set[tuple[type, str]] = set()
    for table in sorted(by_table, key=lambda kind: kind.__name__):
        briefs = sorted(by_table[table])
        Random(seed).shuffle(briefs)  # noqa: S311
        validation |= {(table, brief) for brief in briefs[: max(1, round(len(briefs) * held))]}
    return (
        [row for row in rows if (type(row), row.brief) not in validation],
        [row for row in rows if (type(row), row.brief) in validation],
    )
