"""The gate, fed what must never pass."""

import tomllib
from dataclasses import replace

import pytest

from evals.gate import FLOORS, SuiteResult, held, load_floors, shown
from evals.metrics import Outcome, measures
from evals.scorecard import checks_table, verdict

GOOD = SuiteResult(
    "shaming",
    "success",
    4,
    (
        Outcome("blaming", "blaming", "p01"),
        Outcome(None, None, "p01"),
        Outcome("contempt", "contempt"),
        Outcome(None, None),
    ),
)
FLOOR = {"shaming": {"recall": 0.9, "precision": 0.9, "left_alone": 0.9}}


def failed(result, floors=FLOOR):
    return [check.name for check in held(result, floors) if check.passed is not True]


def test_what_is_good_passes():
    assert failed(GOOD) == []


@pytest.mark.parametrize("status", ["error", "cancelled", "started", ""])
def test_a_run_that_did_not_succeed_fails(status):
    assert failed(replace(GOOD, status=status)) == ["status"]


def test_a_missing_case_fails_however_good_the_rest():
    assert failed(replace(GOOD, expected=5)) == ["cases"]


def test_a_case_too_many_fails():
    assert failed(replace(GOOD, expected=3)) == ["cases"]


def test_no_cases_at_all_fail():
    nothing = replace(GOOD, outcomes=(), expected=0)
    assert failed(nothing) == ["cases", "recall", "precision", "left_alone"]


def test_nan_fails():
    mute = replace(GOOD, outcomes=(Outcome("blaming", None), Outcome(None, None)), expected=2)
    assert "precision" in failed(mute, {"shaming": {"precision": 0.0}})


def test_below_the_floor_fails_and_on_it_passes():
    half = replace(
        GOOD, outcomes=(*GOOD.outcomes[:2], Outcome("contempt", None), Outcome(None, None))
    )
    assert failed(half, {"shaming": {"recall": 0.5}}) == []
    assert failed(half, {"shaming": {"recall": 0.51}}) == ["recall"]


def test_a_floor_for_what_is_not_measured_fails():
    assert failed(GOOD, {"shaming": {"kindness": 0.1}}) == ["kindness"]


def test_a_suite_without_floors_fails():
    assert failed(GOOD, {}) == ["floors"]


def test_a_look_at_a_part_holds_no_floor_but_must_be_whole():
    assert verdict(shown(GOOD)) == "2 passed, 0 failed"
    assert verdict(shown(replace(GOOD, expected=9))) == "1 passed, 1 failed"


def test_the_scorecard_names_what_failed():
    table = checks_table(held(replace(GOOD, status="error", error="boom"), FLOOR))
    assert "error boom" in table
    assert "FAILED" in table


def test_the_floors_are_of_known_measures_and_not_trivial():
    floors = load_floors()
    assert tomllib.loads(FLOORS.read_text(encoding="utf-8")) == floors
    for suite, wanted in floors.items():
        assert set(wanted) == set(measures([])), suite
        assert all(0.2 < floor <= 1 for floor in wanted.values()), suite
