"""The command: a whole run passes, a broken one turns red, bad use is one sentence and a 2."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("inspect_ai")

from evals import run as command
from evals import suites
from evals.gate import held, load_floors
from evals.inspecting import evaluate
from evals.metrics import share
from evals.playing import play
from evals.progress import Progress
from evals.results import Case, Suite
from evals.shaming.task import suite as shaming
from tests.models.server import says, serving

pytestmark = pytest.mark.xdist_group("inspect")
ROOT = Path(__file__).parents[2]
PASSES = {"shames": False, "category": None}
WITHHOLDS = {"shames": True, "category": "contempt"}
ROWS = shaming(lambda row: PASSES).rows


def passing(row):
    return PASSES


def withholding(row):
    return WITHHOLDS


def right(row):
    """What a guard that is always right would say of a row, which is found by its reply."""
    return {"category": next(one["category"] for one in ROWS if one["reply"] == row["reply"])}


def failed(result):
    return {check.name for check in held(result, load_floors()) if check.passed is False}


class TestSuites:
    def test_a_guard_that_passes_everything_fails(self):
        result = evaluate(shaming(passing))
        assert result.status == "success"
        # Nothing was withheld, so precision is NaN: that must fail too.
        assert failed(result) == {"recall", "precision", "pair_accuracy", "macro_f1"}

    def test_a_guard_that_withholds_everything_fails(self):
        assert failed(evaluate(shaming(withholding))) == {
            "precision",
            "left_alone",
            "pair_accuracy",
            "macro_f1",
        }

    def test_a_guard_that_crashes_on_one_case_fails(self):
        def check(row):
            if "jobsworth" in row["reply"]:
                raise RuntimeError("the reader is gone")
            return PASSES

        result = evaluate(shaming(check))
        assert result.status == "error"
        assert {"status", "cases"} <= failed(result)

    def test_a_guard_that_is_right_everywhere_passes(self):
        result = evaluate(shaming(right))
        assert failed(result) == set()
        assert [case for case in result.cases if not case.right] == []

    def test_what_inspect_kept_of_a_case_is_what_was_judged(self):
        suite = shaming(right)
        plain = [suite.score(row, suite.answer(row)) for row in suite.rows[:5]]
        assert list(evaluate(suite, limit=5).cases) == plain

    def test_each_case_ticks_once(self):
        ticks = []
        evaluate(shaming(passing), limit=7, tick=lambda: ticks.append(1))
        assert len(ticks) == 7

    def test_an_interval_that_a_suite_does_not_know_is_found(self):
        assert evaluate(shaming(right), limit=30).measures["macro_f1"].low is not None


def small(answer, name="speed"):
    """A suite of four cases; `answer` takes a row and gives whether it is answered."""
    return Suite(
        name,
        "Is it answered?",
        [{"id": f"c{place}", "message": f"Hello, it is number {place}."} for place in range(4)],
        answer,
        lambda row, found: Case(
            row["id"], bool(found), row["message"], "a reply", str(found), {"found": found}
        ),
        lambda cases: {"answered": share(case.right for case in cases)},
    )


@pytest.fixture
def made(monkeypatch):
    """The suites of a run by name: small ones, put in by the test."""
    found = {"speed": lambda companion: small(lambda row: True)}
    monkeypatch.setattr(suites, "making", lambda name: found[name])
    monkeypatch.setattr(command, "SUITES", found)
    return found


@pytest.fixture
def one_sentence(capsys):
    """Runs the command, and gives the one line that it said of bad use."""

    def said(*options):
        assert command.run(list(options)) == 2
        line = capsys.readouterr().err
        assert line.count("\n") == 1
        return line

    return said


class TestExitCodes:
    def test_it_is_0_when_the_floors_hold(self, made, capsys):
        made["shaming"] = lambda companion: shaming(right)
        assert command.run([]) == 0
        # Of each suite that it ended well and was whole, and every floor.
        assert "10 passed, 0 failed" in capsys.readouterr().out

    def test_it_is_1_when_they_do_not(self, made, capsys):
        made["shaming"] = lambda companion: shaming(passing)
        assert command.run(["--suite", "shaming"]) == 1
        assert "3 passed, 4 failed" in capsys.readouterr().out

    def test_a_crash_in_one_case_is_1_and_the_other_suites_still_run(self, made, capsys):
        def crashing(row):
            if row["id"] == "c2":
                raise RuntimeError("the reader is gone")
            return True

        made.clear()
        made["shaming"] = lambda companion: small(crashing, "shaming")
        made["speed"] = lambda companion: small(lambda row: True)
        assert command.run([]) == 1
        said = capsys.readouterr().out
        assert "the reader is gone" in said
        assert "speed: 4 of 4 cases" in said
        assert "2 of 4" in said

    def test_a_crash_in_the_scoring_is_1_too(self, made):
        def scoring(row, found):
            raise ZeroDivisionError

        crashing = small(lambda row: True)
        made["speed"] = lambda companion: Suite(
            *(getattr(crashing, name) for name in ("name", "asks", "rows", "answer")),
            scoring,
            crashing.measures,
        )
        assert command.run([]) == 1

    def test_a_suite_without_floors_is_1(self, made):
        made["kindness"] = lambda companion: small(lambda row: True, "kindness")
        assert command.run(["--suite", "kindness"]) == 1


class TestBadUse:
    def test_an_unknown_suite(self, one_sentence):
        said = one_sentence("--suite", "shaming", "--suite", "kindness")
        assert "No suite 'kindness'" in said
        assert all(name in said for name in (*suites.SUITES, "mine"))

    @pytest.mark.parametrize("limit", ["0", "-3", "many", "1.5", ""])
    def test_a_limit_that_is_none(self, limit):
        with pytest.raises(SystemExit) as ended:
            command.run(["--limit", limit])
        assert ended.value.code == 2

    @pytest.mark.parametrize(
        ("voice", "says"),
        [
            ("nobody", "There is no voice “nobody”"),
            ("nowhere.gguf", "There is no model file"),
            ("ftp://127.0.0.1#m", "is not ADDRESS#MODEL"),
            ("http://127.0.0.1:9/v1", "is not ADDRESS#MODEL"),
        ],
    )
    def test_a_voice_that_does_not_exist(self, voice, says, one_sentence):
        assert says in one_sentence("--model", voice, "--suite", "speed", "--limit", "1")

    @pytest.mark.parametrize("option", ["--out", "--html", "--judge"])
    def test_a_persons_own_words_are_not_written_out_or_judged(
        self, option, one_sentence, tmp_path
    ):
        said = one_sentence("--suite", "mine", option, str(tmp_path / "x"))
        assert "your own words" in said
        assert list(tmp_path.iterdir()) == []

    def test_a_page_where_a_folder_stands(self, made, one_sentence, tmp_path):
        assert "is a folder" in one_sentence("--html", str(tmp_path))

    @pytest.mark.parametrize("option", ["--out", "--html"])
    def test_a_place_below_a_file(self, option, made, one_sentence, tmp_path):
        (tmp_path / "file").touch()
        said = one_sentence(option, str(tmp_path / "file" / "x" / "y"))
        assert "Nothing can be written to" in said

    def test_without_the_extra(self, tmp_path):
        (tmp_path / "hide.py").write_text(
            "import importlib.util as u, sys\n"
            "found = u.find_spec\n"
            "u.find_spec = lambda name, *a: None if name == 'inspect_ai' else found(name, *a)\n"
            "from evals.run import run\n"
            "sys.exit(run([]))\n"
        )
        ended = subprocess.run(
            [sys.executable, tmp_path / "hide.py"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 2
        assert ended.stderr.count("\n") == 1
        assert "extra `evals`" in ended.stderr


class TestParts:
    def test_it_says_that_no_floor_was_held(self, made, capsys):
        made["shaming"] = lambda companion: shaming(passing)
        assert command.run(["--suite", "shaming", "--limit", "8"]) == 0
        said = capsys.readouterr().out
        assert "shaming: 8 of 8 cases" in said
        assert "a part only: no floor was held" in said

    def test_a_limit_above_the_cases_is_all_of_them(self, made, capsys):
        assert command.run(["--limit", "99"]) == 0
        assert "4 of 4 cases" in capsys.readouterr().out

    def test_a_part_with_a_crash_is_still_1(self, made):
        def crashing(row):
            raise RuntimeError

        made["speed"] = lambda companion: small(crashing)
        assert command.run(["--limit", "2"]) == 1


class TestVoices:
    @staticmethod
    def of(companion):
        return small(lambda row: next(play(companion, [row["message"]])).trace["voice"])

    def test_the_voice_that_is_named_speaks_and_holds_no_floor(
        self, made, capsys, tmp_path, monkeypatch
    ):
        made["speed"] = lambda companion: small(lambda row: False)
        made["shaming"] = lambda companion: small(self.of(companion).answer, "shaming")
        monkeypatch.setenv("COMPANION_MODEL_READS", "no")
        with serving(says("That was kind of you to say.")) as (address, log):
            voice = f"{address}#m"
            assert command.run(["--model", voice, "--out", str(tmp_path)]) == 0
        said = capsys.readouterr().out
        assert f"not held for {voice}" in said
        kept = json.loads((tmp_path / "run.json").read_text("utf-8"))
        assert kept["about"]["voice"] == voice
        (spoke,) = [one for one in kept["suites"] if one["name"] == "shaming"]
        assert {case["got"] for case in spoke["cases"]} == {"m"}
        assert log.chats

    def test_without_a_name_the_embedded_voice_speaks_and_the_floors_are_held(self, made, capsys):
        made["speed"] = lambda companion: small(
            lambda row: self.of(companion).answer(row) == "embedded"
        )
        assert command.run([]) == 0
        assert "3 passed, 0 failed\n" in capsys.readouterr().out
        made["speed"] = lambda companion: small(lambda row: False)
        assert command.run([]) == 1


class TestComparing:
    @pytest.fixture
    def kept(self, made, tmp_path, capsys):
        """Two kept runs of four cases: none right, then three."""
        for name, good in (("before", ()), ("after", ("c0", "c1", "c2"))):
            made["speed"] = lambda companion, good=good: small(lambda row: row["id"] in good)
            assert command.run(["--out", str(tmp_path / name)]) == 1
        capsys.readouterr()
        return str(tmp_path / "before"), str(tmp_path / "after")

    def test_two_kept_runs_say_what_was_gained(self, kept, capsys, tmp_path):
        page = tmp_path / "page.html"
        assert command.run(["--compare", *kept, "--html", str(page)]) == 0
        said = capsys.readouterr().out
        assert "+0.750" in said
        assert "3 became right, 0 became wrong" in said
        assert "+0.750" in page.read_text("utf-8")

    def test_a_kept_run_and_a_voice_that_is_run_now(self, kept, made, capsys):
        made["speed"] = lambda companion: small(lambda row: True)
        assert command.run(["--compare", kept[0], "embedded"]) == 0
        assert "4 became right" in capsys.readouterr().out

    def test_a_side_that_is_not_whole_is_1(self, kept, made):
        def crashing(row):
            if row["id"] == "c3":
                raise RuntimeError
            return True

        made["speed"] = lambda companion: small(crashing)
        assert command.run(["--compare", kept[0], "embedded"]) == 1

    def test_what_is_neither_a_run_nor_a_voice(self, kept, one_sentence):
        assert "There is no voice “nothing”" in one_sentence("--compare", kept[0], "nothing")

    def test_a_file_that_is_no_run(self, kept, one_sentence, tmp_path):
        (tmp_path / "other.json").write_text("[]", encoding="utf-8")
        said = one_sentence("--compare", kept[0], str(tmp_path / "other.json"))
        assert "is not a run" in said

    def test_a_folder_without_a_run(self, kept, one_sentence, tmp_path):
        (tmp_path / "empty").mkdir()
        assert "cannot be read" in one_sentence("--compare", kept[0], str(tmp_path / "empty"))

    def test_runs_without_a_suite_in_common(self, kept, one_sentence):
        said = one_sentence("--compare", *kept, "--suite", "mine")
        assert "no suite in common" in said


class TestWriting:
    def test_out_holds_the_scorecard_its_page_the_run_and_the_log(
        self, made, tmp_path, monkeypatch, capsys
    ):
        monkeypatch.chdir(tmp_path)
        assert command.run(["--out", "a/card"]) == 0
        folder = tmp_path / "a" / "card"
        assert "# Scorecard" in (folder / "scorecard.md").read_text("utf-8")
        assert "<!doctype html>" in (folder / "scorecard.html").read_text("utf-8").casefold()
        kept = json.loads((folder / "run.json").read_text("utf-8"))
        assert [case["id"] for case in kept["suites"][0]["cases"]] == ["c0", "c1", "c2", "c3"]
        assert len(list(folder.glob("*.eval"))) == 1
        assert f"Written: {Path('a/card/run.json')}" in capsys.readouterr().out

    def test_html_is_the_page_alone(self, made, tmp_path):
        assert command.run(["--html", str(tmp_path / "below" / "page.html")]) == 0
        assert [path.name for path in tmp_path.rglob("*")] == ["below", "page.html"]
        assert "Is it answered?" in (tmp_path / "below" / "page.html").read_text("utf-8")

    def test_no_env_file_is_read_and_nothing_is_left(self, made, tmp_path, monkeypatch):
        (tmp_path / ".env").write_text(
            "INSPECT_LOG_DIR=stray\nSTRAY=1\nINSPECT_EVAL_MODEL=openai/x\n"
        )
        below = tmp_path / "below"
        below.mkdir()
        monkeypatch.chdir(below)
        monkeypatch.setenv("INSPECT_LOG_LEVEL", "nonsense")
        before = dict(os.environ)
        assert command.run(["--limit", "4"]) == 0
        assert dict(os.environ) == before
        assert list(below.iterdir()) == []
        assert [path.name for path in tmp_path.iterdir() if path != below] == [".env"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


class TestProgress:
    def test_a_line_says_what_was_done_and_how_long_it_took(self, made, capsys):
        command.run([])
        said = capsys.readouterr()
        assert "speed: 4 of 4 cases in " in said.out
        assert said.err == ""

    def test_a_terminal_is_shown_a_bar(self, monkeypatch, capsys):
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        with Progress("speed", 4) as progress:
            progress.tick()
            progress.tick()
        assert "50%" in terminal.getvalue()
        assert "speed: 2 of 4 cases" in capsys.readouterr().out

    def test_the_line_comes_also_when_the_run_breaks(self, capsys):
        def breaking():
            with Progress("speed", 4) as progress:
                progress.tick()
                raise RuntimeError

        with pytest.raises(RuntimeError):
            breaking()
        assert "speed: 1 of 4 cases" in capsys.readouterr().out


def test_the_shipped_guard_holds_its_floors(capsys):
    assert command.run(["--suite", "shaming"]) == 0, capsys.readouterr().out
