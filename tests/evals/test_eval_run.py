"""The command: the real guard passes its floors, a broken one turns the suite red."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("inspect_ai")

from evals import run as command
from evals.gate import held, load_floors
from evals.inspecting import SUITES, evaluate
from evals.shaming.task import suite

pytestmark = pytest.mark.xdist_group("inspect")
PASSES = {"shames": False, "category": None}
WITHHOLDS = {"shames": True, "category": "contempt"}


def failed(result):
    return {check.name for check in held(result, load_floors()) if not check.passed}


def test_a_guard_that_passes_everything_fails():
    result = evaluate(suite(lambda row: PASSES))
    assert result.status == "success"
    # Nothing was withheld, so precision is NaN: that must fail too.
    assert failed(result) == {"recall", "precision", "pair_accuracy", "macro_f1"}


def test_a_guard_that_withholds_everything_fails():
    assert failed(evaluate(suite(lambda row: WITHHOLDS))) == {
        "precision",
        "left_alone",
        "pair_accuracy",
        "macro_f1",
    }


def test_a_guard_that_crashes_on_one_case_fails():
    def check(row):
        if "jobsworth" in row["reply"]:
            raise RuntimeError("the reader is gone")
        return PASSES

    result = evaluate(suite(check))
    assert result.status == "error"
    assert {"status", "cases"} <= failed(result)


def test_a_guard_that_is_right_everywhere_passes():
    task = suite(lambda row: PASSES)
    right = {sample.input: sample.target for sample in task.dataset}
    answers = {text: None if target == "none" else target for text, target in right.items()}
    result = evaluate(suite(lambda row: {"category": answers[row["reply"]]}))
    assert failed(result) == set()
    assert result.misjudged == ()


@pytest.fixture
def always_right(monkeypatch):
    task = suite(lambda row: PASSES)
    answers = {sample.input: sample.target for sample in task.dataset}

    def check(row):
        return {"category": None if answers[row["reply"]] == "none" else answers[row["reply"]]}

    monkeypatch.setitem(SUITES, "shaming", lambda: suite(check))


def test_the_exit_code_is_0_when_the_floors_hold(always_right, capsys):
    assert command.run([]) == 0
    assert "7 passed, 0 failed" in capsys.readouterr().out


def test_the_exit_code_is_1_when_they_do_not(monkeypatch, capsys):
    monkeypatch.setitem(SUITES, "shaming", lambda: suite(lambda row: PASSES))
    assert command.run(["--suite", "shaming"]) == 1
    assert "3 passed, 4 failed" in capsys.readouterr().out


def test_a_part_says_that_no_floor_was_held(always_right, capsys):
    assert command.run(["--limit", "8"]) == 0
    said = capsys.readouterr().out
    assert "8 cases" in said
    assert "no floor was held" in said


def test_out_holds_the_scorecard_and_the_log(always_right, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command.run(["--limit", "8", "--out", "card"]) == 0
    assert "# Scorecard" in (tmp_path / "card" / "scorecard.md").read_text(encoding="utf-8")
    assert len(list((tmp_path / "card").glob("*.eval"))) == 1


def test_no_env_file_is_read_and_nothing_is_left(always_right, tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("INSPECT_LOG_DIR=stray\nSTRAY=1\nINSPECT_EVAL_MODEL=openai/x\n")
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    monkeypatch.setenv("INSPECT_LOG_LEVEL", "nonsense")
    before = dict(os.environ)
    assert command.run(["--limit", "4"]) == 0
    assert dict(os.environ) == before
    assert list(below.iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if path != below] == [".env"]


def test_an_unknown_suite_is_said(capsys):
    assert command.run(["--suite", "kindness"]) == 2
    assert "there are: shaming" in capsys.readouterr().err


@pytest.mark.parametrize("limit", ["0", "-3", "many"])
def test_a_limit_that_is_none(limit):
    with pytest.raises(SystemExit) as ended:
        command.run(["--limit", limit])
    assert ended.value.code == 2


def test_without_the_extra_one_sentence_and_2(tmp_path):
    (tmp_path / "hide.py").write_text(
        "import importlib.util as u, sys\n"
        "found = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'inspect_ai' else found(name, *a)\n"
        "from evals.run import run\n"
        "sys.exit(run([]))\n"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, tmp_path / "hide.py"],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "extra `evals`" in ended.stderr


def test_the_shipped_guard_holds_its_floors(capsys):
    assert command.run([]) == 0, capsys.readouterr().out
