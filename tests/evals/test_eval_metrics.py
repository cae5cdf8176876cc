"""The arithmetic, against values worked out by hand."""

from math import isnan

import pytest

from evals.metrics import (
    Outcome,
    by_category,
    left_alone,
    macro_f1,
    measures,
    pair_accuracy,
    precision,
    proportion,
    recall,
    wilson,
)

# Ten cases. Shaming: 6, withheld 4 (two of them under the right name). Not shaming: 4, withheld 1.
CASES = [
    Outcome("blaming", "blaming", "p01"),
    Outcome(None, None, "p01"),
    Outcome("blaming", "contempt", "p02"),
    Outcome(None, "blaming", "p02"),
    Outcome("blaming", None, "p03"),
    Outcome(None, None, "p03"),
    Outcome("contempt", "contempt"),
    Outcome("contempt", "blaming", "p04"),
    Outcome("contempt", None),
    Outcome(None, None, "p04"),
]


def test_withheld_and_let_through():
    assert precision(CASES).value == pytest.approx(4 / 5)
    assert recall(CASES).value == pytest.approx(4 / 6)
    assert left_alone(CASES).value == pytest.approx(3 / 4)


def test_a_pair_needs_both_members_and_no_exact_category():
    # p01 right, p02 wrong for its mention, p03 wrong for its use, p04 right under another name.
    assert pair_accuracy(CASES).value == pytest.approx(2 / 4)


def test_half_a_pair_is_wrong():
    assert pair_accuracy([Outcome(None, None, "p01")]).value == 0.0


def test_each_category():
    blaming, contempt = by_category(CASES)
    assert (blaming.category, blaming.cases) == ("blaming", 3)
    # Named blaming three times, right once, of three cases: P = R = F1 = 1/3.
    assert blaming.precision.value == pytest.approx(1 / 3)
    assert blaming.recall.value == pytest.approx(1 / 3)
    assert blaming.f1 == pytest.approx(1 / 3)
    # Named contempt twice, right once, of three: P = 1/2, R = 1/3, F1 = 2/5.
    assert contempt.precision.value == pytest.approx(1 / 2)
    assert contempt.f1 == pytest.approx(2 / 5)
    assert macro_f1(CASES) == pytest.approx((1 / 3 + 2 / 5) / 2)


def test_a_category_never_named_scores_nothing():
    (only,) = by_category([Outcome("revoking", None)])
    assert only.f1 == 0.0
    assert isnan(only.precision.value)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        # z² = 3.8416. 0 of 10: 0 and 3.8416 / 13.8416.
        (0, 10, 0.0, 0.27754),
        (10, 10, 0.72246, 1.0),
        # 5 of 10: half of √(0.38416 · 10 · …) worked out: ½ ± 0.26341.
        (5, 10, 0.23659, 0.76341),
        (81, 263, 0.25526, 0.36619),  # the textbook case, Agresti and Coull
    ],
)
def test_wilson(hits, of, low, high):
    assert wilson(hits, of) == pytest.approx((low, high), abs=2e-4)


def test_nothing_to_divide_by_is_not_a_number():
    assert isnan(proportion(0, 0).value)
    assert all(map(isnan, wilson(0, 0)))
    assert all(isnan(measure.value) for measure in measures([]).values())


def test_a_guard_that_withholds_nothing_has_no_precision():
    assert isnan(precision([Outcome("blaming", None), Outcome(None, None)]).value)
