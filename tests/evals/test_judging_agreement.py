"""When a judge is believed: the arithmetic on made-up tables, and the rules."""

from __future__ import annotations

from math import isnan, nan

import pytest

from evals.judging.agreement import (
    LEAST_KAPPA,
    LEAST_OF_EACH,
    LEAST_POINTS,
    Agreement,
    agreements,
    believed,
    between_readers,
    doubts,
    unmatched,
)
from evals.judging.judge import Judged
from evals.judging.labels import Label, place_of
from evals.judging.points import Point
from evals.judging.telling import report, scores_table
from evals.metrics import Measure, wilson

ALMOST = Measure(0.8, 0.7, 0.9)


def point(number: int, suite: str = "respond", good: bool = True, key: str = "about") -> Point:
    return Point(suite, f"c{number}", key, "?", "shown", "reply", good)


def label(of: Point, answer: bool, reader: str = "anna") -> Label:
    return Label(*place_of(of), reader, answer)


def tabled(both: int, judge_only: int, people_only: int, neither: int, suite: str = "respond"):
    """Give judged points and labels by how many of them each side finds good.

    Every other question is one that a good reply answers with no.
    """
    verdicts = [(True, True)] * both + [(True, False)] * judge_only
    verdicts += [(False, True)] * people_only + [(False, False)] * neither
    judged, labels = [], []
    for number, (found, wanted) in enumerate(verdicts):
        one = point(number, suite, good=number % 2 == 0)
        judged.append(Judged(one, found is one.good, "", "m"))
        labels.append(label(one, wanted is one.good))
    return judged, labels


def overall(judged, labels) -> Agreement:
    return agreements(judged, labels)[-1]


class TestArithmetic:
    def test_agreement_and_kappa_by_hand(self):
        # Agreed 35 of 50; by chance ½·⅗ + ½·⅖ = ½; kappa (0.7 − 0.5) / 0.5.
        found = overall(*tabled(20, 5, 10, 15))
        assert (found.points, found.fewer) == (50, 20)
        assert found.agreed.value == pytest.approx(0.7)
        assert (found.agreed.low, found.agreed.high) == pytest.approx(wilson(35, 50))
        assert found.kappa.value == pytest.approx(0.4)
        assert found.kappa.low < 0.4 < found.kappa.high

    def test_each_suite_stands_alone_and_all_together(self):
        one, other = tabled(10, 0, 0, 10), tabled(0, 10, 10, 0, "conduct")
        found = agreements(one[0] + other[0], one[1] + other[1])
        assert [(a.over, a.points) for a in found] == [
            ("conduct", 20),
            ("respond", 20),
            ("all", 40),
        ]
        assert [a.kappa.value for a in found] == pytest.approx([-1.0, 1.0, 0.0])

    def test_always_saying_good_earns_nothing(self):
        found = overall(*tabled(45, 15, 0, 0))
        assert found.agreed.value == pytest.approx(0.75)
        assert found.kappa.value == pytest.approx(0.0)
        assert not believed(found)

    def test_where_people_found_all_good_nothing_is_shown(self):
        found = overall(*tabled(80, 0, 0, 0))
        assert isnan(found.kappa.value)
        assert not believed(found)

    def test_no_answer_agrees_with_nothing(self):
        judged, labels = tabled(10, 0, 0, 10)
        silent = [Judged(one.point, None, "", "m") for one in judged]
        assert overall(silent, labels).agreed.value == 0.0
        assert overall(silent, labels).points == 20

    def test_the_majority_of_readers_counts_and_a_draw_does_not(self):
        one, other = point(1), point(2)
        labels = [label(one, True), label(one, False, "ben"), label(one, True, "cleo")]
        labels += [label(other, True), label(other, False, "ben")]
        judged = [Judged(one, True, "", "m"), Judged(other, True, "", "m")]
        found = overall(judged, labels)
        assert (found.points, found.agreed.value) == (1, 1.0)

    def test_readers_are_compared_among_themselves(self):
        judged, labels = tabled(20, 0, 0, 20)
        again = [
            Label(*one.place, "ben", one.answer is not (number < 4))
            for number, one in enumerate(labels[:30])
        ]
        (found,) = between_readers(judged, labels + again)
        assert (found.readers, found.points) == (("anna", "ben"), 30)
        assert found.agreed.value == pytest.approx(26 / 30)
        # Anna finds 20 of 30 good and Ben 16 of them: chance 20·16/900 + 10·14/900.
        assert found.kappa.value == pytest.approx((26 / 30 - 460 / 900) / (440 / 900))

    def test_labels_of_another_reply_are_left_out_and_counted(self):
        judged, labels = tabled(10, 0, 0, 10)
        other = Point("respond", "c0", "about", "?", "shown", "another reply", True)
        stray = Label(*place_of(other), "ben", False)
        assert overall(judged, [*labels, stray]).points == 20
        assert unmatched(judged, [*labels, stray]) == 1
        assert between_readers(judged, [*labels, stray]) == ()

    def test_without_labels_there_is_nothing_to_agree_with(self):
        judged, _ = tabled(10, 0, 0, 10)
        (found,) = agreements(judged, [])
        assert (found.points, isnan(found.agreed.value)) == (0, True)
        assert not believed(found)


class TestBelief:
    def made(self, points=LEAST_POINTS, fewer=LEAST_OF_EACH, low=LEAST_KAPPA) -> Agreement:
        return Agreement("all", points, fewer, ALMOST, Measure(0.7, low, 0.9))

    def test_exactly_enough_is_enough(self):
        assert believed(self.made())
        assert doubts(self.made()) == ()

    @pytest.mark.parametrize(
        ("less", "says"),
        [
            ({"points": LEAST_POINTS - 1}, "49 of its points, and it takes 50"),
            ({"fewer": LEAST_OF_EACH - 1}, "4 of the rarer, and it takes 5"),
            ({"low": 0.39}, "begins at 0.39, and has to begin at 0.4"),
            ({"low": None}, "has none"),
            ({"low": nan}, "has none"),
        ],
    )
    def test_anything_less_is_not_and_says_what(self, less, says):
        found = self.made(**less)
        assert not believed(found)
        assert len(doubts(found)) == 1
        assert says in doubts(found)[0]

    def test_a_judge_that_agrees_often_enough_is_believed(self):
        assert believed(overall(*tabled(40, 2, 3, 15)))

    def test_a_judge_that_agrees_a_little_is_not(self):
        assert not believed(overall(*tabled(20, 5, 10, 15)))


class TestTelling:
    def test_scores_stand_under_a_heading_that_says_whether_to_believe_them(self):
        judged, labels = tabled(40, 2, 3, 15)
        for known, heading in (
            (labels, "## The judge may be believed"),
            (labels[:20], "## The judge is not to be believed"),
            ([], "## The judge is not checked"),
        ):
            said = report(judged, known)
            assert said.startswith(heading)
            assert said.index(heading) < said.index("| suite ")

    def test_readers_and_labels_left_out_are_told(self):
        judged, labels = tabled(40, 2, 3, 15)
        more = [Label(*one.place, "ben", one.answer) for one in labels]
        stray = Label("respond", "gone", "about", "ffff", "ben", True)
        said = report(judged, [*labels, *more, stray])
        assert "anna and ben" in said
        assert "not asked about: 1." in said

    def test_no_answer_counts_as_not_good_and_is_shown(self):
        judged = [Judged(point(n), True if n < 3 else None, "", "m") for n in range(4)]
        (row,) = scores_table(judged).splitlines()[2:]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[:4] == ["respond", "about", "4", "0.750"]
        assert cells[-1] == "1"

    def test_a_case_with_several_points_of_a_kind_gets_an_interval_over_cases(self):
        judged = [
            Judged(point(n, "pressure", False, f"cold-{turn}"), n % 2 == 0, "", "m")
            for n in range(10)
            for turn in (1, 2)
        ]
        (row,) = scores_table(judged).splitlines()[2:]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[:4] == ["pressure", "cold", "20", "0.500"]
        low, high = map(float, cells[4].split(" to "))
        # Ten cases that are all or nothing are wider than twenty that stand alone.
        assert high - low > wilson(10, 20)[1] - wilson(10, 20)[0]
