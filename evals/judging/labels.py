"""What people say to the same questions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.judging.points import Point

NAMES = ("suite", "case", "point", "of")
"""What says which point a line is about; `of` marks the reply that was read, see `Point.of`."""
Place = tuple[str, str, str, str]


@dataclass(frozen=True)
class Label:
    """The answer of a reader to a point."""

    suite: str
    case: str
    point: str
    of: str
    reader: str
    answer: bool

    @property
    def place(self) -> Place:
        return self.suite, self.case, self.point, self.of


def place_of(point: Point) -> Place:
    return point.suite, point.case, point.key, point.of


def read_labels(path: Path) -> tuple[Label, ...]:
    """Give all labels. Raises ValueError with a sentence for each line that is none."""
    found: dict[tuple[Place, str], int] = {}
    labels, wrong = [], []
    for number, kept in json_lines(path):
        problem = problem_of(kept, (*NAMES, "reader"))
        if not problem:
            label = Label(**{name: kept[name] for name in (*NAMES, "reader", "answer")})
            first = found.setdefault((label.place, label.reader), number)
            if first != number:
                problem = f"{label.reader} has answered this already, in line {first}"
            labels.append(label)
        if problem:
            wrong.append(f"{path}, line {number}: {problem}.")
    if wrong:
        raise ValueError("\n".join(wrong))
    return tuple(labels)


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield number and JSON value of each line that is not empty, None where it is no JSON."""
    try:
        # Not `splitlines`: what people wrote can hold other line ends, and JSON keeps them.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"{path} cannot be read; name a file of JSON lines.") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError:
                yield number, None


def problem_of(kept: Any, names: Sequence[str]) -> str:
    """Say what is wrong with a line; nothing when it is right."""
    if not isinstance(kept, dict):
        return "it is not a JSON object"
    for name in names:
        if not isinstance(kept.get(name), str) or not kept[name].strip():
            return f"“{name}” is missing, or is not a text"
    if not isinstance(kept.get("answer"), bool):
        return "“answer” is neither true nor false"
    return ""


def json_line(kept: Any) -> str:
    return json.dumps(kept, ensure_ascii=False) + "\n"
