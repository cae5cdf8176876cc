"""Sheets of questions for people to answer, and what becomes of a sheet that was filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random

from evals.judging.labels import (
    NAMES,
    Label,
    json_line,
    json_lines,
    place_of,
    problem_of,
    read_labels,
)
from evals.judging.points import Point
from evals.metrics import SEED


def sheet(points: Sequence[Point], count: int, seed: int = SEED) -> tuple[Point, ...]:
    """Give a sample of so many points, about as many of each suite, the same for the same seed."""
    chance = Random(seed)  # noqa: S311
    piles = []
    for suite in sorted({point.suite for point in points}):
        pile = sorted((one for one in points if one.suite == suite), key=place_of)
        chance.shuffle(pile)
        piles.append(pile)
    drawn: list[Point] = []
    while len(drawn) < count and any(piles):
        for pile in piles:
            if pile and len(drawn) < count:
                drawn.append(pile.pop())
    return tuple(drawn)


def write_sheet(points: Sequence[Point], path: Path) -> None:
    """Write a sheet: what is shown and asked, and neither a judge's answer nor the good one."""
    lines = [
        {
            **dict(zip(NAMES, place_of(point))),
            "shown": point.shown,
            "reply": point.reply,
            "question": point.question,
            "answer": None,
        }
        for point in points
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(map(json_line, lines)), encoding="utf-8")


def import_sheet(path: Path, reader: str, into: Path) -> int:
    """Add a sheet that a reader filled in to a file of labels, and give how many they are.

    Raises ValueError, and adds nothing, for a sheet with a line that is not answered, or answered
    by this reader before, and for labels that cannot be read.
    """
    if not reader.strip():
        raise ValueError("A reader needs a name; give it with --reader.")
    before = {(one.place, one.reader) for one in read_labels(into)} if into.exists() else set()
    added: list[Label] = []
    for number, kept in json_lines(path):
        if problem := problem_of(kept, NAMES):
            raise ValueError(f"{path}, line {number}: {problem}. Nothing was imported.")
        label = Label(**{name: kept[name] for name in NAMES}, reader=reader, answer=kept["answer"])
        if (label.place, reader) in before:
            raise ValueError(
                f"{path}, line {number}: {reader} has answered this already. Nothing was imported."
            )
        before.add((label.place, reader))
        added.append(label)
    if not added:
        raise ValueError(f"{path} holds no lines, so nothing was imported.")
    into.parent.mkdir(parents=True, exist_ok=True)
    text = into.read_text(encoding="utf-8") if into.exists() else ""
    with into.open("a", encoding="utf-8") as file:
        # A file that somebody wrote by hand may end in the middle of a line.
        file.write("\n" if text and not text.endswith("\n") else "")
        file.writelines(json_line(asdict(label)) for label in added)
    return len(added)
