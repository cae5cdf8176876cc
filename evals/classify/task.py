"""The classify suite: which situation, which mode, what besides, which old rule; and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from companion.batch import past_of
from companion.core import Companion
from companion.domain import POLICY, Situation
from companion.steps.classify import classify as read_situation
from evals.metrics import (
    Measure,
    Measures,
    Pairs,
    accuracy,
    bins,
    calibration_error,
    confusion,
    macro_f1,
    share,
)
from evals.results import Calibration, Case, Confusion, Figure, Row, Suite
from evals.rows import read_rows

DATA = Path(__file__).parent / "data"
SITUATIONS = [situation.value for situation in Situation]


def classify(companion: Companion) -> Suite:
    """Give the suite around a companion's reader and the step that names the situation."""
    reader = companion.workflow.use.reader

    def answer(row: Row) -> dict[str, Any]:
        history = past_of(dict(row))
        read = reader.read(row["message"], history)
        reading = read_situation(read, message=row["message"], history=history)
        return {
            "situation": reading.situation.value,
            "also": reading.also.value if reading.also else None,
            "old_rule": reading.old_rule.value if reading.old_rule else None,
            "probabilities": {name.value: p for name, p in reading.probabilities.items()},
            "words": [span.of(row["message"]) for span in reading.words],
            "crisis": read.crisis.value,
        }

    return Suite(
        "classify",
        "Is the message read as the situation it is, alone and in mid-conversation?",
        [*read_rows(DATA / "messages.jsonl"), *read_rows(DATA / "threads.jsonl")],
        answer,
        score,
        measures,
        figures,
    )


def score(row: Row, found: dict[str, Any]) -> Case:
    """Right when the situation is; the rest is counted apart."""
    facts = {
        "expected": row["situation"],
        "got": found["situation"],
        "also_expected": row.get("also"),
        "also": found["also"],
        "rule_expected": row.get("old_rule"),
        "rule": found["old_rule"],
        "open": [name for name in ("also", "rule") if row.get(f"{name}_open")],
        "sure": found["probabilities"][found["situation"]],
        "thread": "history" in row,
    }
    before = "".join(f"{item['role']}: {item['text']}\n" for item in row.get("history", ()))
    return Case(
        row["id"],
        row["situation"] == found["situation"],
        f"{before}{row['message']}",
        row["situation"],
        found["situation"],
        facts,
        {"why": row["why"], **found},
    )


def measures(cases: Sequence[Case]) -> Measures:
    facts = [case.facts for case in cases]
    single = [f for f in facts if not f["thread"]]
    threads = [f for f in facts if f["thread"]]
    rules = [(f["rule_expected"], f["rule"]) for f in single if "rule" not in f["open"]]
    # Where two readers did not see the same second situation, none is held against a reading.
    agreed = [f for f in facts if "also" not in f["open"]]
    besides = [f for f in agreed if f["also_expected"]]
    return {
        "macro_f1": macro_f1(situations(single)),
        "accuracy": accuracy(situations(single)),
        "mode": _mode(single),
        "thread_macro_f1": macro_f1(situations(threads)),
        "thread_accuracy": accuracy(situations(threads)),
        "thread_mode": _mode(threads),
        "calibration": Measure(1 - calibration_error(_read(facts))),
        "also": share(f["also"] == f["also_expected"] for f in besides),
        "no_also": share(f["also"] is None for f in agreed if not f["also_expected"]),
        "old_rule_macro_f1": macro_f1(rules, besides=None),
        "no_old_rule": share(got is None for wanted, got in rules if wanted is None),
    }


def situations(facts: Sequence[Row]) -> Pairs:
    return [(f["expected"], f["got"]) for f in facts]


def _mode(facts: Sequence[Row]) -> Measure:
    return share(
        POLICY[Situation(f["expected"])].mode is POLICY[Situation(f["got"])].mode for f in facts
    )


def _read(facts: Sequence[Row]) -> list[tuple[float, bool]]:
    return [(f["sure"], f["expected"] == f["got"]) for f in facts]


def figures(cases: Sequence[Case]) -> Sequence[Figure]:
    facts = [case.facts for case in cases]
    single = situations([f for f in facts if not f["thread"]])
    threads = situations([f for f in facts if f["thread"]])
    return (
        Confusion("Single messages", tuple(SITUATIONS), confusion(single, SITUATIONS)),
        Confusion("In mid-conversation", tuple(SITUATIONS), confusion(threads, SITUATIONS)),
        Calibration("How sure it was, and how often right", bins(_read(facts))),
    )
