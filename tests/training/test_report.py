"""The figures that documents show: known answers, and what each must not forgive."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from training import agreement, data, report
from training.measure import Measured, Misread


def test_what_is_found_what_is_missed_and_what_is_left_alone() -> None:
    one = report.found([True, True, True, False, False], [True, True, False, True, False])
    assert one.recall == pytest.approx(2 / 3)
    assert one.precision == pytest.approx(2 / 3)
    assert one.specificity == pytest.approx(1 / 2)
    assert one.f1 == pytest.approx(2 / 3)


def test_a_label_that_is_never_named_counts_as_nothing_in_the_mean() -> None:
    truth, said = ["a", "a", "a", "b"], ["a", "a", "a", "a"]
    assert report.macro_f1(truth, said, ["a", "b"]) == pytest.approx((6 / 7) / 2)


def test_confidence_that_is_not_deserved_is_an_error() -> None:
    assert report.calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0)
    assert report.calibration_error([0.9] * 10, [False] * 10) == pytest.approx(0.9)
    assert report.calibration_error([1.0], [True]) == 0


def test_a_confusion_table_counts_every_row() -> None:
    table = report.confusion(["a", "a", "b"], ["a", "b", "b"], ["a", "b"])
    assert "| a | 1 | 1 |" in table
    assert "| b | 0 | 1 |" in table


def test_the_surest_mistake_is_shown_first_and_on_one_line() -> None:
    wrong = (
        Misread("a\nb | c", "x", "y", 0.6),
        Misread("d", "x", "y", 0.9),
    )
    shown = report.misread([Measured({}, {}, wrong)]).splitlines()
    assert shown[2].endswith("| 0.90 | d |")
    assert shown[3].endswith("| 0.60 | a b / c |")


def test_chance_agreement_is_taken_off() -> None:
    assert agreement.kappa([("a", "a"), ("b", "b")]) == 1
    assert agreement.kappa([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]) == pytest.approx(0)


def test_a_second_reading_is_of_rows_that_exist_and_of_a_quarter_at_least() -> None:
    lines = agreement.READING.read_text(encoding="utf-8").splitlines()
    read = {json.loads(line)["id"] for line in lines}
    for folder, least in ((data.DATA, 0.25), (data.TEST, 1.0)):
        for rows in (table(folder) for table in data.TABLES.values()):
            assert len(read & {row.id for row in rows}) >= least * len(rows)
    everything = {
        row.id for f in (data.DATA, data.TEST) for table in data.TABLES.values() for row in table(f)
    }
    assert read <= everything


def test_a_table_replaces_the_one_before_it(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("above\n<!-- a -->\nold\n<!-- b -->\nbelow\n", encoding="utf-8")
    report.write_between(page, "<!-- a -->", "<!-- b -->", "new")
    text = page.read_text(encoding="utf-8")
    assert "old" not in text
    assert text.startswith("above\n<!-- a -->\n\nnew\n\n<!-- b -->")
    assert text.endswith("below\n")


ROOT = data.DATA.parents[1]
WRITTEN = re.compile(r"<!-- (\w+): written by .*? -->\n(.*?)<!-- end of (\w+) -->", re.DOTALL)


def test_every_part_that_a_command_writes_is_in_a_document_and_filled() -> None:
    pages = [*(ROOT / "docs").glob("*.md"), data.DATA / "README.md"]
    parts = [part for page in pages for part in WRITTEN.findall(page.read_text(encoding="utf-8"))]
    filled = {name for name, table, end in parts if name == end and "|" in table}
    named = set()
    for path in (ROOT / "training").glob("*.py"):
        named |= set(re.findall(r"<!-- (\w+): written by", path.read_text(encoding="utf-8")))
    assert named <= filled, named - filled
