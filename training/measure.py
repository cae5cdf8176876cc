"""Measure the shipped reader on the development test set: `python -m training.measure`.

The rows go through `companion.reader.EmbeddedReader` as a person's words do: windows, history,
thresholds and rules included. Writes tables between markers in docs/reader.md; no torch needed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from companion.domain import POLICY, CrisisLevel, Situation
from companion.reader import EmbeddedReader
from training import data, report

COUNTS = "<!-- counts: written by make train -->", "<!-- end of counts -->"
SCORES = "<!-- scores: written by make train -->", "<!-- end of scores -->"
MISREAD = "<!-- misread: written by make train -->", "<!-- end of misread -->"


@dataclass(frozen=True)
class Misread:
    """A row that was read wrong, with how sure the reader was of it."""

    text: str
    truth: str
    said: str
    sure: float


@dataclass(frozen=True)
class Measured:
    """`tables` are Markdown by title, `figures` the headline numbers."""

    figures: Mapping[str, float]
    tables: Mapping[str, str]
    misread: tuple[Misread, ...]


def messages(reader: EmbeddedReader, rows: Sequence[data.MessageRow]) -> Measured:
    readings = [reader.read(row.text, row.history) for row in rows]
    names = [name.value for name in Situation]
    truth = [row.situation.value for row in rows]
    said = [reading.situation.value for reading in readings]
    modes = [
        POLICY[row.situation].mode is POLICY[r.situation].mode for row, r in zip(rows, readings)
    ]
    sure = [max(reading.situations.values()) for reading in readings]
    right = [one == other for one, other in zip(truth, said)]
    rules = [r.old_rule.value if r.old_rule else "none" for r in readings]
    true_rules = [row.old_rule.value if row.old_rule else "none" for row in rows]
    also = report.found(
        [row.also is not None for row in rows], [r.also is not None for r in readings]
    )
    figures = {
        "situation macro-F1": report.macro_f1(truth, said, names),
        "situation accuracy": float(np.mean(right)),
        "mode accuracy": float(np.mean(modes)),
        "expected calibration error": report.calibration_error(sure, right),
        "old rule macro-F1": report.macro_f1(true_rules, rules, sorted(set(true_rules))),
        "old rule accuracy": float(np.mean([a == b for a, b in zip(rules, true_rules)])),
        "a second situation: precision": also.precision,
        "a second situation: recall": also.recall,
        "false crisis alarms": float(
            np.mean([reading.crisis is not CrisisLevel.NONE for reading in readings])
        ),
    }
    tables = {
        "Situations": report.by_label(truth, said, names),
        "Situations, read as": report.confusion(truth, said, names),
        "Situations, by what makes a row hard": report.by_group(
            [row.hard or "plain" for row in rows], right
        ),
        "Old rules": report.by_label(true_rules, rules, sorted(set(true_rules))),
    }
    wrong = [Misread(row.text, a, b, p) for row, a, b, p in zip(rows, truth, said, sure) if a != b]
    return Measured(figures, tables, tuple(wrong))


def crises(reader: EmbeddedReader, rows: Sequence[data.CrisisRow]) -> Measured:
    readings = [reader.read(row.text, row.history) for row in rows]
    truth = [row.level is not CrisisLevel.NONE for row in rows]
    alarm = [reading.crisis is not CrisisLevel.NONE for reading in readings]
    near = [a or reading.watch for a, reading in zip(alarm, readings)]
    risk = [1 - reading.crisis_probabilities[CrisisLevel.NONE] for reading in readings]
    right = [one == other for one, other in zip(truth, alarm)]
    explicit = [i for i, row in enumerate(rows) if row.form == "explicit" and truth[i]]
    found = report.found(truth, alarm)
    kinds = [r.crisis_kind is row.kind for row, r in zip(rows, readings) if row.kind]
    figures = {
        "crisis recall": found.recall,
        "crisis specificity": found.specificity,
        "crisis recall, explicit": float(np.mean([alarm[i] for i in explicit])),
        "crisis recall with the watch band": report.found(truth, near).recall,
        "emergencies noticed at either level": float(
            np.mean([a for a, row in zip(alarm, rows) if row.level is CrisisLevel.EMERGENCY])
        ),
        "danger or none: expected calibration error": report.calibration_error(
            [max(p, 1 - p) for p in risk], [(p >= 0.5) == t for p, t in zip(risk, truth)]
        ),
        "whose danger, accuracy": float(np.mean(kinds)),
    }
    levels = [level.value for level in CrisisLevel]
    tables = {
        "Crisis, read as": report.confusion(
            [row.level.value for row in rows], [r.crisis.value for r in readings], levels
        ),
        "Crisis or none, by how it is said": report.by_group(
            [f"{'danger' if t else 'none'}: {row.form or 'plain'}" for row, t in zip(rows, truth)],
            right,
        ),
    }
    wrong = [
        Misread(row.text, row.level.value, r.crisis.value, p if a else 1 - p)
        for row, r, t, a, p in zip(rows, readings, truth, alarm, risk)
        if t != a
    ]
    return Measured(figures, tables, tuple(wrong))


def replies(reader: EmbeddedReader, rows: Sequence[data.ReplyRow]) -> Measured:
    judged = [reader.judge([row.sentence], row.message)[0] for row in rows]
    truth = [row.category is not None for row in rows]
    alarm = [one.category is not None for one in judged]
    right = [one == other for one, other in zip(truth, alarm)]
    found = report.found(truth, alarm)
    names = ["none", *sorted({row.category.value for row in rows if row.category})]
    said = [one.category.value if one.category else "none" for one in judged]
    categories = [row.category.value if row.category else "none" for row in rows]
    figures = {
        "shaming F1": found.f1,
        "shaming precision": found.precision,
        "shaming recall": found.recall,
        "left alone of what does not shame": found.specificity,
        "shaming or not: expected calibration error": report.calibration_error(
            [max(one.score, 1 - one.score) for one in judged],
            [(one.score >= 0.5) == t for one, t in zip(judged, truth)],
        ),
        "category macro-F1": report.macro_f1(categories, said, names),
    }
    tables = {
        "Shaming, by category": report.by_label(categories, said, names),
        "Shaming or not, by how it is said": report.by_group(
            [f"{'shames' if t else 'none'}: {row.hard or 'plain'}" for row, t in zip(rows, truth)],
            right,
        ),
    }
    wrong = [
        Misread(row.sentence, a, b, max(one.score, 1 - one.score))
        for row, a, b, one, ok in zip(rows, categories, said, judged, right)
        if not ok
    ]
    return Measured(figures, tables, tuple(wrong))


def measure(reader: EmbeddedReader, folder: Path) -> list[Measured]:
    """Give what the reader makes of a folder's three tables."""
    parts: list[tuple[Callable[..., Measured], Sequence[data.Row]]] = [
        (messages, data.messages(folder)),
        (crises, data.crises(folder)),
        (replies, data.replies(folder)),
    ]
    return [of(reader, rows) for of, rows in parts if rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=data.TEST, help="folder of labelled rows")
    parser.add_argument("--document", type=Path, help="Markdown file to write the scores into")
    parser.add_argument("--card", type=Path, help="data card to write the counts into")
    given = parser.parse_args()
    found = measure(EmbeddedReader(), given.data)
    for part in found:
        for name, value in part.figures.items():
            print(f"{name}: {value:.3f}")
    if given.document:
        report.write_between(given.document, *SCORES, report.scores(found))
        report.write_between(given.document, *MISREAD, report.misread(found))
    if given.card:
        report.write_between(given.card, *COUNTS, report.counts())


if __name__ == "__main__":
    main()
