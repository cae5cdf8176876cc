"""The benchmark's material and its page; the measuring itself is `make bench`."""

import json
from types import SimpleNamespace

from evals.bench import MESSAGES, Run
from evals.bench_reflections import reflections
from evals.bench_report import machine, percentile, write


def test_a_thousand_distinct_reflections():
    kept = reflections()
    assert len(kept) == len({reflection.text for reflection in kept}) == 1000
    assert len({reflection.kind for reflection in kept}) == 3


def test_several_dozen_distinct_messages():
    rows = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    assert len({row["message"] for row in rows}) == len(rows) >= 36
    assert len({row["id"] for row in rows}) == len(rows)


def test_percentiles_are_values_that_occurred():
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert percentile(values, 0.5) == 3.0
    assert percentile(values, 0.95) == 5.0
    assert percentile(list(map(float, range(1, 101))), 0.95) == 95.0
    assert percentile([7.0], 0.5) == 7.0


def test_the_page_is_made_of_what_was_measured(tmp_path):
    run = Run(started=1.25, first_turn=0.5, kept=1000, messages=2, peak_mb=321.4)
    run.steps["turn"] += [0.010, 0.020]
    run.reader = {
        "load": 0.2,
        "read_p50": 0.003,
        "read_p95": 0.007,
        "judge_p50": 0.004,
        "messages_a_second": 243.2,
        "memory_mb": 98.7,
    }
    write(tmp_path / "docs" / "performance.md", run, {"processor": "abacus"})
    page = (tmp_path / "docs" / "performance.md").read_text(encoding="utf-8")
    assert "10.0 | 20.0" in page
    assert "1.25 s" in page
    assert "321 MB" in page
    assert "abacus" in page
    assert "243 messages a second" in page
    assert "7.0 ms" in page
    assert "$" not in page


def test_the_machine_is_described_without_its_name(monkeypatch):
    monkeypatch.setattr("platform.node", SimpleNamespace(__call__=lambda: 1 / 0))
    about = machine(0.5)
    assert about["load when it began"] == "0.5"
    assert all(isinstance(value, str) and value for value in about.values())
