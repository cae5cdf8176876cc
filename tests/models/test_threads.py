"""How many threads is measured once; the choice itself needs no model and no clock."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from companion.cache import folder
from companion.models import threads
from companion.models.gguf import GGUFServer
from tests.models.local import smollm2


def taking(seconds: dict[int, float], asked: list[int]) -> threads.Timed:
    def timed(number: int, most: float) -> float | None:
        asked.append(number)
        return seconds[number] if seconds[number] <= most else None

    return timed


@pytest.mark.parametrize(
    ("cores", "tried"), [(1, (1,)), (2, (1, 2)), (3, (1, 3)), (8, (4, 8, 1)), (64, (32, 64, 1))]
)
def test_half_the_cores_all_and_one_are_tried_each_once(cores: int, tried: tuple[int, ...]) -> None:
    assert threads.candidates(cores) == tried


def test_the_fastest_is_taken() -> None:
    assert threads.fastest({1: 3.0, 4: 1.0, 8: 2.0}) == 4


def test_fewer_threads_are_taken_when_more_hardly_help() -> None:
    assert threads.fastest({4: 1.05, 8: 1.0, 1: 4.0}) == 4


def test_each_candidate_is_measured_and_the_fastest_used() -> None:
    asked: list[int] = []
    assert threads.measured(8, taking({4: 2.0, 8: 1.0, 1: 5.0}, asked)) == 8
    assert asked == [4, 8, 1]


def test_a_candidate_slower_than_the_best_is_given_up() -> None:
    assert threads.measured(8, taking({4: 1.0, 8: 1.5, 1: 0.5}, [])) == 1


def test_a_first_job_beyond_all_patience_leaves_half_the_cores() -> None:
    asked: list[int] = []
    never = {4: threads.PATIENCE + 1, 8: 0.1, 1: 0.1}
    assert threads.measured(8, taking(never, asked)) == 4
    assert asked == [4]


def test_cores_are_those_this_process_may_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    limit = tmp_path / "cpu.max"
    assert threads.usable_cores(limit) == 6
    for written, cores in [
        ("max 100000", 6),
        ("200000 100000", 2),
        ("250000 100000", 3),
        ("5000 100000", 1),
        ("nonsense", 6),
    ]:
        limit.write_text(f"{written}\n")
        assert threads.usable_cores(limit) == cores


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """Give how often it was measured, with a cache of its own; the answer is always all cores."""
    times: list[int] = []

    def measured(cores: int, _: threads.Timed) -> int:
        times.append(cores)
        return cores

    monkeypatch.setenv("COMPANION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(threads, "usable_cores", lambda: 4)
    monkeypatch.setattr(threads, "measured", measured)
    return times


def unused(_: int) -> None:
    raise AssertionError("nothing is to be started")


def test_the_answer_is_kept_for_the_next_start(measuring: list[int], tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    assert [threads.threads_for(file, "1", unused, "key") for _ in range(3)] == [4, 4, 4]
    assert len(measuring) == 1


CHANGES: dict[str, Callable[[Path, pytest.MonkeyPatch], object]] = {
    "size": lambda file, _: file.write_bytes(b"GGUF and more"),
    "date": lambda file, _: os.utime(file, (1, 1)),
    "cores": lambda _, monkeypatch: monkeypatch.setattr(threads, "usable_cores", lambda: 8),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_or_computer_is_measured_anew(
    measuring: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    threads.threads_for(file, "1", unused, "key")
    CHANGES[change](file, monkeypatch)
    threads.threads_for(file, "1", unused, "key")
    assert len(measuring) == 2


def test_another_llama_is_measured_anew(measuring: list[int], tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    threads.threads_for(file, "1", unused, "key")
    threads.threads_for(file, "2", unused, "key")
    assert len(measuring) == 2


@pytest.mark.parametrize("written", [b"", b"many", b"\xff", b"999"])
def test_a_spoilt_answer_is_measured_anew(
    measuring: list[int], tmp_path: Path, written: bytes
) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    threads.threads_for(file, "1", unused, "key")
    for kept in folder().glob("threads-*"):
        kept.write_bytes(written)
    assert threads.threads_for(file, "1", unused, "key") == 4
    assert len(measuring) == 2


@pytest.mark.xdist_group("local_model")
def test_a_real_model_is_measured_at_its_first_start_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COMPANION_CACHE", str(tmp_path))
    first = GGUFServer(smollm2(), context=512)
    first.close()
    assert first.threads in threads.candidates(threads.usable_cores())
    assert len(list(tmp_path.glob("threads-*"))) == 1
    monkeypatch.setattr(threads, "measured", unused)
    second = GGUFServer(smollm2(), context=512)
    second.close()
    assert second.threads == first.threads


@pytest.mark.xdist_group("local_model")
def test_threads_that_are_given_are_not_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COMPANION_CACHE", str(tmp_path))
    server = GGUFServer(smollm2(), context=512, threads=1)
    server.close()
    assert server.threads == 1
    assert not list(tmp_path.iterdir())
