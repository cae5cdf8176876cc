"""Training is a function of its rows: the same rows, the same bytes. Seen on a small run."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="training needs the extra `train`")

from threadpoolctl import threadpool_limits

from companion.domain import CrisisLevel
from companion.reader import EmbeddedReader
from companion.reader.heads import load
from training import data, train

HEADS = {"situation", "old_rule", "crisis", "crisis_kind", "shaming"}


def few(rows: list, label, each: int) -> list:
    """Give the first rows of each label, from as many briefs as there are."""
    chosen = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.id.rsplit("-", 1)[-1], row.brief)):
        if len(chosen[label(row)]) < each:
            chosen[label(row)].append(row)
    return [row for rows in chosen.values() for row in rows]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict]:
    small = {
        "messages": few(data.messages(), lambda row: (row.situation, row.old_rule), 12),
        "crises": few(data.crises(), lambda row: (row.level, row.kind), 14),
        "replies": few(data.replies(), lambda row: row.category, 10),
    }
    # Rules that few messages run on would be missing from some folds; eighty rows hold them all.
    assert all(80 <= len(rows) <= 320 for rows in small.values())
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "other")]
    with pytest.MonkeyPatch.context() as patched, threadpool_limits(1):
        for name, rows in small.items():
            patched.setattr(data, name, lambda rows=rows: list(rows))
        patched.setattr(train, "STRENGTHS", (0.001,))
        reports = [train.train(folder) for folder in folders]
    return *folders, reports[0]


def test_two_runs_write_the_same_bytes(trained) -> None:
    one, other, _ = trained
    for name in ("heads.npz", "heads.json"):
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_the_weights_name_their_sha256_and_their_embedder(trained, embedder) -> None:
    folder, _, _ = trained
    about = json.loads((folder / "heads.json").read_text())
    assert about["sha256"] == hashlib.sha256((folder / "heads.npz").read_bytes()).hexdigest()
    assert about["embedder"] == embedder.name
    assert set(about["heads"]) == HEADS


def test_the_reader_reads_with_what_was_trained(trained, embedder) -> None:
    folder, _, _ = trained
    heads = load(folder)
    for head in heads.values():
        assert head.weights.shape[0] == len(head.labels) == len(head.bias)
        assert np.isfinite(head.weights).all()
        assert head.temperature > 0
    assert heads["crisis"].threshold is not None
    reader = EmbeddedReader(embedder, folder)
    assert reader.read("I'm going to kill myself tonight").crisis is CrisisLevel.EMERGENCY
    assert len(reader.judge(["You let this happen.", "It stays out."], "hello")) == 2


def test_scores_are_on_rows_whose_brief_was_not_seen(trained) -> None:
    _, _, reports = trained
    assert set(reports) == HEADS
    for report in reports.values():
        assert report.rows > 0
        assert report.briefs >= train.FOLDS
        assert 0 <= report.macro_f1 <= 1
    assert reports["situation"].accuracy > 0.25, "better than chance, on this little"


def test_missing_a_crisis_is_taken_to_cost_more_than_a_false_alarm() -> None:
    risk = np.linspace(0, 1, 101)
    truth = risk + np.sin(np.arange(101)) * 0.4 > 0.5
    dear = train._threshold(risk, truth, train.Costs(missed=50, false_alarm=1, share=0.05))
    cheap = train._threshold(risk, truth, train.Costs(missed=1, false_alarm=1, share=0.05))
    assert dear < cheap


def test_the_shipped_heads_were_made_by_this_code() -> None:
    for name, head in load().items():
        width = 2304 if name == "shaming" else 1536
        assert head.weights.shape == (len(head.labels), width)
