"""Scores of the heads on held-out briefs, and the part of docs/reader.md that shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training import data

SCORES = "<!-- scores: written by make train -->", "<!-- end of scores -->"
COUNTS = "<!-- counts: written by make train -->", "<!-- end of counts -->"


@dataclass(frozen=True)
class HeadReport:
    """`by_label` holds (precision, recall, F1, rows); `alarm` the scores at the threshold."""

    rows: int
    briefs: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    by_label: Mapping[str, tuple[float, float, float, int]]
    alarm: Mapping[str, float]
    worst_brief: tuple[str, float]

    def summary(self) -> str:
        alarm = " ".join(f"{name} {value:.3f}" for name, value in self.alarm.items())
        return (
            f"rows {self.rows} briefs {self.briefs} accuracy {self.accuracy:.3f} "
            f"macro-F1 {self.macro_f1:.3f} ECE {self.calibration_error:.3f} {alarm}"
        ).rstrip()


def _f1(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> tuple[float, float, float, int]:
    hits = int((truth & said).sum())
    precision = hits / max(int(said.sum()), 1)
    recall = hits / max(int(truth.sum()), 1)
    return (
        precision,
        recall,
        2 * precision * recall / max(precision + recall, 1e-12),
        int(truth.sum()),
    )


def _calibration_error(shares: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == truth
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = [
        abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in range(10)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def report(
    labels: Sequence[str],
    truth: NDArray[np.int64],
    shares: NDArray[np.float64],
    threshold: float | None,
    briefs: Sequence[str],
) -> HeadReport:
    """Score held-out probabilities, shape (rows, labels)."""
    said = shares.argmax(axis=1)
    by_label = {label: _f1(truth == i, said == i) for i, label in enumerate(labels)}
    alarm = {}
    if threshold is not None:
        none = list(labels).index("none")
        risky, alarmed = truth != none, 1 - shares[:, none] >= threshold
        precision, recall, f1, _ = _f1(risky, alarmed)
        alarm = {
            "threshold": threshold,
            "recall": recall,
            "specificity": float((~alarmed & ~risky).sum() / max(int((~risky).sum()), 1)),
            "precision": precision,
            "f1": f1,
        }
    names = np.array(briefs)
    each = {brief: float((said == truth)[names == brief].mean()) for brief in sorted(set(briefs))}
    worst = min(each, key=lambda brief: each[brief])
    return HeadReport(
        rows=len(truth),
        briefs=len(each),
        accuracy=float((said == truth).mean()),
        macro_f1=float(np.mean([scores[2] for scores in by_label.values()])),
        calibration_error=_calibration_error(shares, truth),
        by_label=by_label,
        alarm=alarm,
        worst_brief=(worst, each[worst]),
    )


def markdown(reports: Mapping[str, HeadReport]) -> str:
    """Give the tables, as docs/reader.md shows them."""
    lines = [
        "| head | rows | briefs | accuracy | macro-F1 | ECE | worst brief (accuracy) |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, scores in reports.items():
        brief, least = scores.worst_brief
        lines.append(
            f"| {name} | {scores.rows} | {scores.briefs} | {scores.accuracy:.3f} "
            f"| {scores.macro_f1:.3f} | {scores.calibration_error:.3f} | {brief} ({least:.2f}) |"
        )
    lines += [
        "",
        "| alarm | threshold | recall | specificity | precision | F1 |",
        "|---|---|---|---|---|---|",
    ]
    for name, scores in reports.items():
        if scores.alarm:
            a = scores.alarm
            lines.append(
                f"| {name} | {a['threshold']:.2f} | {a['recall']:.3f} | {a['specificity']:.3f} "
                f"| {a['precision']:.3f} | {a['f1']:.3f} |"
            )
    for name, scores in reports.items():
        lines += [
            "",
            f"**{name}**",
            "",
            "| label | rows | precision | recall | F1 |",
            "|---|---|---|---|---|",
        ]
        for label, (precision, recall, f1, rows) in scores.by_label.items():
            lines.append(f"| {label} | {rows} | {precision:.3f} | {recall:.3f} | {f1:.3f} |")
    return "\n".join(lines)


def counts() -> str:
    """Give how many rows there are of each label, as the data card shows them."""
    labels = {
        "messages": Counter(row.situation.value for row in data.messages()),
        "crisis": Counter(row.level.value for row in data.crises()),
        "replies": Counter(
            row.category.value if row.category else "none" for row in data.replies()
        ),
    }
    lines = ["| set | label | rows |", "|---|---|---|"]
    for name, counted in labels.items():
        lines += [f"| {name} | {label} | {rows} |" for label, rows in sorted(counted.items())]
        lines.append(f"| **{name}** | **all** | **{counted.total()}** |")
    return "\n".join(lines)


def write_between(path: Path, begin: str, end: str, table: str) -> None:
    """Replace what stands between two markers."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(begin, 1)
    _, after = rest.split(end, 1)
    path.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", encoding="utf-8")
