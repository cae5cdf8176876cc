"""The gate, fed what must never pass, and the floors that it holds."""

import tomllib
from dataclasses import replace
from importlib import import_module
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.gate import FLOORS, held, load_floors, shown
from evals.lift import LEAST, as_toml, lifted
from evals.metrics import Measure
from evals.results import Case, SuiteResult, as_json, from_json
from evals.rows import read_rows
from evals.scorecard import checks_table, verdict, wrong_table
from evals.shaming.task import measures
from evals.suites import SUITES
from evals.triage import task as triage


def case(id, expected, got, pair=None):
    facts = {"expected": expected, "got": got, "pair": pair}
    right = (expected is None) == (got is None)
    return Case(id, right, f"reply {id}", expected or "none", got or "none", facts)


def result(*cases, **more):
    made = SuiteResult("shaming", "?", "success", len(cases), cases, measures(cases))
    return replace(made, **more)


CASES = (
    case("1", "blaming", "blaming", "p01"),
    case("2", None, None, "p01"),
    case("3", "contempt", "contempt"),
    case("4", None, None),
)
GOOD = result(*CASES)
FLOOR = {"shaming": {"recall": 0.9, "precision": 0.9, "left_alone": 0.9}}


def failed(result, floors=FLOOR):
    return [check.name for check in held(result, floors) if check.passed is False]


class TestGate:
    def test_what_is_good_passes(self):
        assert failed(GOOD) == []
        assert verdict(held(GOOD, FLOOR)) == "5 passed, 0 failed"

    @pytest.mark.parametrize("status", ["error", "cancelled", "started", ""])
    def test_a_run_that_did_not_succeed_fails(self, status):
        assert failed(replace(GOOD, status=status)) == ["status"]

    def test_a_missing_case_fails_however_good_the_rest(self):
        assert failed(replace(GOOD, expected=5)) == ["cases"]

    def test_a_case_too_many_fails(self):
        assert failed(replace(GOOD, expected=3)) == ["cases"]

    def test_no_cases_at_all_fail(self):
        assert failed(result()) == ["cases", "recall", "precision", "left_alone"]

    def test_nan_fails(self):
        mute = result(case("1", "blaming", None), case("2", None, None))
        assert "precision" in failed(mute, {"shaming": {"precision": 0.0}})

    def test_below_the_floor_fails_and_on_it_passes(self):
        half = result(*CASES[:2], case("3", "contempt", None), CASES[3])
        assert failed(half, {"shaming": {"recall": 0.5}}) == []
        assert failed(half, {"shaming": {"recall": 0.51}}) == ["recall"]

    def test_a_floor_for_what_is_not_measured_fails(self):
        assert failed(GOOD, {"shaming": {"kindness": 0.1}}) == ["kindness"]

    @pytest.mark.parametrize("floors", [{}, {"shaming": {}}, {"speed": {"answered": 0.9}}])
    def test_a_suite_without_floors_fails(self, floors):
        assert failed(GOOD, floors) == ["floors"]

    def test_a_measure_without_a_floor_is_shown_and_not_held(self):
        checks = {check.name: check for check in held(GOOD, FLOOR)}
        assert checks["macro_f1"].passed is None
        assert checks["macro_f1"].measure == GOOD.measures["macro_f1"]

    def test_a_look_at_a_part_holds_no_floor_but_must_be_whole(self):
        assert verdict(shown(GOOD)) == "2 passed, 0 failed"
        assert verdict(shown(replace(GOOD, expected=9))) == "1 passed, 1 failed"

    @given(st.floats(0, 1), st.floats(0, 1))
    def test_a_floor_is_held_exactly_when_it_is_reached(self, value, floor):
        one = replace(GOOD, measures={"recall": Measure(value)})
        assert (failed(one, {"shaming": {"recall": floor}}) == []) == (value >= floor)


class TestScorecard:
    def test_it_names_what_failed(self):
        table = checks_table(held(replace(GOOD, status="error", error="boom"), FLOOR))
        assert "error boom" in table
        assert "FAILED" in table

    def test_it_lists_what_came_out_wrong_and_nothing_else(self):
        wrong = replace(case("9", "blaming", None), shown="one | two\nthree")
        table = wrong_table(result(*CASES, wrong))
        assert "one \\| two three" in table
        assert "reply 1" not in table

    def test_a_kept_result_is_read_back_as_it_was(self):
        assert from_json(as_json(GOOD)) == GOOD


def every_measure(suite):
    """The names of all that a suite measures, whatever their values."""
    module = import_module(f"evals.{suite}.task")
    if suite != "triage":
        return module.measures(()).items()
    # Its strata are measured only where they have cases.
    calm = {"level": "none", "kind": None, "near": False, "contacts": [], "contacts_first": False}
    turn = {**calm, "met": False, "trace": {"reply": ""}}
    rows = [*read_rows(triage.DATA / "messages.jsonl"), *read_rows(triage.DATA / "threads.jsonl")]
    cases = [triage.score(row, [turn] * len(row.get("turns", [1]))) for row in rows]
    return module.measures(cases).items()


class TestFloors:
    def test_every_suite_that_runs_has_floors_and_no_other(self):
        assert tomllib.loads(FLOORS.read_text(encoding="utf-8")) == load_floors()
        assert set(load_floors()) == set(SUITES)

    @pytest.mark.parametrize("suite", SUITES)
    def test_they_are_of_known_shares_and_not_trivial(self, suite):
        shares = {name for name, measure in every_measure(suite) if measure.unit == "share"}
        wanted = load_floors()[suite]
        assert set(wanted) <= shares
        assert all(LEAST < floor <= 1 for floor in wanted.values())

    @pytest.mark.parametrize("suite", SUITES)
    def test_a_suite_without_a_case_breaks_nothing_and_fails(self, suite):
        module = import_module(f"evals.{suite}.task")
        getattr(module, "figures", tuple)(())
        none = SuiteResult(suite, "?", "error", 4, (), module.measures(()))
        names = failed(none, load_floors())
        assert {"status", "cases", *load_floors()[suite]} <= set(names)


class TestLifting:
    def test_few_cases_get_room_for_one_and_what_is_full_gets_none(self):
        few, full = Measure(0.867, 0.621, 0.963), Measure(1.0, 0.796, 1.0)
        found = lifted({}, {"conduct": {"identity": few, "secrecy": full}})["conduct"]
        assert 0.7 < found["identity"] <= 12 / 15
        assert found["secrecy"] == 0.98

    def test_a_floor_is_lifted_to_just_below_what_was_measured(self):
        found = lifted({"speed": {"answered": 0.5}}, {"speed": {"answered": Measure(0.9)}})
        assert found == {"speed": {"answered": 0.88}}

    @pytest.mark.parametrize(
        "measure",
        [
            Measure(0.51),
            Measure(0.1),
            Measure(nan),
            Measure(900.0, unit="ms"),
        ],
        ids=["not above it by enough", "below it", "not a number", "milliseconds"],
    )
    def test_a_floor_is_never_lowered_nor_set_by_what_is_no_share(self, measure):
        floors = {"speed": {"answered": 0.5}}
        assert lifted(floors, {"speed": {"answered": measure}}) == floors

    def test_a_measure_without_a_floor_gets_one_unless_it_would_hold_nothing(self):
        found = lifted({}, {"speed": {"a": Measure(0.8), "b": Measure(LEAST + 0.02)}})
        assert found == {"speed": {"a": 0.78}}

    @given(st.floats(0, 1), st.floats(0.21, 1))
    def test_what_was_measured_holds_the_floors_it_lifted(self, value, before):
        floors = lifted({"speed": {"a": before}}, {"speed": {"a": Measure(value)}})
        assert floors["speed"]["a"] >= before
        assert floors["speed"]["a"] <= max(before, value)

    def test_the_file_that_is_written_is_read_as_the_same_floors(self):
        assert tomllib.loads(as_toml(load_floors())) == load_floors()
        assert as_toml(load_floors()) == FLOORS.read_text(encoding="utf-8")
