"""A judge's scores as Markdown, under a heading that says whether they may be believed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from evals.judging.agreement import (
    Agreement,
    agreements,
    believed,
    between_readers,
    doubts,
    unmatched,
)
from evals.judging.judge import Judged
from evals.judging.labels import Label
from evals.metrics import Measure, Measures, mean, share, with_intervals
from evals.said import interval, table, value

UNCHECKED = "Nobody has checked this judge: its scores say nothing yet."
AGREEMENT = ("points", "agreement", "95% interval", "kappa", "95% interval")
SCORES = ("suite", "question", "replies", "found good", "95% interval", "no answer")


def report(judged: Sequence[Judged], labels: Sequence[Label], notes: Sequence[str] = ()) -> str:
    """Give the whole: heading and why, the agreement behind it, the notes, the scores."""
    scores = [scores_table(judged)] if judged else []
    return "\n\n".join([*_belief(judged, labels), *notes, *scores])


def _belief(judged: Sequence[Judged], labels: Sequence[Label]) -> list[str]:
    if not labels:
        return ["## The judge is not checked", UNCHECKED]
    found = agreements(judged, labels)
    overall = found[-1]
    if believed(overall):
        heading = "## The judge may be believed"
        why = (
            f"On {overall.points} points that people labelled it finds good and bad what they do: "
            f"kappa is {value(overall.kappa)} ({interval(overall.kappa)})."
        )
    else:
        heading = "## The judge is not to be believed"
        why = f"Its scores say nothing yet: {'; '.join(doubts(overall))}."
    parts = [heading, why]
    if missed := unmatched(judged, labels):
        parts.append(f"Labels left out, being of replies that it was not asked about: {missed}.")
    return [*parts, agreement_table(found), *_readers(judged, labels)]


def agreement_table(found: Sequence[Agreement]) -> str:
    return table(
        ("judge and people", *AGREEMENT),
        [(one.over, str(one.points), *_cells(one.agreed, one.kappa)) for one in found],
    )


def _readers(judged: Sequence[Judged], labels: Sequence[Label]) -> list[str]:
    rows = [
        (" and ".join(one.readers), str(one.points), *_cells(one.agreed, one.kappa))
        for one in between_readers(judged, labels)
    ]
    return [table(("people among themselves", *AGREEMENT), rows)] if rows else []


def _cells(*measured: Measure) -> list[str]:
    return [cell for one in measured for cell in (value(one), interval(one))]


def scores_table(judged: Sequence[Judged]) -> str:
    """Give for each kind of question the share of replies found good; no answer is not good."""
    rows = []
    for suite in dict.fromkeys(one.point.suite for one in judged):
        cases: dict[str, list[Judged]] = defaultdict(list)
        for one in judged:
            if one.point.suite == suite:
                cases[one.point.case].append(one)
        for kind, measure in with_intervals(_shares, list(cases.values())).items():
            asked = [one for case in cases.values() for one in case if one.point.kind == kind]
            silent = sum(one.answer is None for one in asked)
            cells = (suite, kind, str(len(asked)), value(measure), interval(measure))
            rows.append((*cells, str(silent or "")))
    return table(SCORES, rows)


def _shares(cases: Sequence[Sequence[Judged]]) -> Measures:
    """Measure each kind over cases: where one has several points, they do not stand alone."""
    by_kind: dict[str, list[list[bool]]] = defaultdict(list)
    for case in cases:
        for kind in dict.fromkeys(one.point.kind for one in case):
            by_kind[kind].append([one.good for one in case if one.point.kind == kind])
    return {
        kind: share(good for (good,) in units)
        if all(len(unit) == 1 for unit in units)
        else mean(float(good) for unit in units for good in unit)
        for kind, units in by_kind.items()
    }
