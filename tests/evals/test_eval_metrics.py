"""The arithmetic, against values worked out by hand."""

from math import ceil, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.metrics import (
    Bin,
    Measure,
    accuracy,
    bins,
    by_label,
    calibration_error,
    confusion,
    differences,
    kappa,
    macro_f1,
    mean,
    percentile,
    proportion,
    recall_at,
    reciprocal_rank,
    share,
    wilson,
    with_intervals,
)
from evals.results import Case
from evals.shaming.task import measures, pair_accuracy

LABELS = st.sampled_from(["a", "b", "c", None])
PAIRS = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=40)


def case(expected, got, pair=None):
    facts = {"expected": expected, "got": got, "pair": pair}
    return Case("", (expected is None) == (got is None), "", "", "", facts)


# Ten cases. Shaming: 6, withheld 4 (two of them under the right name). Not shaming: 4, withheld 1.
CASES = [
    case("blaming", "blaming", "p01"),
    case(None, None, "p01"),
    case("blaming", "contempt", "p02"),
    case(None, "blaming", "p02"),
    case("blaming", None, "p03"),
    case(None, None, "p03"),
    case("contempt", "contempt"),
    case("contempt", "blaming", "p04"),
    case("contempt", None),
    case(None, None, "p04"),
]
NAMED = [(one.facts["expected"], one.facts["got"]) for one in CASES]


class TestShaming:
    def test_withheld_and_let_through(self):
        found = measures(CASES)
        assert found["precision"].value == pytest.approx(4 / 5)
        assert found["recall"].value == pytest.approx(4 / 6)
        assert found["left_alone"].value == pytest.approx(3 / 4)

    def test_a_pair_needs_both_members_and_no_exact_category(self):
        # p01 right, p02 wrong for its mention, p03 wrong for its use, p04 right otherwise named.
        assert pair_accuracy(CASES).value == pytest.approx(2 / 4)

    def test_half_a_pair_is_wrong(self):
        assert pair_accuracy([case(None, None, "p01")]).value == 0.0

    def test_a_guard_that_withholds_nothing_has_no_precision(self):
        assert isnan(measures([case("blaming", None), case(None, None)])["precision"].value)

    def test_without_cases_nothing_is_a_number(self):
        assert all(isnan(measure.value) for measure in measures([]).values())


class TestLabels:
    def test_each_label(self):
        blaming, contempt = by_label(NAMED, besides=None)
        assert (blaming.label, blaming.cases) == ("blaming", 3)
        # Named blaming three times, right once, of three cases: P = R = F1 = 1/3.
        assert blaming.precision.value == pytest.approx(1 / 3)
        assert blaming.recall.value == pytest.approx(1 / 3)
        assert blaming.f1 == pytest.approx(1 / 3)
        # Named contempt twice, right once, of three: P = 1/2, R = 1/3, F1 = 2/5.
        assert contempt.precision.value == pytest.approx(1 / 2)
        assert contempt.f1 == pytest.approx(2 / 5)

    def test_macro_f1_weighs_every_label_the_same(self):
        assert macro_f1(NAMED, besides=None).value == pytest.approx((1 / 3 + 2 / 5) / 2)

    def test_what_is_left_out_still_costs_the_labels_it_was_taken_for(self):
        # None: wanted four times, got five, right three, F1 2/3. It counts only when asked for.
        assert macro_f1(NAMED).value == pytest.approx((1 / 3 + 2 / 5 + 2 / 3) / 3)
        spared = [(None, None) if wanted is None else (wanted, got) for wanted, got in NAMED]
        # Blaming is now named twice only: F1 2/5.
        assert macro_f1(spared, besides=None).value == pytest.approx((2 / 5 + 2 / 5) / 2)

    def test_a_label_never_named_scores_nothing(self):
        (only,) = by_label([("revoking", None)], besides=None)
        assert only.f1 == 0.0
        assert isnan(only.precision.value)

    def test_a_label_that_no_case_should_have_has_no_score_of_its_own(self):
        assert [one.label for one in by_label([("a", "b"), ("a", "a")])] == ["a"]

    def test_without_a_label_to_find_there_is_no_macro_f1(self):
        assert isnan(macro_f1([]).value)
        assert isnan(macro_f1([(None, None)], besides=None).value)

    def test_confusion_counts_by_row_and_column(self):
        pairs = [("a", "b"), ("a", "a"), ("b", "b"), ("a", "b")]
        assert confusion(pairs, ("a", "b", "c")) == ((1, 2, 0), (0, 1, 0), (0, 0, 0))

    @given(PAIRS)
    def test_accuracy_is_the_diagonal(self, pairs):
        counts = confusion(pairs, ["a", "b", "c", None])
        right = sum(counts[i][i] for i in range(4))
        assert accuracy(pairs).value == pytest.approx(right / len(pairs))


class TestWilson:
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
    def test_by_hand(self, hits, of, low, high):
        assert wilson(hits, of) == pytest.approx((low, high), abs=2e-4)

    @given(st.integers(1, 5_000), st.data())
    def test_it_holds_the_share_and_stays_between_0_and_1(self, of, data):
        hits = data.draw(st.integers(0, of))
        low, high = wilson(hits, of)
        assert 0 <= low <= hits / of + 1e-9
        assert hits / of - 1e-9 <= high <= 1

    @given(st.integers(1, 1_000), st.data())
    def test_more_cases_say_more(self, of, data):
        hits = data.draw(st.integers(0, of))
        (low, high), (lower, higher) = wilson(10 * hits, 10 * of), wilson(hits, of)
        assert high - low < higher - lower

    def test_nothing_to_divide_by_is_not_a_number(self):
        assert isnan(proportion(0, 0).value)
        assert all(map(isnan, wilson(0, 0)))
        assert isnan(share([]).value)
        assert isnan(mean([]).value)


class TestCalibration:
    def test_bins_are_of_equal_width_and_empty_ones_left_out(self):
        read = [(0.05, True), (0.09, False), (0.91, True), (1.0, True)]
        assert bins(read) == (
            Bin(pytest.approx(0.07), 0.5, 2),
            Bin(pytest.approx(0.955), 1.0, 2),
        )

    def test_the_edges_fall_where_they_belong(self):
        assert [one.cases for one in bins([(0.0, True), (0.5, True), (1.0, True)], 2)] == [1, 2]
        assert bins([]) == ()

    def test_sure_and_right_is_0_sure_and_wrong_is_1(self):
        assert calibration_error([(1.0, True)] * 3) == 0.0
        assert calibration_error([(1.0, False)] * 3) == 1.0

    def test_the_error_is_weighed_by_how_many_cases_a_bin_has(self):
        # Three at 0.9 of which two are right (off by 0.2333), one at 0.3 that is wrong (0.3).
        read = [(0.9, True), (0.9, True), (0.9, False), (0.3, False)]
        assert calibration_error(read) == pytest.approx((3 * (0.9 - 2 / 3) + 0.3) / 4)

    def test_without_readings_it_is_not_a_number(self):
        assert isnan(calibration_error([]))

    @given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=50))
    def test_it_stays_between_0_and_1_and_the_bins_hold_every_case(self, read):
        assert 0 <= calibration_error(read) <= 1
        assert sum(one.cases for one in bins(read)) == len(read)


class TestRanking:
    @pytest.mark.parametrize(
        ("wanted", "ranked", "most", "value"),
        [
            (["a"], ["a", "b", "c"], 3, 1.0),
            (["a", "b"], ["a", "x", "y"], 3, 0.5),
            (["a"], ["x", "y", "z", "a"], 3, 0.0),
            (["a"], [], 3, 0.0),
            # Four are wanted and three could stand there: all that could be were found.
            (["a", "b", "c", "d"], ["c", "a", "d"], 3, 1.0),
            (["a", "a"], ["a"], 3, 1.0),
        ],
    )
    def test_recall_at(self, wanted, ranked, most, value):
        assert recall_at(wanted, ranked, most) == value

    def test_where_nothing_is_wanted_recall_is_not_a_number(self):
        assert isnan(recall_at([], ["a"], 3))

    @pytest.mark.parametrize(
        ("wanted", "ranked", "value"),
        [
            (["a"], ["a", "b"], 1.0),
            (["b"], ["a", "b"], 1 / 2),
            (["b", "c"], ["a", "x", "c", "b"], 1 / 3),
            (["z"], ["a", "b"], 0.0),
            (["a"], [], 0.0),
            ([], ["a"], 0.0),
        ],
    )
    def test_reciprocal_rank(self, wanted, ranked, value):
        assert reciprocal_rank(wanted, ranked) == value


class TestPercentile:
    @pytest.mark.parametrize(
        ("values", "of", "value"),
        [
            ([3, 1, 2], 0.5, 2),
            ([4, 3, 2, 1], 0.5, 2),
            ([4, 3, 2, 1], 0.51, 3),
            ([7], 0.0, 7),
            ([7], 1.0, 7),
            ([1, 2, 3], 0.0, 1),
            ([1, 2, 3], 1.0, 3),
            (list(range(1, 21)), 0.95, 19),
        ],
    )
    def test_by_hand(self, values, of, value):
        assert percentile(values, of) == value

    def test_of_nothing_is_not_a_number(self):
        assert isnan(percentile([], 0.5))

    @given(
        st.lists(st.integers(-9, 9), min_size=1, max_size=60),
        st.sampled_from([0.025, 0.5, 0.95, 0.975]),
    )
    def test_it_is_the_smallest_value_that_so_many_do_not_exceed(self, values, of):
        enough = ceil(round(of * len(values), 9))
        reached = [one for one in values if sum(v <= one for v in values) >= enough]
        assert percentile(values, of) == min(reached)


class TestKappa:
    def test_by_hand(self):
        # The textbook table: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no. 0.7 agreed, 0.5 chance.
        pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
        assert kappa(pairs) == pytest.approx(0.4)

    def test_where_one_is_always_named_agreement_is_all_there_can_be(self):
        assert kappa([("a", "a")] * 4) == 1.0

    def test_one_who_never_varies_agrees_by_chance_alone(self):
        assert kappa([("a", "a"), ("b", "a"), ("a", "a"), ("b", "a")]) == 0.0

    def test_always_the_other_is_minus_1(self):
        assert kappa([("a", "b"), ("b", "a")]) == -1.0

    def test_of_nothing_is_not_a_number(self):
        assert isnan(kappa([]))

    @given(PAIRS)
    def test_it_is_the_same_from_both_sides_and_between_minus_1_and_1(self, pairs):
        found = kappa(pairs)
        assert -1 - 1e-9 <= found <= 1 + 1e-9
        assert kappa([(b, a) for a, b in pairs]) == pytest.approx(found)

    @given(st.lists(LABELS, min_size=1, max_size=40))
    def test_full_agreement_is_1(self, labels):
        assert kappa([(one, one) for one in labels]) == pytest.approx(1.0)


def bare(cases):
    """A mean without an interval of its own, as a suite gives it."""
    return {"mean": mean(cases)}


class TestBootstrap:
    VALUES = [0.0] * 12 + [0.5] * 8 + [1.0] * 20

    def test_an_interval_holds_the_value_and_is_not_a_point(self):
        found = with_intervals(bare, self.VALUES)["mean"]
        assert found.low < found.value < found.high
        assert found.value == mean(self.VALUES).value

    def test_it_is_the_same_each_time(self):
        assert with_intervals(bare, self.VALUES) == with_intervals(bare, self.VALUES)

    def test_it_comes_near_what_the_normal_distribution_says(self):
        found = with_intervals(bare, self.VALUES, 2_000)["mean"]
        middle = found.value
        spread = sum((one - middle) ** 2 for one in self.VALUES) / len(self.VALUES) ** 2
        assert found.low == pytest.approx(middle - 1.96 * spread**0.5, abs=0.02)
        assert found.high == pytest.approx(middle + 1.96 * spread**0.5, abs=0.02)

    @given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
    def test_whatever_the_values_it_stays_within_them(self, values):
        found = with_intervals(bare, values, 40)["mean"]
        assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9

    def test_an_interval_that_is_known_is_left_as_it_is(self):
        def known(cases):
            return {"share": share(one > 0.4 for one in cases), **bare(cases)}

        found = with_intervals(known, self.VALUES)
        assert found["share"] == known(self.VALUES)["share"]
        assert found["mean"].low is not None

    @pytest.mark.parametrize("values", [[], [0.5]])
    def test_none_or_one_case_has_no_interval(self, values):
        assert with_intervals(bare, values)["mean"].low is None

    def test_what_is_not_a_number_has_no_interval(self):
        found = with_intervals(lambda cases: {"none": Measure(nan)}, self.VALUES)["none"]
        assert isnan(found.value)
        assert found.low is None

    def test_draws_without_a_number_are_left_out(self):
        # One case of forty has a value; many draws miss it.
        def rare(cases):
            return {"rare": mean(one for one in cases if one is not None)}

        found = with_intervals(rare, [0.5, *[None] * 39])["rare"]
        assert (found.low, found.high) == (0.5, 0.5)


class TestDifferences:
    # The same 26 cases are right before and after, and 6 more after: easy and hard cases weigh far
    # more than the change does.
    BEFORE = [1.0] * 26 + [0.0] * 34
    AFTER = [1.0] * 32 + [0.0] * 28

    def test_a_gain_has_an_interval_that_holds_it(self):
        found = differences(bare, self.BEFORE, self.AFTER)["mean"]
        assert found.value == pytest.approx(0.1)
        assert found.low < found.value < found.high

    def test_it_is_the_same_each_time(self):
        found = differences(bare, self.BEFORE, self.AFTER)
        assert found == differences(bare, self.BEFORE, self.AFTER)

    def test_cases_are_paired_so_that_a_small_sure_gain_is_seen(self):
        assert differences(bare, self.BEFORE, self.AFTER)["mean"].low > 0
        # Drawn apart, what the cases have of their own would drown it.
        before, after = (with_intervals(bare, run)["mean"] for run in (self.BEFORE, self.AFTER))
        assert before.high > after.value

    def test_the_same_values_on_other_cases_are_not_seen_as_a_gain(self):
        # The same 26 and 32 right, but other ones: now the interval is as wide as it looks.
        found = differences(bare, self.BEFORE, self.AFTER[::-1])["mean"]
        assert found.value == pytest.approx(0.1)
        assert found.low < 0 < found.high

    def test_two_equal_runs_differ_by_nothing_at_all(self):
        found = differences(bare, self.BEFORE, self.BEFORE)["mean"]
        assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)

    def test_a_loss_is_a_gain_below_0(self):
        found = differences(bare, self.AFTER, self.BEFORE)["mean"]
        assert found.high < 0

    @pytest.mark.parametrize("after", [[], [1.0], [1.0] * 3])
    def test_unequal_lengths_are_refused(self, after):
        with pytest.raises(ValueError, match="the same cases on both sides"):
            differences(bare, [1.0, 0.0], after)

    def test_one_case_is_compared_without_an_interval(self):
        found = differences(bare, [0.0], [1.0])["mean"]
        assert found.value == 1.0
        assert isnan(found.low)

    def test_a_measure_that_only_one_side_has_is_left_out(self):
        def sometimes(cases):
            return {**bare(cases), **({"more": mean(cases)} if 2.0 in cases else {})}

        assert set(differences(sometimes, [0.0, 1.0], [2.0, 1.0])) == {"mean"}

    def test_milliseconds_stay_milliseconds(self):
        def times(cases):
            return {"took": Measure(percentile(cases, 0.5), unit="ms")}

        found = differences(times, [10.0, 20.0, 30.0], [11.0, 21.0, 31.0])["took"]
        assert (found.value, found.unit) == (1.0, "ms")
