"""Figures and Markdown tables of a measurement. Pure functions, but for writing a file's part."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training import data

if TYPE_CHECKING:
    from training.measure import Measured


@dataclass(frozen=True)
class Found:
    """How well something rare is found."""

    precision: float
    recall: float
    specificity: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-12)


def found(truth: Sequence[bool], said: Sequence[bool]) -> Found:
    hits = sum(t and s for t, s in zip(truth, said))
    wrongly = sum(s and not t for t, s in zip(truth, said))
    present = sum(truth)
    return Found(
        hits / max(hits + wrongly, 1),
        hits / max(present, 1),
        1 - wrongly / max(len(truth) - present, 1),
    )


def macro_f1(truth: Sequence[str], said: Sequence[str], labels: Sequence[str]) -> float:
    """Give the mean F1 over the labels, each weighing the same."""
    scores = [found([t == n for t in truth], [s == n for s in said]).f1 for n in labels]
    return float(np.mean(scores))


def calibration_error(sure: Sequence[float], right: Sequence[bool]) -> float:
    """Give the expected calibration error over ten bins of confidence."""
    confidence, hits = np.array(sure), np.array(right)
    bins = np.minimum((confidence * 10).astype(int), 9)
    return float(
        sum(
            abs(confidence[bins == b].mean() - hits[bins == b].mean()) * (bins == b).mean()
            for b in set(bins.tolist())
        )
    )


def by_label(truth: Sequence[str], said: Sequence[str], labels: Sequence[str]) -> str:
    lines = ["| label | rows | precision | recall | F1 |", "|---|---|---|---|---|"]
    for name in labels:
        one = found([t == name for t in truth], [s == name for s in said])
        rows = sum(t == name for t in truth)
        lines.append(f"| {name} | {rows} | {one.precision:.2f} | {one.recall:.2f} | {one.f1:.2f} |")
    return "\n".join(lines)


def confusion(truth: Sequence[str], said: Sequence[str], labels: Sequence[str]) -> str:
    counted = Counter(zip(truth, said))
    lines = [
        f"| is \\ read as | {' | '.join(labels)} |",
        "|---" * (len(labels) + 1) + "|",
    ]
    for name in labels:
        cells = " | ".join(str(counted[name, other]) for other in labels)
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


def by_group(groups: Sequence[str], right: Sequence[bool]) -> str:
    held: dict[str, list[bool]] = defaultdict(list)
    for group, ok in zip(groups, right):
        held[group].append(ok)
    lines = ["| rows that are | rows | read right |", "|---|---|---|"]
    for group, oks in sorted(held.items(), key=lambda item: -np.mean(item[1])):
        lines.append(f"| {group} | {len(oks)} | {np.mean(oks):.2f} |")
    return "\n".join(lines)


def scores(measured: Sequence[Measured]) -> str:
    """Give the headline figures and then every table."""
    lines = ["| figure | |", "|---|---|"]
    for part in measured:
        lines += [f"| {name} | {value:.3f} |" for name, value in part.figures.items()]
    for part in measured:
        for title, table in part.tables.items():
            lines += ["", f"**{title}**", "", table]
    return "\n".join(lines)


def misread(measured: Sequence[Measured], each: int = 8) -> str:
    """Give the rows that were misread with the most certainty, a table for each kind of row."""
    parts = []
    for part in measured:
        worst = sorted(part.misread, key=lambda one: -one.sure)[:each]
        lines = ["| it is | it was read as | sure | text |", "|---|---|---|---|"]
        for one in worst:
            text = " ".join(one.text.split()).replace("|", "/")
            text = text if len(text) <= 160 else text[:157] + "…"
            lines.append(f"| {one.truth} | {one.said} | {one.sure:.2f} | {text} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def counts(folder: Path = data.DATA) -> str:
    """Give how many rows there are of each label, to learn from and to test on."""
    lines = ["| set | label | rows | test rows |", "|---|---|---|---|"]
    for name, table in data.TABLES.items():
        learning = Counter(map(data.label, table(folder)))
        testing = Counter(map(data.label, table(folder / "test")))
        lines += [f"| {name} | {n} | {learning[n]} | {testing[n]} |" for n in sorted(learning)]
        lines.append(f"| **{name}** | **all** | **{learning.total()}** | **{testing.total()}** |")
    return "\n".join(lines)


def write_between(path: Path, begin: str, end: str, table: str) -> None:
    """Replace what stands between two markers."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(begin, 1)
    _, after = rest.split(end, 1)
    path.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", encoding="utf-8")
