"""Do a judge and people agree, and enough for the judge to be believed?

What is compared is not yes with yes, but whether a reply was found good: where nearly all replies
are good, a judge that always finds them so says yes and no at the right places without seeing
anything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import nan

from evals.judging.judge import Judged
from evals.judging.labels import Label, Place, place_of
from evals.metrics import Measure, Measures, Pairs, kappa, share, with_intervals

LEAST_POINTS = 50
"""Labelled points. With fewer, the interval of an agreement of 0.8 reaches more than 0.1 down."""
LEAST_OF_EACH = 5
"""Points that people found good, and as many bad. Agreement on fewer can be luck, and when it is
complete the bootstrap gives it an interval without width."""
LEAST_KAPPA = 0.4
"""What the interval of kappa has to reach at its lower end: below it, agreement is called fair at
most (Landis and Koch, 1977), and is nearer to what habits alone bring about than to a reading."""
ALL = "all"

Unit = list[tuple[bool | None, bool]]
"""The verdicts of a case, the judge's and then the people's; True is good."""


@dataclass(frozen=True)
class Agreement:
    """How a judge agrees with people `over` a suite, or over all.

    `points` are labelled and were put to the judge; `fewer` of them are those that people found
    good, or bad, whichever are fewer. An answer the judge did not give agrees with nothing.
    """

    over: str
    points: int
    fewer: int
    agreed: Measure
    kappa: Measure


@dataclass(frozen=True)
class Between:
    """How two readers agree on the points that both labelled."""

    readers: tuple[str, str]
    points: int
    agreed: Measure
    kappa: Measure


def agreements(judged: Sequence[Judged], labels: Sequence[Label]) -> tuple[Agreement, ...]:
    """Give the agreement in each suite that has labels, and last over all."""
    people = _majorities(labels)
    cases: dict[tuple[str, str], Unit] = defaultdict(list)
    for one in judged:
        answer = people.get(place_of(one.point))
        if answer is not None:
            found = None if one.answer is None else one.good
            cases[one.point.suite, one.point.case].append((found, answer is one.point.good))
    suites = sorted({suite for suite, _ in cases})
    by_suite = [_of(name, [cases[key] for key in cases if key[0] == name]) for name in suites]
    return (*by_suite, _of(ALL, list(cases.values())))


def _majorities(labels: Sequence[Label]) -> Mapping[Place, bool | None]:
    """Give what most readers answered to each point; None where as many say the other."""
    votes: dict[Place, int] = Counter()
    for label in labels:
        votes[label.place] += 1 if label.answer else -1
    return {place: count > 0 if count else None for place, count in votes.items()}


def _of(over: str, units: Sequence[Unit]) -> Agreement:
    pairs = [pair for unit in units for pair in unit]
    good = sum(wanted for _, wanted in pairs)
    found = with_intervals(_measures, units)
    fewer = min(good, len(pairs) - good)
    return Agreement(over, len(pairs), fewer, found["agreed"], found["kappa"])


def _measures(units: Sequence[Unit]) -> Measures:
    """Measure over cases: the points of one conversation do not stand alone."""
    pairs = [pair for unit in units for pair in unit]
    return {"agreed": share(a == b for a, b in pairs), "kappa": Measure(_kappa(pairs))}


def _kappa(pairs: Pairs) -> float:
    """Give kappa; NaN where only one verdict was there to be found, and agreeing shows nothing."""
    return kappa(pairs) if len({wanted for _, wanted in pairs}) > 1 else nan


def between_readers(judged: Sequence[Judged], labels: Sequence[Label]) -> tuple[Between, ...]:
    """Give the agreement of each two readers who labelled some of these points both."""
    good = {place_of(one.point): one.point.good for one in judged}
    answers: dict[str, dict[Place, bool]] = defaultdict(dict)
    for label in labels:
        if label.place in good:
            answers[label.reader][label.place] = label.answer is good[label.place]
    found = []
    for one, other in combinations(sorted(answers), 2):
        both = [place for place in answers[one] if place in answers[other]]
        if both:
            cases: dict[tuple[str, str], Unit] = defaultdict(list)
            for place in both:
                cases[place[:2]].append((answers[one][place], answers[other][place]))
            measured = with_intervals(_measures, list(cases.values()))
            found.append(Between((one, other), len(both), measured["agreed"], measured["kappa"]))
    return tuple(found)


def unmatched(judged: Sequence[Judged], labels: Sequence[Label]) -> int:
    """Count the labels whose reply this judge was not asked about."""
    asked = {place_of(one.point) for one in judged}
    return sum(label.place not in asked for label in labels)


def believed(agreement: Agreement) -> bool:
    """Say whether the judge may be believed."""
    return not doubts(agreement)


def doubts(agreement: Agreement) -> tuple[str, ...]:
    """Say what speaks against believing the judge; nothing when it may be believed."""
    found = []
    if agreement.points < LEAST_POINTS:
        found.append(
            f"people labelled {agreement.points} of its points, and it takes {LEAST_POINTS}"
        )
    if agreement.fewer < LEAST_OF_EACH:
        found.append(
            f"people found both good and bad in too few replies to see whether it can tell them "
            f"apart ({agreement.fewer} of the rarer, and it takes {LEAST_OF_EACH})"
        )
    low = agreement.kappa.low
    # NaN is neither below nor above: only "at least" may pass.
    if low is None or not low >= LEAST_KAPPA:
        shown = "has none" if low is None or low != low else f"begins at {low:.2f}"
        found.append(f"the interval of its kappa {shown}, and has to begin at {LEAST_KAPPA}")
    return tuple(found)
