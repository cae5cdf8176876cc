"""`judged.jsonl`: what a judge answered, with all it was asked about, a line each."""

from __future__ import annotations

from pathlib import Path

from evals.judging.judge import Judged
from evals.judging.labels import NAMES, json_line, json_lines, place_of
from evals.judging.points import Point


def judged_line(one: Judged) -> str:
    """Give a line of `judged.jsonl`."""
    point = one.point
    return json_line(
        {
            **dict(zip(NAMES, place_of(point))),
            "question": point.question,
            "shown": point.shown,
            "reply": point.reply,
            "good": point.good,
            "answer": one.answer,
            "why": one.why,
            "judge": one.judge,
        }
    )


def read_judged(path: Path) -> tuple[Judged, ...]:
    """Read `judged.jsonl`; a folder means the one in it. Raises ValueError with a sentence."""
    file = path / "judged.jsonl" if path.is_dir() else path
    found = []
    for number, kept in json_lines(file):
        try:
            point = Point(
                kept["suite"],
                kept["case"],
                kept["point"],
                kept["question"],
                kept["shown"],
                kept["reply"],
                kept["good"],
            )
            found.append(Judged(point, kept["answer"], kept["why"], kept["judge"]))
        except (KeyError, TypeError):
            raise ValueError(
                f"{file}, line {number}: this is not what a judge wrote; name a judged.jsonl."
            ) from None
    return tuple(found)
