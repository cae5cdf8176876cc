"""The benchmark's material, arithmetic and page; its cheap parts run small. See `make bench`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from companion.embedder import RECENT
from companion.events import Finished
from companion.memory.journal import open_journal
from companion.workflow import Workflow, diagram
from evals.bench import __main__ as command
from evals.bench import engine, recall, report, serving, start, turns
from evals.bench.filling import TOPICS, Seeded, fill
from evals.bench.machine import machine
from evals.bench.pairs import Ratio, alternate, part, percentile, ratio
from evals.bench.reflections import reflections, text
from evals.bench.results import (
    Alone,
    Engine,
    Recall,
    RecallAt,
    Results,
    Sentences,
    Start,
    Turns,
    messages,
)
from evals.bench.steps import Plain, bare_graph

DANGER = "I want to kill myself tonight, I have the pills here"


def made_up() -> Results:
    two = {"ours": [0.004, 0.006], "same": [0.002, 0.002], "plain": [0.001, 0.001]}
    at = RecallAt(100_000, 3.25, 87.3, warm=two, opened=two, kept=two, after=two)
    return Results(
        turns=Turns(
            started=1.25,
            first_turn=0.5,
            kept=1000,
            index_in_use=True,
            messages=2,
            rounds=2,
            crises=0,
            peak_mb=321.4,
            steps={"turn": [0.010, 0.020]},
        ),
        reader=Alone(0.2, 0.003, 0.007, 0.004, 243.2, 98.7),
        engine=Engine({"turn": [0.060, 0.080], "plain": [0.050, 0.050], "graph": [0.005, 0.005]}),
        recall=Recall([at], embedding=0.0021),
        sentence=Sentences({"ours": [0.7], "bare": [0.64]}, total={"ours": [1.02], "bare": [0.96]}),
        start=Start(
            "",
            "148.0",
            {"companion": [6.0], "hello": [2.0]},
            {"companion": [450.0], "hello": [60.0]},
            {"companion": [480.0], "hello": [64.0]},
        ),
    )


def test_a_hundred_thousand_texts_are_distinct():
    assert len({text(number) for number in range(100_000)}) == 100_000


def test_reflections_are_of_every_kind_and_have_ids_of_their_own():
    kept = reflections(1_200)
    assert len({reflection.id for reflection in kept}) == 1_200
    assert len({reflection.kind for reflection in kept}) == 3
    assert kept == sorted(kept, key=lambda reflection: reflection.kept_at)


def test_several_dozen_distinct_messages():
    assert len(set(messages())) == len(messages()) >= 36


def test_percentiles_are_values_that_occurred():
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert percentile(values, 0.5) == 3.0
    assert percentile(values, 0.95) == 5.0
    assert percentile(list(map(float, range(1, 101))), 0.95) == 95.0
    assert percentile([7.0], 0.5) == 7.0


def test_every_item_is_measured_in_both_orders():
    asked: list[str] = []

    def side(name: str) -> Callable[[str], float]:
        return lambda item: float(not asked.append(f"{name} {item}"))

    alternate({"a": side("a"), "b": side("b")}, ["1", "2", "3"], rounds=2)
    first, second = asked[:6], asked[6:]
    assert first == ["a 1", "b 1", "b 2", "a 2", "a 3", "b 3"]
    assert second == ["b 1", "a 1", "a 2", "b 2", "b 3", "a 3"]


def test_an_item_that_one_side_cannot_measure_is_left_out_of_all():
    sides = {"a": lambda item: item, "b": lambda item: None if item == 2.0 else 10 * item}
    assert alternate(sides, [1.0, 2.0, 3.0]) == {"a": [1.0, 3.0], "b": [10.0, 30.0]}


def test_a_machine_that_slows_down_for_a_while_does_not_move_a_ratio():
    ours, bare = [2.0, 2.0, 200.0, 2.0], [1.0, 1.0, 100.0, 1.0]
    assert ratio(ours, bare) == Ratio(2.0, 2.0, 2.0)


def test_the_interval_holds_the_median_and_is_wider_where_pairs_differ_more():
    steady = ratio([1.1, 1.2, 1.3, 1.2, 1.1], [1.0] * 5)
    wild = ratio([0.5, 1.2, 3.0, 1.2, 0.8], [1.0] * 5)
    assert steady.low <= steady.middle <= steady.high
    assert steady.middle == wild.middle == 1.2
    assert wild.high - wild.low > steady.high - steady.low


def test_pairs_of_unequal_number_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        ratio([1.0, 2.0], [1.0])


def test_a_ratio_is_said_with_its_interval():
    assert str(Ratio(1.0213, 0.999, 1.04)) == "1.02 (1.00 to 1.04)"
    assert str(Ratio(36.4, 9.94, 1234.5)) == "36 (9.94 to 1,234)"


def test_values_measured_together_are_taken_apart():
    assert part({"a": [(1.0, 2.0), (3.0, 4.0)]}, 1) == {"a": [2.0, 4.0]}


def test_the_page_is_made_of_what_was_measured():
    page = report.page(made_up(), {"processor": "abacus"})
    assert "10.0 | 20.0" in page
    assert "1.25 s" in page
    assert "321 MB" in page
    assert "abacus" in page
    assert "243 messages a second" in page
    assert "7.0 ms" in page
    assert "1.40 (1.20 to 1.60)" in page
    assert "2.50 (2.00 to 3.00)" in page
    assert "5.00 (4.00 to 6.00)" in page
    assert "87.3 s" in page
    assert "1.09 (1.09 to 1.09)" in page
    assert "3.00 (3.00 to 3.00)" in page
    assert "Chromium 148.0" in page
    assert "$" not in page


def test_without_a_browser_the_page_says_that_starting_was_not_measured():
    without = Start("no Chromium", "", {}, {}, {})
    page = report.page(replace(made_up(), start=without), {"processor": "abacus"})
    assert "not measured: no Chromium" in page
    assert "hello.py" not in page


def test_a_browser_that_cannot_be_started_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("playwright")
    monkeypatch.setattr("shutil.which", lambda name: str(tmp_path / "nothing"))
    assert start.measure(tmp_path, quick=True).missing == "no Chromium"


def test_the_page_is_written_only_of_turns_with_all_reflections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(report, "DOCUMENT", tmp_path / "performance.md")
    results = made_up()
    assert command.write(replace(results, turns=replace(results.turns, kept=25)), 0.5) == 1
    assert command.write(replace(results, turns=replace(results.turns, index_in_use=False)), 0) == 1
    assert not report.DOCUMENT.exists()
    assert "Nothing was written: 25 kept" in capsys.readouterr().out
    assert command.write(results, 0.5) == 0
    assert report.DOCUMENT.read_text("utf-8").startswith("# Performance\n")


def test_a_quick_run_prints_and_leaves_the_page_alone(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(command, "PARTS", {"reader": Alone})
    before = report.DOCUMENT.stat()
    assert command.run([], quick=True) == 0
    assert "messages a second" in capfd.readouterr().out
    assert report.DOCUMENT.stat().st_mtime_ns == before.st_mtime_ns


def test_a_part_that_fails_is_named_and_nothing_is_printed_of_the_rest(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(command, "PARTS", {"nothing": Alone})
    assert command.run([], quick=True) == 1
    assert "Nothing was written: nothing could not be measured." in capfd.readouterr().out


def test_a_part_that_there_is_not_is_refused_in_one_sentence(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        command.main(["rcall"])
    assert "there is no rcall; the parts are turns, reader, engine" in capsys.readouterr().err


def test_the_plain_steps_tell_what_the_graph_tells(in_memory: Any):
    def told(workflow: Callable[[Any], Any]) -> list[Any]:
        fresh = in_memory.alone(lambda: datetime(2026, 3, 9, 20, tzinfo=UTC))
        one = replace(fresh, workflow=workflow(fresh.workflow))
        person = one.journal.person().id
        talk = one.journal.start_conversation(person, datetime(2026, 3, 9, 20, tzinfo=UTC))
        said = [*messages()[::12], "thanks, that helped", "où est la gare, s'il vous plaît", DANGER]
        events = [
            event for text in [*said, "no, I am safe"] for event in one.reply(person, talk, text)
        ]
        return [
            replace(event, seconds={}) if isinstance(event, Finished) else event for event in events
        ]

    plain = told(lambda workflow: Workflow(workflow.use, Plain()))
    assert plain == told(lambda workflow: workflow)
    assert len(plain) > 30


def test_the_bare_graph_has_the_nodes_and_edges_of_ours():
    assert bare_graph().get_graph().draw_mermaid() == diagram()


def test_seeded_vectors_are_of_length_one_and_gather_around_topics():
    vectors = Seeded().embed([text(number) for number in range(4 * TOPICS)])
    cosines = vectors @ vectors.T
    assert np.allclose(np.diag(cosines), 1.0, atol=1e-5)
    assert np.array_equal(vectors[3], Seeded().embed([text(3)])[0])
    near = np.sort(cosines - np.eye(len(cosines)))[:, -1]
    assert np.median(near) > 0.4 > 0.2 > np.median(cosines)


def test_a_memory_filled_at_once_is_what_keeping_would_have_made(tmp_path: Path):
    kept = reflections(30)
    person = fill(tmp_path / "data", tmp_path / "keys", kept)
    journal = open_journal(tmp_path / "data", tmp_path / "keys")
    assert journal.person().id == person
    assert journal.reflections(person) == tuple(kept)
    assert journal.revision(person)
    journal.close()


def test_the_memory_of_a_process_has_that_of_all_below_it():
    listed = "  1 0 900\n 10 1 100\n 11 10 20\n 12 11 3\n 13 1 5000\n"
    assert serving.resident(listed, 10) == 123
    assert serving.resident(listed, 99) == 0


def test_a_server_that_does_not_come_up_says_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(serving, "HELLO", tmp_path / "nothing.py")
    said = pytest.raises(RuntimeError, match=r"(?s)The hello page did not come up.*nothing\.py")
    with said, serving.serving("hello", tmp_path / "home"):
        pass


def test_the_encoder_holds_what_was_said_and_not_what_comes(embedder: Any):
    said = [f"said before {number}" for number in range(3)]
    embedder.embed(["new to it"])
    turns.know_only(said)
    assert len(embedder._recent) == RECENT
    before = list(embedder._recent)
    embedder.embed(said)
    assert set(embedder._recent) == set(before)
    embedder.embed(["new to it"])
    assert set(embedder._recent) != set(before)


def test_recall_is_measured_on_both_sides_in_pairs(tmp_path: Path):
    at = recall.at(tmp_path, 40, quick=True)
    assert {len(times) for times in at.warm.values()} == {6}
    assert set(at.warm) == {"ours", "same", "plain"}
    for sides in (at.opened, at.kept, at.after):
        assert {name: len(times) for name, times in sides.items()} == {"ours": 2, "same": 2}
    assert all(seconds > 0 for times in at.warm.values() for seconds in times)


def test_the_turn_is_measured_beside_its_steps_and_the_graph(tmp_path: Path):
    turns.settle(tmp_path, quick=True)
    sides = engine.measure(tmp_path, quick=True).sides
    assert {name: len(times) for name, times in sides.items()} == {
        "turn": 4,
        "plain": 4,
        "graph": 4,
    }


def test_the_machine_is_described_without_its_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("platform.node", SimpleNamespace(__call__=lambda: 1 / 0))
    about = machine(0.5)
    assert about["load when it began"] == "0.5"
    assert all(isinstance(value, str) and value for value in about.values())
