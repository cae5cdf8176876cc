"""Sheets for people, and their labels: what is drawn, what is hidden, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.judging.__main__ import main
from evals.judging.judge import Judged
from evals.judging.labels import read_labels
from evals.judging.points import Point
from evals.judging.sheets import import_sheet, sheet, write_sheet
from evals.judging.written import judged_line, read_judged
from evals.results import as_json
from tests.evals.test_judging_points import POINTS, RUN

LABEL = {"suite": "s", "case": "c", "point": "about", "of": "ab12", "reader": "anna"} | {
    "answer": True
}


def written(path: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def filled(path: Path, **answers: object) -> Path:
    """Fill in a sheet: true everywhere, but for the line numbers given as `line_2=…`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for number, row in enumerate(rows, 1):
        row["answer"] = answers.get(f"line_{number}", True)
    return written(path, *rows)


def many(suite: str, count: int) -> list[Point]:
    return [Point(suite, f"c{n}", "about", "?", "shown", f"reply {n}", True) for n in range(count)]


class TestLabels:
    def test_several_readers_may_answer_a_point(self, tmp_path):
        path = written(tmp_path / "l.jsonl", LABEL, "", {**LABEL, "reader": "ben"})
        assert [label.reader for label in read_labels(path)] == ["anna", "ben"]

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            ("not json", "it is not a JSON object"),
            ("[1]", "it is not a JSON object"),
            ({**LABEL, "case": ""}, "“case” is missing"),
            ({**LABEL, "case": 7}, "“case” is missing, or is not a text"),
            ({name: LABEL[name] for name in LABEL if name != "of"}, "“of” is missing"),
            ({**LABEL, "reader": None}, "“reader” is missing"),
            ({**LABEL, "answer": "yes"}, "“answer” is neither true nor false"),
            ({**LABEL, "answer": 1}, "“answer” is neither true nor false"),
            (LABEL, "anna has answered this already, in line 1"),
        ],
    )
    def test_a_bad_line_is_named_with_what_is_wrong(self, tmp_path, line, problem):
        path = written(tmp_path / "l.jsonl", LABEL, line)
        with pytest.raises(ValueError) as caught:
            read_labels(path)
        assert str(caught.value).startswith(f"{path}, line 2: {problem}")

    def test_every_bad_line_is_named(self, tmp_path):
        path = written(tmp_path / "l.jsonl", "{}", LABEL, "x")
        with pytest.raises(ValueError) as caught:
            read_labels(path)
        assert len(str(caught.value).splitlines()) == 2

    def test_a_file_that_is_not_there_is_said(self, tmp_path):
        with pytest.raises(ValueError, match="cannot be read"):
            read_labels(tmp_path / "none.jsonl")


class TestSheets:
    def test_the_same_seed_draws_the_same_sheet_and_another_another(self):
        asked = many("respond", 40) + many("conduct", 40)
        assert sheet(asked, 20) == sheet(asked[::-1], 20)
        assert sheet(asked, 20, seed=1) != sheet(asked, 20, seed=2)

    def test_suites_are_balanced_and_a_small_one_is_made_up_for(self):
        asked = many("respond", 100) + many("conduct", 100) + many("grounding", 4)
        drawn = [point.suite for point in sheet(asked, 24)]
        assert [drawn.count(name) for name in ("grounding", "respond", "conduct")] == [4, 10, 10]

    def test_no_point_is_drawn_twice_and_no_more_than_there_are(self):
        drawn = sheet(POINTS, 1000)
        assert sorted(map(repr, drawn)) == sorted(map(repr, POINTS))

    def test_a_sheet_hides_what_the_judge_said_and_which_answer_is_good(self, tmp_path):
        write_sheet(POINTS, tmp_path / "sheet.jsonl")
        for line in (tmp_path / "sheet.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            names = {"suite", "case", "point", "of", "shown", "reply", "question", "answer"}
            assert set(row) == names
            assert row["answer"] is None


class TestImporting:
    @pytest.fixture
    def path(self, tmp_path) -> Path:
        write_sheet(POINTS[:5], tmp_path / "sheet.jsonl")
        return tmp_path / "sheet.jsonl"

    def test_a_filled_in_sheet_becomes_labels(self, path, tmp_path):
        into = tmp_path / "labels.jsonl"
        assert import_sheet(filled(path, line_2=False), "anna", into) == 5
        assert import_sheet(path, "ben", into) == 5
        labels = read_labels(into)
        assert [label.answer for label in labels[:5]] == [True, False, True, True, True]
        assert [label.of for label in labels[:5]] == [point.of for point in POINTS[:5]]
        assert {label.reader for label in labels} == {"anna", "ben"}

    @pytest.mark.parametrize("answer", [None, "true", 0])
    def test_a_half_filled_sheet_is_refused_at_its_first_line(self, path, tmp_path, answer):
        into = tmp_path / "labels.jsonl"
        with pytest.raises(ValueError, match=r"sheet\.jsonl, line 3: “answer” is neither"):
            import_sheet(filled(path, line_3=answer, line_4=answer), "anna", into)
        assert not into.exists()

    def test_a_sheet_is_not_imported_twice(self, path, tmp_path):
        into = tmp_path / "labels.jsonl"
        import_sheet(filled(path), "anna", into)
        before = into.read_bytes()
        with pytest.raises(ValueError, match="line 1: anna has answered this already"):
            import_sheet(path, "anna", into)
        assert into.read_bytes() == before

    def test_labels_that_end_in_the_middle_of_a_line_are_not_run_into(self, path, tmp_path):
        into = tmp_path / "labels.jsonl"
        into.write_text(json.dumps(LABEL), encoding="utf-8")
        import_sheet(filled(path), "anna", into)
        assert len(read_labels(into)) == 6

    def test_a_nameless_reader_and_an_empty_sheet_are_refused(self, path, tmp_path):
        with pytest.raises(ValueError, match="--reader"):
            import_sheet(filled(path), " ", tmp_path / "labels.jsonl")
        with pytest.raises(ValueError, match="holds no lines"):
            import_sheet(written(path), "anna", tmp_path / "labels.jsonl")


def test_what_a_judge_wrote_is_read_back_whatever_line_ends_it_holds(tmp_path):
    odd = Point("respond", "c", "about", "?", "a\u2028b", "c\x85d\ne", True)
    (tmp_path / "judged.jsonl").write_text(
        judged_line(Judged(odd, None, "", "m")), encoding="utf-8", newline=""
    )
    assert read_judged(tmp_path) == (Judged(odd, None, "", "m"),)


def test_a_file_no_judge_wrote_is_said(tmp_path):
    with pytest.raises(ValueError, match=r"line 1: this is not what a judge wrote"):
        read_judged(written(tmp_path / "x.jsonl", LABEL))


class TestTheCommand:
    @pytest.fixture
    def run(self, tmp_path) -> Path:
        kept = {"about": {}, "suites": [as_json(result) for result in RUN]}
        (tmp_path / "run.json").write_text(json.dumps(kept), encoding="utf-8")
        return tmp_path

    def test_a_run_becomes_a_sheet_labels_and_an_agreement(self, run, capsys):
        asked, labels = run / "sheet.jsonl", run / "labels.jsonl"
        (run / "judged.jsonl").write_text(
            "".join(judged_line(Judged(point, point.good, "", "m")) for point in POINTS),
            encoding="utf-8",
        )
        assert main(["sheet", str(run), "--count", "8", "--out", str(asked)]) == 0
        filled(asked)
        assert main(["import", str(asked), "--reader", "anna", "--into", str(labels)]) == 0
        assert "8 labels of anna" in capsys.readouterr().out
        assert main(["agreement", str(run), str(labels)]) == 0
        assert "people labelled 8 of its points" in capsys.readouterr().out

    def test_a_sheet_that_is_there_is_not_written_over(self, run, capsys):
        (run / "sheet.jsonl").touch()
        assert main(["sheet", str(run), "--out", str(run / "sheet.jsonl")]) == 2
        assert "is there already" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "argv",
        [
            ["sheet", "nowhere", "--out", "s.jsonl"],
            ["sheet", "nowhere", "--count", "0", "--out", "s.jsonl"],
            ["import", "nowhere.jsonl", "--reader", "a", "--into", "l.jsonl"],
            ["agreement", "nowhere.jsonl", "l.jsonl"],
        ],
    )
    def test_what_cannot_be_done_is_said_in_a_sentence(self, argv, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        assert main(argv) == 2
        said = capsys.readouterr().err
        assert said.strip().endswith(".")
        assert list(tmp_path.iterdir()) == []
